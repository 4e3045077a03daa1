#include "tests/partner/partner_tongue.hpp"

#include <fmt/core.h>

#include <stdexcept>
#include <utility>

#include "common/exchange/charset.hpp"
#include "common/exchange/document.hpp"
#include "common/exchange/open_document.hpp"
#include "tests/partner/mirror.hpp"

namespace hotline::test {
namespace {

exchange::partner compiled(const v1::Partner& config, const domain::province& land) {
  auto made = exchange::partner::compile(config, land);
  if (made) return std::move(*made);
  std::string reasons;
  for (const auto& mistake : made.error())
    reasons += fmt::format("\n{}: {}", mistake.path, mistake.reason);
  throw std::runtime_error("the mirror of " + config.name() + reasons);
}

void swap_numbers(v1::PartnerEvent& event) {
  event.mutable_external_no()->swap(*event.mutable_ticket_no());
}

exchange::node text_node(std::string_view text) {
  return {.kind = exchange::node::form::text, .text = std::string(text), .members = {}};
}

exchange::document_path path_of(std::string_view text) {
  auto path = exchange::parse_path(text);
  if (!path) throw std::runtime_error(fmt::format("no path: {}", text));
  return std::move(*path);
}

exchange::document_path list_of(std::string_view text) {
  auto path = path_of(text);
  path.back().every = true;
  return path;
}

std::string finish(const exchange::node& document, const v1::PartnerFormat& format) {
  auto bytes = exchange::from_utf8(
      exchange::format_document(document, format.syntax(), format.charset()), format.charset());
  if (!bytes) throw std::runtime_error("a document that has no bytes in its charset");
  return std::move(*bytes);
}

}  // namespace

partner_tongue::partner_tongue(const v1::Partner& ours, const domain::province& land,
                               exchange::secret_source secrets)
    : ours_(ours), theirs_(compiled(mirror_of(ours), land)), secrets_(std::move(secrets)) {}

bool partner_tongue::holds_several() const { return !ours_.inbound().format().items().empty(); }

std::string partner_tongue::write(std::span<const v1::PartnerEvent> events,
                                  std::string_view next_cursor) const {
  const v1::Inbound& in = ours_.inbound();
  const v1::Syntax syntax = in.format().syntax();
  exchange::node document;
  document.kind = exchange::node::form::object;
  std::size_t place = 0;
  for (v1::PartnerEvent event : events) {
    swap_numbers(event);
    auto alone = exchange::write_message(theirs_, event);
    if (!alone) throw std::runtime_error(alone.error().path + ": " + alone.error().reason);
    if (!holds_several()) return std::move(alone->body);
    const auto item = exchange::open_document(alone->body, in.format());
    exchange::put(document, list_of(in.format().items()), exchange::content_of(*item, syntax),
                  syntax, place++);
  }
  // The cursor's path starts below the root element, the path of the items at it.
  if (!next_cursor.empty()) {
    const std::string root = syntax == v1::SYNTAX_XML ? path_of(in.format().items())[0].name : "";
    const std::string& below = in.pull().next_cursor();
    exchange::put(document, path_of(root.empty() ? below : root + "." + below),
                  text_node(next_cursor), syntax, 0);
  }
  if (place == 0 && syntax == v1::SYNTAX_XML) {
    // Also an empty page has what would hold its items.
    auto holder = path_of(in.format().items());
    holder.pop_back();
    exchange::put(document, holder, text_node(""), syntax, 0);
  }
  return finish(document, in.format());
}

net::field_list partner_tongue::signed_headers(std::string_view target, std::string_view body,
                                               instant now, std::string nonce) const {
  const auto& out = theirs_.config().outbound();
  net::field_list headers =
      exchange::sign(out.signature(), secrets_, "POST", target, body, now, std::move(nonce));
  headers.emplace_back("Content-Type", out.format().syntax() == v1::SYNTAX_XML
                                           ? "application/xml"
                                           : "application/json");
  return headers;
}

exchange::partner_answer partner_tongue::read_answer(int status, std::string_view body) const {
  return exchange::read_answer(theirs_, status, body);
}

std::expected<v1::PartnerEvent, std::string> partner_tongue::read_told(
    std::string_view body) const {
  auto read = exchange::read_message(theirs_, body);
  if (!read) return std::unexpected(read.error().path + "：" + read.error().reason);
  if (read->size() != 1) return std::unexpected("not one message");
  auto& event = read->front().event;
  if (!event) return std::unexpected(exchange::to_string(event.error()));
  swap_numbers(*event);
  return std::move(*event);
}

std::expected<void, exchange::signature_fault> partner_tongue::check_signature(
    const net::request& request, instant now) const {
  const auto& rules = theirs_.config().inbound().signature();
  if (rules.scheme() == v1::SIGNATURE_SCHEME_UNSPECIFIED) return {};
  const exchange::signed_request got{.method = net::to_string(request.verb),
                                     .target = request.target,
                                     .body = request.body,
                                     .headers = request.headers,
                                     .peer_address = request.peer};
  const auto verified = exchange::verify(rules, secrets_, got, now);
  if (!verified) return std::unexpected(verified.error());
  return {};
}

exchange::written partner_tongue::answer(exchange::answer_kind kind, std::string_view message,
                                         std::string_view external_no) const {
  return exchange::write_answer(theirs_, kind, message, external_no);
}

std::string partner_tongue::write_list(std::span<const listed> tickets) const {
  const v1::Reconciliation& rules = ours_.reconciliation();
  const v1::Syntax syntax = ours_.outbound().format().syntax();
  exchange::node document;
  document.kind = exchange::node::form::object;
  exchange::node empty;
  empty.kind = exchange::node::form::list;
  if (tickets.empty()) exchange::put(document, path_of(rules.items()), empty, syntax, 0);
  for (std::size_t i = 0; i < tickets.size(); ++i) {
    exchange::node item;
    item.kind = exchange::node::form::object;
    exchange::put(item, path_of(rules.external_no_path()), text_node(tickets[i].external_no),
                  syntax, 0);
    exchange::put(item, path_of(rules.state_path()), text_node(tickets[i].state), syntax, 0);
    exchange::put(document, list_of(rules.items()), std::move(item), syntax, i);
  }
  return finish(document, ours_.outbound().format());
}

}  // namespace hotline::test
