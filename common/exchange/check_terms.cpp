#include <algorithm>
#include <set>
#include <string>

#include <fmt/core.h>

#include "common/domain/civil.hpp"
#include "common/domain/limit.hpp"
#include "common/domain/personal.hpp"
#include "common/exchange/compile.hpp"
#include "common/exchange/signature.hpp"
#include "common/exchange/wait.hpp"

namespace hotline::exchange {
namespace {

// As many as the store remembers, with some to spare.
constexpr int reconciliation_days_max = 90;

bool is_partner_name(std::string_view name) {
  return name.size() >= 2 && name.size() <= 40 && std::ranges::all_of(name, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
         });
}

bool is_url(std::string_view url) {
  constexpr std::string_view blanks = " \t\r\n";
  return (url.starts_with("http://") || url.starts_with("https://")) &&
         url.find_first_of(blanks) == url.npos;
}

class checker {
 public:
  checker(const v1::Partner& config, const domain::organisation& units)
      : config_(config), units_(units) {}

  std::vector<domain::config_mistake> run() {
    identity();
    if (config_.has_inbound()) inbound(config_.inbound());
    if (config_.has_outbound()) outbound(config_.outbound());
    if (!config_.has_inbound() && !config_.has_outbound())
      wrong("", "a partner needs `inbound`, `outbound` or both");
    states();
    for (int i = 0; i < config_.personal_fields_size(); ++i)
      if (domain::personal_kind(config_.personal_fields(i)) == v1::PERSONAL_UNSPECIFIED)
        wrong(fmt::format("personal_fields[{}]", i),
              "name a personal field of the intake, e.g. \"caller.phone\"");
    const std::string& at = config_.reconciliation().at();
    if (!at.empty() && !domain::parse_time_of_day(at))
      wrong("reconciliation.at", "write \"02:00\"");
    const int days = config_.reconciliation().days();
    if (days < 0 || days > reconciliation_days_max)
      wrong("reconciliation.days", fmt::format("0 to {}", reconciliation_days_max));
    optional_url("reconciliation.list_url", config_.reconciliation().list_url());
    attachments(config_.attachments());
    return std::move(mistakes_);
  }

 private:
  void wrong(std::string at, std::string reason) {
    mistakes_.push_back({std::move(at), std::move(reason)});
  }

  void identity() {
    if (!is_partner_name(config_.name())) wrong("name", "a name has 2 to 40 of a-z, 0-9 and '-'");
    if (config_.title().empty()) wrong("title", "give the name people know the partner by");
    if (units_.level(config_.unit()) != v1::Unit::PARTNER)
      wrong("unit", fmt::format("'{}' is no unit of level PARTNER; add it to the organisation",
                                config_.unit()));
    if (config_.has_inbound() && config_.source() == v1::SOURCE_UNSPECIFIED)
      wrong("source", "say what the source of its tickets is");
    if (!config_.return_limit().empty())
      if (const auto parsed = domain::parse_limit(config_.return_limit()); !parsed)
        wrong("return_limit", parsed.error().detail);
  }

  void attachments(const v1::AttachmentRules& rules) {
    optional_url("attachments.upload_url", rules.upload_url());
    optional_url("attachments.serve_url", rules.serve_url());
    if (rules.serve_url().ends_with('/') || rules.serve_url().find('?') != std::string::npos)
      wrong("attachments.serve_url", "write it without a query and without '/' at the end");
    if (rules.serve_days() < 0 || rules.serve_days() > 90)
      wrong("attachments.serve_days", "0 (a week) to 90");
    if (!rules.serve_url().empty() && !rules.upload_url().empty())
      wrong("attachments", "files are uploaded or served: choose one");
  }

  void inbound(const v1::Inbound& in) {
    format("inbound.format", in.format());
    events("inbound.events", in.events(), true);
    if (in.event_path().empty() != in.events().empty())
      wrong("inbound", "event_path says where the word for the event is, and events what it means");
    signature("inbound.signature", in.signature(), in.has_push());
    switch (in.way_case()) {
      case v1::Inbound::kPush:
        if (!in.answer_code_path().empty() &&
            (in.answer_ok().empty() || in.answer_refused().empty()))
          wrong("inbound", "answer_code_path needs answer_ok and answer_refused");
        break;
      case v1::Inbound::kPull:
        if (!is_url(in.pull().url())) wrong("inbound.pull.url", "write an http or https URL");
        need_wait("inbound.pull.every", in.pull().every());
        if (in.pull().limit() < 0) wrong("inbound.pull.limit", "not negative");
        break;
      case v1::Inbound::kFile: file("inbound.file", in.file()); break;
      case v1::Inbound::WAY_NOT_SET: wrong("inbound", "say how it comes: push, pull or file");
    }
  }

  void outbound(const v1::Outbound& out) {
    format("outbound.format", out.format());
    events("outbound.events", out.events(), false);
    if (out.events().empty()) wrong("outbound", "list the events they are told");
    signature("outbound.signature", out.signature(), false);
    switch (out.way_case()) {
      case v1::Outbound::kUrl:
        if (!is_url(out.url())) wrong("outbound.url", "write an http or https URL");
        break;
      case v1::Outbound::kFile: file("outbound.file", out.file()); break;
      case v1::Outbound::WAY_NOT_SET: wrong("outbound", "say how they are told: url or file");
    }
    if (!out.answer_code_path().empty() && out.answer_ok().empty())
      wrong("outbound", "answer_code_path needs answer_ok: the codes that mean success");
    for (const auto& code : out.answer_final())
      if (std::ranges::find(out.answer_ok(), code) != out.answer_ok().end())
        wrong("outbound", fmt::format("the code '{}' is both success and refusal", code));
    for (int i = 0; i < out.retry_size(); ++i)
      need_wait(fmt::format("outbound.retry[{}]", i), out.retry(i));
    if (!out.breaker_wait().empty()) need_wait("outbound.breaker_wait", out.breaker_wait());
    if (out.timeout_ms() < 0) wrong("outbound.timeout_ms", "not negative");
    if (out.in_flight_max() < 0) wrong("outbound.in_flight_max", "not negative");
    if (out.breaker_failures() < 0) wrong("outbound.breaker_failures", "not negative");
  }

  void format(const std::string& at, const v1::PartnerFormat& f) {
    if (f.syntax() == v1::SYNTAX_UNSPECIFIED)
      wrong(at, "say the syntax: SYNTAX_JSON or SYNTAX_XML");
    if (f.syntax() == v1::SYNTAX_JSON && f.charset() == v1::CHARSET_GB18030)
      wrong(at + ".charset", "JSON is UTF-8 (RFC 8259)");
  }

  void events(const std::string& at, const google::protobuf::RepeatedPtrField<v1::EventWord>& words,
              bool inbound) {
    std::set<std::string> seen;
    for (int i = 0; i < words.size(); ++i) {
      const v1::EventWord& one = words[i];
      const std::string here = fmt::format("{}[{}]", at, i);
      if (one.kind() == v1::PARTNER_EVENT_KIND_UNSPECIFIED || one.theirs().empty())
        wrong(here, "an event needs `kind` and `theirs`");
      const std::string key = inbound ? one.theirs() : v1::PartnerEventKind_Name(one.kind());
      if (!seen.insert(key).second) wrong(here, fmt::format("'{}' is there twice", key));
    }
  }

  void signature(const std::string& at, const v1::PartnerSignature& s, bool needed) {
    if (s.scheme() == v1::SIGNATURE_SCHEME_UNSPECIFIED) {
      if (needed) wrong(at, "what is pushed to us must be signed: choose a scheme");
      return;
    }
    if (s.scheme() == v1::SIGNATURE_SCHEME_LEGACY_SHA1 && needed && s.addresses().empty())
      wrong(at, "the legacy scheme signs no body: list the `addresses` it may come from");
    if (s.scheme() == v1::SIGNATURE_SCHEME_LEGACY_SHA1)
      for (int i = 0; i < s.addresses_size(); ++i)
        if (is_too_wide(s.addresses(i)))
          wrong(fmt::format("{}.addresses[{}]", at, i),
                "with the legacy scheme the addresses are what protects us: name a network of at "
                "least /8 (IPv6: /16)");
    if (s.keys().empty()) wrong(at, "a signature needs a key");
    if (s.window_s() < 0 || s.window_s() > 3600) wrong(at + ".window_s", "0 to 3600 seconds");
    std::set<std::string> ids;
    for (int i = 0; i < s.keys_size(); ++i) {
      const v1::PartnerKey& k = s.keys(i);
      const std::string here = fmt::format("{}.keys[{}]", at, i);
      if (k.id().empty() || !ids.insert(k.id()).second)
        wrong(here + ".id", "every key needs an id of its own");
      if (k.secret_file().empty() || k.secret_file().find('/') != std::string::npos)
        wrong(here + ".secret_file", "name a file in the secrets directory");
      if (!k.from_date().empty() && !domain::parse_date(k.from_date()))
        wrong(here + ".from_date", "write a date as 2026-11-23");
      if (!k.until_date().empty() && !domain::parse_date(k.until_date()))
        wrong(here + ".until_date", "write a date as 2026-11-23");
    }
    for (int i = 0; i < s.addresses_size(); ++i)
      if (!is_network(s.addresses(i)))
        wrong(fmt::format("{}.addresses[{}]", at, i), "write an address or network: 10.1.0.0/16");
  }

  void file(const std::string& at, const v1::FileDrop& drop) {
    if (drop.directory().empty()) wrong(at, "name the directory");
    if (!drop.suffix().starts_with('.')) wrong(at, "the suffix begins with '.', e.g. \".xml\"");
    if (!drop.every().empty()) need_wait(at + ".every", drop.every());
  }

  void states() {
    std::set<int> seen;
    for (int i = 0; i < config_.states_size(); ++i) {
      const v1::StateWord& one = config_.states(i);
      const std::string at = fmt::format("states[{}]", i);
      if (one.state() == v1::STATE_UNSPECIFIED || one.theirs().empty())
        wrong(at, "a state needs `state` and `theirs`");
      if (!seen.insert(one.state()).second) wrong(at, "this state is there twice");
    }
  }

  void need_wait(std::string at, std::string_view text) {
    if (!parse_wait(text)) wrong(std::move(at), "write a wait as \"30s\", \"5min\" or \"2h\"");
  }

  void optional_url(std::string at, std::string_view url) {
    if (!url.empty() && !is_url(url)) wrong(std::move(at), "write an http or https URL");
  }

  const v1::Partner& config_;
  const domain::organisation& units_;
  std::vector<domain::config_mistake> mistakes_;
};

}  // namespace

std::vector<domain::config_mistake> check_terms(const v1::Partner& config,
                                                const domain::organisation& units) {
  return checker(config, units).run();
}

}  // namespace hotline::exchange
