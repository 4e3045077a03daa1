// Each shipped partner is complete against the recommended contract (domain.md, 7.3): every event
// in the directions it may be told, every code list, every state, limits, retries, files, consent,
// comparison.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <initializer_list>
#include <set>
#include <string>

#include "common/domain/exchange_out.hpp"
#include "common/exchange/read_message.hpp"
#include "common/exchange/write_message.hpp"
#include "tests/unit/exchange/exchange_kit.hpp"

namespace hotline::exchange {
namespace {

/// In which directions an event may be told, whoever the partner is.
struct event_row {
  v1::PartnerEventKind kind;
  bool in;   ///< by the partner: about what it sent, or what it handles for us
  bool out;  ///< to the partner, likewise
  /// Why not, for the directions that are false.
  const char* reason;
};

constexpr event_row event_table[] = {
    {v1::PARTNER_EVENT_KIND_CREATE, true, true, ""},
    {v1::PARTNER_EVENT_KIND_ACCEPT, true, true, ""},
    {v1::PARTNER_EVENT_KIND_REFUSE, true, true, ""},
    {v1::PARTNER_EVENT_KIND_SIGN, true, true, ""},
    {v1::PARTNER_EVENT_KIND_PROGRESS, true, true, ""},
    {v1::PARTNER_EVENT_KIND_EXTEND_REQ, true, true, ""},
    {v1::PARTNER_EVENT_KIND_EXTEND_RESP, true, true, ""},
    {v1::PARTNER_EVENT_KIND_URGE, true, true, ""},
    {v1::PARTNER_EVENT_KIND_SUPERVISE, true, false,
     "a union supervises unions: a partner is urged"},
    {v1::PARTNER_EVENT_KIND_SUPPLEMENT, true, true, ""},
    {v1::PARTNER_EVENT_KIND_FINISH, true, true, ""},
    {v1::PARTNER_EVENT_KIND_VISIT_RESULT, true, true, ""},
    {v1::PARTNER_EVENT_KIND_REWORK, true, false, "what is to be done again is transferred again"},
    {v1::PARTNER_EVENT_KIND_WITHDRAW, true, true, ""},
    {v1::PARTNER_EVENT_KIND_ATTACH, true, true, ""},
    {v1::PARTNER_EVENT_KIND_SUPPLEMENT_REQ, true, false,
     "we ask the caller, or return what is incomplete"},
};

/// What one partner does not say, and why.
struct exception_row {
  const char* partner;
  v1::PartnerEventKind kind;
  const char* reason;
};

constexpr exception_row unsaid[] = {
    {"legal-aid-12348", v1::PARTNER_EVENT_KIND_SUPERVISE, "a legal-aid centre supervises no union"},
    {"legal-aid-12348", v1::PARTNER_EVENT_KIND_VISIT_RESULT, "our desk calls back"},
    {"national-12351", v1::PARTNER_EVENT_KIND_VISIT_RESULT, "the provincial desk calls back"},
};

bool says(const v1::Partner& p, v1::PartnerEventKind kind) {
  const auto& words = p.inbound().events();
  return std::ranges::find(words, kind, &v1::EventWord::kind) != words.end();
}

bool hears(const v1::Partner& p, v1::PartnerEventKind kind) {
  const auto& words = p.outbound().events();
  return std::ranges::find(words, kind, &v1::EventWord::kind) != words.end();
}

bool is_excepted(const v1::Partner& p, v1::PartnerEventKind kind) {
  return std::ranges::any_of(unsaid, [&](const exception_row& row) {
    return p.name() == row.partner && row.kind == kind;
  });
}

bool maps(const google::protobuf::RepeatedPtrField<v1::FieldMapping>& fields, std::string_view ours,
          v1::PartnerEventKind kind) {
  return std::ranges::any_of(fields, [&](const v1::FieldMapping& f) {
    const auto& only = f.events();
    return f.ours() == ours && (only.empty() || std::ranges::find(only, kind) != only.end());
  });
}

struct field_row {
  v1::PartnerEventKind kind;
  std::initializer_list<const char*> ours;
};

/// What an event cannot do without, or a ticket of theirs ought to bring.
const field_row fields_in[] = {
    {v1::PARTNER_EVENT_KIND_CREATE,
     {"external_no", "serial", "occurred_at", "intake.matter.content", "intake.matter.kind",
      "intake.matter.category", "intake.matter.region", "intake.urgency", "intake.partner_due_at",
      "intake.caller.name", "intake.caller.phone", "intake.caller.consent_to_share",
      "attachments[].reference"}},
    {v1::PARTNER_EVENT_KIND_SUPPLEMENT, {"text", "intake.caller.phone"}},
    {v1::PARTNER_EVENT_KIND_EXTEND_RESP, {"granted", "due_at"}},
    {v1::PARTNER_EVENT_KIND_EXTEND_REQ, {"days", "text"}},
    {v1::PARTNER_EVENT_KIND_REWORK, {"text", "due_at"}},
    {v1::PARTNER_EVENT_KIND_SUPERVISE, {"order_no", "text", "due_at"}},
    {v1::PARTNER_EVENT_KIND_VISIT_RESULT, {"visit.reached", "visit.solved", "visit.satisfaction"}},
    {v1::PARTNER_EVENT_KIND_REFUSE, {"text", "reason_code"}},
    {v1::PARTNER_EVENT_KIND_FINISH, {"reply.result", "reply.text"}},
    {v1::PARTNER_EVENT_KIND_SIGN, {"handler_name"}},
    {v1::PARTNER_EVENT_KIND_SUPPLEMENT_REQ, {"text"}},
    {v1::PARTNER_EVENT_KIND_ATTACH, {"attachments[].reference"}},
};
const field_row fields_out[] = {
    {v1::PARTNER_EVENT_KIND_CREATE,
     {"ticket_no", "serial", "occurred_at", "intake.matter.content", "intake.matter.category",
      "intake.matter.region", "intake.urgency", "due_at", "intake.caller.name",
      "intake.caller.phone", "attachments[].reference"}},
    {v1::PARTNER_EVENT_KIND_SUPPLEMENT, {"external_no", "due_at", "intake.caller.phone"}},
    {v1::PARTNER_EVENT_KIND_FINISH,
     {"external_no", "state", "reply.result", "reply.text", "handler_unit", "handler_name"}},
    {v1::PARTNER_EVENT_KIND_EXTEND_REQ, {"days", "text"}},
    {v1::PARTNER_EVENT_KIND_EXTEND_RESP, {"granted", "due_at", "text"}},
    {v1::PARTNER_EVENT_KIND_REFUSE, {"text", "reason_code", "state"}},
    {v1::PARTNER_EVENT_KIND_VISIT_RESULT, {"visit.reached", "visit.satisfaction"}},
    {v1::PARTNER_EVENT_KIND_WITHDRAW, {"text", "state"}},
    {v1::PARTNER_EVENT_KIND_ATTACH, {"attachments[].reference"}},
};

}  // namespace

TEST_CASE("the table has every event") {
  CHECK(std::size(event_table) == v1::PartnerEventKind_MAX);
  for (int i = 0; i < v1::PartnerEventKind_MAX; ++i) {
    CHECK(event_table[i].kind == i + 1);
    const bool whole = event_table[i].in && event_table[i].out;
    CHECK(std::string_view(event_table[i].reason).empty() == whole);
  }
}

TEST_CASE("each shipped partner says and hears every event there is a reason for") {
  for (const v1::Partner& p : shipped_config().partners()) {
    for (const event_row& row : event_table) {
      const std::string what = p.name() + " " + v1::PartnerEventKind_Name(row.kind);
      CAPTURE(what);
      CHECK(says(p, row.kind) == (row.in && !is_excepted(p, row.kind)));
      CHECK(hears(p, row.kind) == row.out);
    }
  }
}

TEST_CASE("each event of a shipped partner has the fields it needs, both ways") {
  for (const v1::Partner& p : shipped_config().partners()) {
    for (const auto& [kind, list] : fields_in)
      for (const char* ours : list) {
        const std::string what = p.name() + " in " + v1::PartnerEventKind_Name(kind) + " " + ours;
        CAPTURE(what);
        CHECK((maps(p.inbound().fields(), ours, kind) || !says(p, kind)));
      }
    for (const auto& [kind, list] : fields_out)
      for (const char* ours : list) {
        const std::string what = p.name() + " out " + v1::PartnerEventKind_Name(kind) + " " + ours;
        CAPTURE(what);
        CHECK(maps(p.outbound().fields(), ours, kind));
      }
  }
}

TEST_CASE("each shipped partner has a word for every state, and nothing it could not be told") {
  for (const v1::Partner& p : shipped_config().partners()) {
    CAPTURE(p.name());
    std::set<int> words;
    for (const v1::StateWord& one : p.states()) words.insert(one.state());
    for (int state = v1::State_MIN; state <= v1::State_MAX; ++state) {
      if (!v1::State_IsValid(state) || state == v1::STATE_UNSPECIFIED) continue;
      CHECK_MESSAGE(words.contains(state), v1::State_Name(state));
    }
    const auto gaps = partner_gaps(p);
    CHECK_MESSAGE(gaps.empty(), (gaps.empty() ? "" : gaps.front()));
  }
}

TEST_CASE(
    "each shipped partner has limits, retries, rules for files and persons, and a nightly list") {
  for (const v1::Partner& p : shipped_config().partners()) {
    CAPTURE(p.name());
    CHECK_FALSE(p.return_limit().empty());
    CHECK_FALSE(p.transfer_limits().answer().empty());
    CHECK_FALSE(p.transfer_limits().after_accept().empty());
    CHECK_FALSE(p.transfer_limits().supplement().empty());
    CHECK(p.outbound().retry_size() == 5);
    CHECK(p.consent_needed());
    CHECK(p.personal_fields_size() > 0);
    CHECK(p.attachments().size_bytes_max() > 0);
    CHECK(p.attachments().count_max() > 0);
    CHECK(p.attachments().types_size() > 0);
    CHECK_FALSE(p.reconciliation().list_url().empty());
    CHECK_FALSE(p.reconciliation().state_path().empty());
    CHECK_FALSE(p.outbound().answer_external_no_path().empty());
  }
}

TEST_CASE("legal aid has the days of the law") {
  const auto* terms = shipped_land().partners.of_unit("p-12348");
  REQUIRE(terms != nullptr);
  CHECK(format(*terms->answer) == "7d!");
  CHECK(format(*terms->after_accept) == "3d!");
  CHECK(terms->hears_creates);
}

TEST_CASE("every sample is read, and each partner has one of an answer of its own") {
  const auto directory = std::filesystem::path(HOTLINE_CONFIG_DIR) / "partners/samples";
  std::set<std::string> answered;
  for (const auto& file : std::filesystem::directory_iterator(directory)) {
    const std::string name = file.path().filename().string();
    CAPTURE(name);
    const auto& partners = shipped_config().partners();
    const auto owner = std::ranges::find_if(
        partners, [&](const v1::Partner& p) { return name.starts_with(p.name()); });
    REQUIRE(owner != partners.end());
    const partner from = shipped(owner->name());
    const auto read = read_message(from, sample(name));
    REQUIRE(read.has_value());
    for (const read_item& item : *read) {
      REQUIRE_MESSAGE(item.event.has_value(), (item.event ? "" : to_string(item.event.error())));
      if (item.event->kind() == v1::PARTNER_EVENT_KIND_SIGN) answered.insert(owner->name());
    }
    const auto told = explain_message(from, sample(name));
    REQUIRE(told.has_value());
    for (const explained_item& item : *told)
      CHECK_MESSAGE(item.unmapped.empty(), (item.unmapped.empty() ? "" : item.unmapped.front()));
  }
  CHECK(answered.size() == 4);
}

}  // namespace hotline::exchange
