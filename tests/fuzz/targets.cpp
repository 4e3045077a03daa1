#include "tests/fuzz/targets.hpp"

#include <algorithm>
#include <pugixml.hpp>
#include <string>
#include <vector>

#include "common/base/assert.hpp"
#include "common/base/clock.hpp"
#include "common/domain/province.hpp"
#include "common/exchange/charset.hpp"
#include "common/exchange/document.hpp"
#include "common/exchange/read_message.hpp"
#include "common/exchange/signature.hpp"
#include "common/exchange/write_message.hpp"
#include "common/runtime/config_loader.hpp"

namespace hotline::fuzz {
namespace {

bool document(std::string_view bytes, v1::Syntax syntax) {
  // The parsers are given UTF-8 only; the charset is looked at before.
  const auto text = exchange::to_utf8(bytes, v1::CHARSET_UTF8);
  if (!text) return false;
  const auto parsed = exchange::parse_document(*text, syntax);
  if (!parsed) return false;
  const std::string once = exchange::format_document(*parsed, syntax, v1::CHARSET_UTF8);
  const auto again = exchange::parse_document(once, syntax);
  HL_ASSERT(again.has_value(), "what is written can be read");
  HL_ASSERT(exchange::format_document(*again, syntax, v1::CHARSET_UTF8) == once,
            "and is what was written");
  return true;
}

/// What the parser itself sees when it does not pass over document types in silence.
bool declares_type(std::string_view xml) {
  pugi::xml_document parsed;
  constexpr unsigned rules = pugi::parse_cdata | pugi::parse_doctype | pugi::parse_fragment;
  const bool read = parsed.load_buffer(xml.data(), xml.size(), rules, pugi::encoding_utf8);
  HL_ASSERT(read, "what is taken can be parsed");
  return parsed.find_node([](const pugi::xml_node& n) { return n.type() == pugi::node_doctype; });
}

/// The partners and what they are compiled against.
struct world {
  v1::HotlineConfig config;
  domain::province land;
};

world make_world() {
  auto config = runtime::load_config(HOTLINE_CONFIG_DIR);
  HL_ASSERT(config.has_value(), "the shipped configuration is right");
  auto land = domain::build_province(*config);
  HL_ASSERT(land.has_value(), "the shipped province is right");
  return {std::move(*config), std::move(*land)};
}

const std::vector<exchange::partner>& shipped_partners() {
  static const world all = make_world();
  static const std::vector<exchange::partner> partners = [] {
    std::vector<exchange::partner> made;
    for (const v1::Partner& one : all.config.partners())
      made.push_back(*exchange::partner::compile(one, all.land));
    return made;
  }();
  return partners;
}

}  // namespace

bool json(std::string_view bytes) { return document(bytes, v1::SYNTAX_JSON); }

bool xml(std::string_view bytes) {
  if (!document(bytes, v1::SYNTAX_XML)) return false;
  HL_ASSERT(!declares_type(bytes), "no document with a DOCTYPE is taken, wherever it hides");
  return true;
}

bool gb18030(std::string_view bytes) {
  const auto text = exchange::to_utf8(bytes, v1::CHARSET_GB18030);
  if (!text) return false;
  HL_ASSERT(exchange::to_utf8(*text, v1::CHARSET_UTF8).has_value(), "what is decoded is UTF-8");
  const auto back = exchange::from_utf8(*text, v1::CHARSET_GB18030);
  if (!back) return true;  // private use
  const auto again = exchange::to_utf8(*back, v1::CHARSET_GB18030);
  HL_ASSERT(again && *again == *text, "what is encoded is the same text");
  return true;
}

bool signature(std::string_view bytes) {
  // Lines of "name: value", a blank line, the body.
  std::vector<exchange::header_pair> headers;
  std::string_view rest = bytes;
  std::string_view peer;
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
    if (line.empty()) break;
    const auto colon = line.find(": ");
    if (colon == line.npos) {
      peer = line;
      continue;
    }
    headers.emplace_back(line.substr(0, colon), line.substr(colon + 2));
  }
  v1::PartnerSignature rules;
  rules.add_keys()->set_id("k1");
  rules.mutable_keys(0)->set_secret_file("one");
  for (const auto scheme : {v1::SIGNATURE_SCHEME_HMAC_SHA256, v1::SIGNATURE_SCHEME_HMAC_SM3,
                            v1::SIGNATURE_SCHEME_LEGACY_SHA1}) {
    rules.set_scheme(scheme);
    const auto done = exchange::verify(
        rules, [](std::string_view) { return "a secret nobody guesses"; },
        {.method = "POST", .target = "/", .body = rest, .headers = headers, .peer_address = peer},
        from_unix_ms(1795406400000));
    HL_ASSERT(!done.has_value(), "nobody signs by chance");
    rules.add_addresses("10.0.0.0/8");
  }
  return false;
}

bool signing(std::string_view bytes) {
  const auto secrets = [](std::string_view) { return std::string("a secret of both sides"); };
  const instant now = from_unix_ms(1795406400000);
  v1::PartnerSignature rules;
  rules.add_keys()->set_id("k1");
  rules.mutable_keys(0)->set_secret_file("one");
  for (const auto scheme : {v1::SIGNATURE_SCHEME_HMAC_SHA256, v1::SIGNATURE_SCHEME_HMAC_SM3}) {
    rules.set_scheme(scheme);
    const auto headers = exchange::sign(rules, secrets, "POST", "/a", bytes, now, "nonce-0001");
    const auto verified = [&](std::string_view body) {
      return exchange::verify(rules, secrets,
                              {.method = "POST",
                               .target = "/a",
                               .body = body,
                               .headers = headers,
                               .peer_address = "10.1.2.3"},
                              now)
          .has_value();
    };
    HL_ASSERT(verified(bytes), "what was signed verifies");
    std::string changed(bytes);
    if (changed.empty()) changed = " ";
    changed[changed.size() / 2] = static_cast<char>(changed[changed.size() / 2] ^ 1);
    HL_ASSERT(!verified(changed), "what was changed does not");
  }
  return true;
}

bool answer(std::string_view bytes) {
  bool taken = false;
  for (const exchange::partner& from : shipped_partners()) {
    const v1::Outbound& rules = from.config().outbound();
    for (const int status : {200, 302, 400, 503}) {
      const auto told = exchange::read_answer(from, status, bytes);
      const bool ok = std::ranges::find(rules.answer_ok(), told.code) != rules.answer_ok().end();
      const bool accepted = told.outcome == exchange::partner_answer::verdict::accepted;
      HL_ASSERT(!accepted || status == 200, "a failure is no success, whatever it says");
      HL_ASSERT(!accepted || ok || rules.answer_code_path().empty(), "success has its code");
      taken = taken || accepted;
    }
    (void)exchange::read_upload_reference(from, bytes);
    (void)exchange::read_page(from, bytes);
    if (!from.config().has_reconciliation()) continue;
    const auto list = exchange::read_list(from, bytes);
    if (!list) continue;
    taken = true;
    for (const auto& one : *list)
      HL_ASSERT(!one.external_no.empty(), "a ticket of a list has a number");
  }
  return taken;
}

bool message(std::string_view bytes) {
  bool taken = false;
  for (const exchange::partner& from : shipped_partners()) {
    (void)exchange::read_answer(from, 200, bytes);
    const auto read = exchange::read_message(from, bytes);
    const auto told = exchange::explain_message(from, bytes);
    HL_ASSERT(read.has_value() == told.has_value(), "explaining is reading");
    if (!read) continue;
    taken = true;
    for (const exchange::read_item& item : *read) {
      const auto again = exchange::read_message(from, item.original);
      HL_ASSERT(again && again->size() == 1, "an item alone is one item");
      HL_ASSERT(again->front().event.has_value() == item.event.has_value(), "the same item");
    }
  }
  return taken;
}

}  // namespace hotline::fuzz
