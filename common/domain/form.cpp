#include "common/domain/form.hpp"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

#include "common/domain/civil.hpp"
#include "common/domain/free_text.hpp"
#include "common/domain/personal.hpp"

namespace hotline::domain {
namespace {

namespace pb = google::protobuf;

constexpr std::size_t name_bytes_max = 400;
constexpr std::int64_t file_bytes_max = 100LL * 1024 * 1024;
constexpr std::size_t sha256_digits = 64;
constexpr std::string_view reference_field = "hotline.v1.Attachment.reference";
constexpr std::int64_t amount_fen_max = 1'000'000'000'000;  // ten thousand million yuan
constexpr std::int32_t people_max = 1'000'000;
constexpr std::int64_t instant_min = 946'684'800'000;    // 2000-01-01
constexpr std::int64_t instant_max = 4'102'444'800'000;  // 2100-01-01
constexpr std::int64_t call_age_max_ms = 366LL * 24 * 3600 * 1000;

std::size_t bytes_max(std::string_view field) {
  constexpr std::array words = {
      std::string_view("text"),           std::string_view("answer"),
      std::string_view("explanation"),    std::string_view("advice"),
      std::string_view("opinion"),        std::string_view("remark"),
      std::string_view("reason"),         std::string_view("evidence"),
      std::string_view("basis"),          std::string_view("ask"),
      std::string_view("result"),         std::string_view("public_answer"),
      std::string_view("unsolved_reason")};
  if (field == "content") return content_bytes_max;
  return std::ranges::find(words, field) != words.end() ? words_bytes_max : name_bytes_max;
}

/// Fields the hotline sets itself; a client that sets one gets them refused, not overlooked.
bool is_read_only(const pb::FieldDescriptor& field) {
  constexpr std::array kept = {std::string_view("hotline.v1.Caller.phone_index"),
                               std::string_view("hotline.v1.Reply.assignment"),
                               std::string_view("hotline.v1.Reply.replied_at"),
                               std::string_view("hotline.v1.Reply.filed_by"),
                               std::string_view("hotline.v1.Visit.visited_at"),
                               std::string_view("hotline.v1.Visit.visitor")};
  return std::ranges::find(kept, std::string_view(field.full_name())) != kept.end();
}

/// Walks a message; stops at the first fault.
class walker {
 public:
  /// `own_words`: written by people of the hotline, who have read ours.
  explicit walker(bool own_words) : own_words_(own_words) {}

  refusal walk(const pb::Message& message) {
    const auto* reflection = message.GetReflection();
    std::vector<const pb::FieldDescriptor*> fields;
    reflection->ListFields(message, &fields);
    for (const auto* field : fields) {
      const auto mark = path_.size();
      if (!path_.empty()) path_ += '.';
      path_ += field->name();
      if (is_read_only(*field)) return fault(v1::REJECT_CODE_FIELD_INVALID, "form.read-only");
      if (auto no = check_field(message, *reflection, *field)) return no;
      path_.resize(mark);
    }
    return std::nullopt;
  }

 private:
  refusal fault(v1::RejectCode code, std::string_view rule) { return reject(code, rule, path_); }

  refusal check_field(const pb::Message& message, const pb::Reflection& r,
                      const pb::FieldDescriptor& field) {
    if (field.is_repeated()) {
      const int size = r.FieldSize(message, &field);
      if (size > list_items_max) return fault(v1::REJECT_CODE_FIELD_TOO_LONG, "form.list");
      for (int i = 0; i < size; ++i) {
        if (auto no = check_item(message, r, field, i)) return no;
      }
      return std::nullopt;
    }
    switch (field.cpp_type()) {
      case pb::FieldDescriptor::CPPTYPE_MESSAGE: return walk(r.GetMessage(message, &field));
      case pb::FieldDescriptor::CPPTYPE_ENUM:
        return check_enum(field, r.GetEnumValue(message, &field));
      case pb::FieldDescriptor::CPPTYPE_INT32: return check_int(field, r.GetInt32(message, &field));
      case pb::FieldDescriptor::CPPTYPE_INT64: return check_int(field, r.GetInt64(message, &field));
      case pb::FieldDescriptor::CPPTYPE_STRING: {
        std::string scratch;
        return check_text(field, r.GetStringReference(message, &field, &scratch));
      }
      default: return std::nullopt;
    }
  }

  refusal check_item(const pb::Message& message, const pb::Reflection& r,
                     const pb::FieldDescriptor& field, int i) {
    switch (field.cpp_type()) {
      case pb::FieldDescriptor::CPPTYPE_MESSAGE:
        return walk(r.GetRepeatedMessage(message, &field, i));
      case pb::FieldDescriptor::CPPTYPE_ENUM:
        return check_enum(field, r.GetRepeatedEnumValue(message, &field, i));
      case pb::FieldDescriptor::CPPTYPE_STRING: {
        std::string scratch;
        const auto& text = r.GetRepeatedStringReference(message, &field, i, &scratch);
        if (text.empty()) return fault(v1::REJECT_CODE_FIELD_REQUIRED, "form.list-item");
        return check_text(field, text);
      }
      default: return std::nullopt;
    }
  }

  refusal check_enum(const pb::FieldDescriptor& field, int value) {
    if (field.enum_type()->FindValueByNumber(value)) return std::nullopt;
    return fault(v1::REJECT_CODE_ENUM_UNKNOWN, "form.enumeration");
  }

  refusal check_int(const pb::FieldDescriptor& field, std::int64_t value) {
    const std::string_view name = field.name();
    if (value < 0) return fault(v1::REJECT_CODE_FIELD_INVALID, "form.not-negative");
    if (name.ends_with("_at") && value != 0 && (value < instant_min || value > instant_max)) {
      return fault(v1::REJECT_CODE_FIELD_INVALID, "form.instant");
    }
    if (name.ends_with("_fen") && value > amount_fen_max) {
      return fault(v1::REJECT_CODE_FIELD_INVALID, "form.amount");
    }
    const bool counts_people = name == "people" || name == "people_helped" || name == "headcount";
    if (counts_people && value > people_max) {
      return fault(v1::REJECT_CODE_FIELD_INVALID, "form.people");
    }
    return std::nullopt;
  }

  refusal check_text(const pb::FieldDescriptor& field, std::string_view text) {
    const std::string_view name = field.name();
    if (text.size() > bytes_max(name)) return fault(v1::REJECT_CODE_FIELD_TOO_LONG, "form.length");
    if (text.empty()) return std::nullopt;
    // What was shown masked or is kept sealed never comes back as if it were the value.
    const bool masked = text.find('*') != std::string_view::npos;
    if ((masked || is_sealed(text)) && is_personal(field)) {
      return fault(v1::REJECT_CODE_FIELD_INVALID, masked ? "form.masked" : "form.sealed");
    }
    // A receipt for a file is the door's to read: kept, it would be a reference that runs out.
    if (text.starts_with("upload:") && field.full_name() == reference_field) {
      return fault(v1::REJECT_CODE_FIELD_INVALID, "attachment.receipt");
    }
    if (own_words_ && holds_mask(text)) {
      return fault(v1::REJECT_CODE_FIELD_INVALID, "form.masked");
    }
    if (name.ends_with("_date")) {
      const auto date = parse_date(text);
      if (!date || date->year() < std::chrono::year(1950) ||
          date->year() > std::chrono::year(2100)) {
        return fault(v1::REJECT_CODE_FIELD_INVALID, "form.date");
      }
    }
    if (name == "limit" && !parse_limit(text)) {
      return fault(v1::REJECT_CODE_FIELD_INVALID, "form.limit");
    }
    return std::nullopt;
  }

  bool own_words_;
  std::string path_;
};

/// What comes from outside may carry the masks of others; to refuse it would lose it.
bool is_from_outside(const v1::Actor& actor) {
  return actor.role() == v1::ROLE_SYSTEM || actor.role() == v1::ROLE_PARTNER ||
         actor.role() == v1::ROLE_CHANNEL;
}

bool digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_landline(std::string_view text) {
  // 0531-86012351 or 053186012351, perhaps with an extension -123
  if (text.empty() || text[0] != '0') return false;
  std::string_view rest = text;
  std::string plain;
  int dashes = 0;
  for (const char c : rest) {
    if (c == '-') {
      if (++dashes > 2) return false;
    } else {
      plain += c;
    }
  }
  return digits(plain) && plain.size() >= 10 && plain.size() <= 18;
}

bool is_sha256(std::string_view text) {
  return text.size() == sha256_digits && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

bool blank(std::string_view text) {
  return std::ranges::all_of(text, [](unsigned char c) { return std::isspace(c) != 0; });
}

refusal check_dates(const v1::Matter& matter, instant now) {
  const auto today = civil_date(now);
  auto after_today = [&](const std::string& text) {
    return !text.empty() && std::chrono::sys_days(*parse_date(text)) > std::chrono::sys_days(today);
  };
  if (after_today(matter.occurred_date())) {
    return reject(v1::REJECT_CODE_FIELD_INVALID, "intake.not-in-the-future",
                  "intake.matter.occurred_date");
  }
  const bool both = !matter.arrears_from_date().empty() && !matter.arrears_to_date().empty();
  if (both && std::chrono::sys_days(*parse_date(matter.arrears_from_date())) >
                  std::chrono::sys_days(*parse_date(matter.arrears_to_date()))) {
    return reject(v1::REJECT_CODE_FIELD_INVALID, "intake.arrears-from-before-to",
                  "intake.matter.arrears_to_date");
  }
  if (after_today(matter.left_date()) && matter.employment() == v1::EMPLOYMENT_LEFT) {
    return reject(v1::REJECT_CODE_FIELD_INVALID, "intake.not-in-the-future",
                  "intake.matter.left_date");
  }
  return std::nullopt;
}

/// Whether a value was given and is of no use. What is sealed was checked when it came in.
template <class Check>
bool is_wrong(const std::string& value, Check is_right) {
  return !value.empty() && !is_sealed(value) && !is_right(value);
}

refusal check_caller(const v1::Intake& intake) {
  const auto& caller = intake.caller();
  if (is_wrong(caller.phone(), is_phone)) {
    return reject(v1::REJECT_CODE_FIELD_INVALID, "intake.phone", "intake.caller.phone");
  }
  if (is_wrong(intake.call().number(), is_phone)) {
    return reject(v1::REJECT_CODE_FIELD_INVALID, "intake.phone", "intake.call.number");
  }
  if (is_wrong(caller.identity_no(), is_identity_no)) {
    return reject(v1::REJECT_CODE_FIELD_INVALID, "intake.identity-no", "intake.caller.identity_no");
  }
  if (!intake.employer().credit_code().empty() &&
      !is_credit_code(intake.employer().credit_code())) {
    return reject(v1::REJECT_CODE_FIELD_INVALID, "intake.credit-code",
                  "intake.employer.credit_code");
  }
  if (is_wrong(intake.employer().contact_phone(), is_phone)) {
    return reject(v1::REJECT_CODE_FIELD_INVALID, "intake.phone", "intake.employer.contact_phone");
  }
  return std::nullopt;
}

}  // namespace

refusal check_form(const v1::Command& command) {
  const auto* body = v1::Command::descriptor()->FindFieldByNumber(command.body_case());
  if (!body) return reject(v1::REJECT_CODE_BODY_MISSING, "form.body");
  return walker(!is_from_outside(command.actor()))
      .walk(command.GetReflection()->GetMessage(command, body));
}

refusal need(std::string_view value, std::string_view rule, std::string_view field) {
  if (!blank(value)) return std::nullopt;
  return reject(v1::REJECT_CODE_FIELD_REQUIRED, rule, field);
}

refusal check_intake(const v1::Intake& intake, const move& m) {
  if (auto no = check_caller(intake)) return no;
  const auto& matter = intake.matter();
  if (!matter.region().empty()) {
    const auto level = m.org().level(matter.region());
    const bool place = level == v1::Unit::PROVINCE || level == v1::Unit::CITY ||
                       level == v1::Unit::COUNTY || level == v1::Unit::ZONE;
    if (!place) {
      return reject(v1::REJECT_CODE_REGION_UNKNOWN, "intake.region", "intake.matter.region");
    }
  }
  if (!matter.category().empty() && !m.policy().category(matter.category())) {
    return reject(v1::REJECT_CODE_FIELD_INVALID, "intake.category", "intake.matter.category");
  }
  if (!matter.complained_unit().empty() && !m.org().contains(matter.complained_unit())) {
    return reject(v1::REJECT_CODE_UNIT_UNKNOWN, "intake.complained-unit",
                  "intake.matter.complained_unit");
  }
  if (!intake.external_partner().empty() &&
      m.org().level(intake.external_partner()) != v1::Unit::PARTNER) {
    return reject(v1::REJECT_CODE_UNIT_UNKNOWN, "intake.partner", "intake.external_partner");
  }
  if (intake.call().called_at() > m.now_ms() + 60'000) {
    return reject(v1::REJECT_CODE_FIELD_INVALID, "intake.not-in-the-future",
                  "intake.call.called_at");
  }
  // Counted from the ticket: one that has lain long can still be supplemented.
  const auto taken_down = m.ticket().created_at() != 0 ? m.ticket().created_at() : m.now_ms();
  if (intake.call().called_at() != 0 && intake.call().called_at() < taken_down - call_age_max_ms) {
    return reject(v1::REJECT_CODE_FIELD_INVALID, "intake.call-within-a-year",
                  "intake.call.called_at");
  }
  if (intake.partner_due_at() != 0 &&
      !m.land().calendars.default_calendar().covers(from_unix_ms(intake.partner_due_at()))) {
    return reject(v1::REJECT_CODE_CALENDAR_RANGE, "intake.partner-due", "intake.partner_due_at");
  }
  return check_dates(matter, m.now());
}

refusal check_complete(const v1::Intake& intake) {
  auto missing = [](std::string_view field) {
    return reject(v1::REJECT_CODE_INCOMPLETE, "accept.five-elements", field);
  };
  const auto& matter = intake.matter();
  if (intake.source() == v1::SOURCE_UNSPECIFIED) return missing("intake.source");
  if (matter.kind() == v1::KIND_UNSPECIFIED) return missing("intake.matter.kind");
  if (blank(matter.category())) return missing("intake.matter.category");
  if (blank(matter.content())) return missing("intake.matter.content");
  const bool reachable = !blank(intake.caller().phone()) || !blank(intake.caller().address()) ||
                         !blank(intake.external_no());
  if (!reachable) return missing("intake.caller.phone");
  const bool needs_place = matter.kind() == v1::KIND_COMPLAINT ||
                           matter.kind() == v1::KIND_REPORT || matter.kind() == v1::KIND_HELP;
  const bool placed =
      !blank(matter.region()) || !blank(matter.place()) || !blank(intake.employer().name());
  if (needs_place && !placed) return missing("intake.matter.region");
  return std::nullopt;
}

refusal check_attachment(const v1::Attachment& file, std::string_view path) {
  const auto field = [&](std::string_view name) {
    return std::string(path).append(1, '.').append(name);
  };
  if (auto no = need(file.name(), "attachment.name", field("name"))) return no;
  if (auto no = need(file.reference(), "attachment.reference", field("reference"))) return no;
  if (!is_sha256(file.sha256())) {
    return reject(v1::REJECT_CODE_FIELD_INVALID, "attachment.sha256", field("sha256"));
  }
  if (file.size_bytes() < 1 || file.size_bytes() > file_bytes_max) {
    return reject(v1::REJECT_CODE_FIELD_INVALID, "attachment.size", field("size_bytes"));
  }
  return std::nullopt;
}

bool is_phone(std::string_view text) {
  if (digits(text)) {
    if (text.size() == 11 && text[0] == '1' && text[1] >= '3') return true;
    if (text.size() == 10 && text.starts_with("400")) return true;
    if (text.size() == 5 && (text.starts_with("12") || text.starts_with("95"))) return true;
  }
  return is_landline(text);
}

bool is_identity_no(std::string_view text) {
  constexpr std::array weights = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
  constexpr std::string_view check = "10X98765432";
  if (text.size() != 18 || !digits(text.substr(0, 17))) return false;
  int sum = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) sum += (text[i] - '0') * weights[i];
  return text[17] == check[static_cast<std::size_t>(sum % 11)];
}

bool is_credit_code(std::string_view text) {
  constexpr std::string_view alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
  constexpr std::array weights = {1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28};
  if (text.size() != 18) return false;
  std::size_t sum = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const auto value = alphabet.find(text[i]);
    if (value == std::string_view::npos) return false;
    sum += value * static_cast<std::size_t>(weights[i]);
  }
  return alphabet[(31 - sum % 31) % 31] == text[17];
}

}  // namespace hotline::domain
