#include "common/domain/citizen.hpp"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "common/domain/decide.hpp"
#include "common/domain/derive.hpp"
#include "common/domain/form.hpp"
#include "common/domain/region.hpp"
#include "common/domain/rejections.hpp"

namespace hotline::domain {
namespace {

constexpr int turns_max = 200;
constexpr std::chrono::days repeat_within{15};

/// Dashes as people type them, and as keyboards make of them.
std::string with_plain_dashes(std::string text) {
  // ‐ ‑ ‒ – — ― − ﹣ ー; a full-width － is plain already.
  constexpr std::array<std::string_view, 9> dashes{"\u2010", "\u2011", "\u2012", "\u2013", "\u2014",
                                                   "\u2015", "\u2212", "\uFE63", "\u30FC"};
  for (const auto dash : dashes) {
    for (auto at = text.find(dash); at != text.npos; at = text.find(dash, at)) {
      text.replace(at, dash.size(), "-");
    }
  }
  return text;
}

std::string without_dashes(std::string_view text) {
  std::string digits(text);
  std::erase(digits, '-');
  return digits;
}

bool is_mobile(std::string_view digits) { return digits.size() == 11 && digits.starts_with('1'); }

/// The first of `fields` that is set in `message`; empty when none is.
std::string_view first_set(const google::protobuf::Message& message,
                           std::span<const std::string_view> fields) {
  std::vector<const google::protobuf::FieldDescriptor*> set;
  message.GetReflection()->ListFields(message, &set);
  for (const auto* field : set) {
    const std::string_view name = field->name();
    if (std::ranges::find(fields, name) != fields.end()) return name;
  }
  return {};
}

/// What the hotline itself finds out about a caller and a matter.
refusal check_own_words(const v1::CitizenRequest& request) {
  constexpr std::array<std::string_view, 2> of_caller{"tags", "phone_index"};
  constexpr std::array<std::string_view, 8> of_matter{
      "tags",        "legal_limit_date", "media_attention",    "complained_unit",
      "facts_clear", "breach_clear",     "aid_conditions_met", "complex"};
  const auto refuse = [](std::string_view part, std::string_view field) {
    return reject(v1::REJECT_CODE_FIELD_INVALID, "request.for-the-hotline-to-judge",
                  std::string(part) + std::string(field));
  };
  if (const auto field = first_set(request.caller(), of_caller); !field.empty()) {
    return refuse("caller.", field);
  }
  if (const auto field = first_set(request.matter(), of_matter); !field.empty()) {
    return refuse("matter.", field);
  }
  return std::nullopt;
}

bool fits(std::string_view text, std::string_view more, std::size_t most) {
  return text.size() + more.size() + 1 <= most;
}

void add_line(std::string& text, std::string_view line) {
  if (!text.empty()) text += '\n';
  text += line;
}

/// What the citizen said in the conversation, as far as it fits.
std::string words_of_citizen(const v1::CitizenRequest& request) {
  std::string words;
  for (const auto& turn : request.conversation()) {
    if (turn.speaker() != v1::ConversationTurn::CITIZEN || turn.text().empty()) continue;
    if (!fits(words, turn.text(), content_bytes_max)) break;
    add_line(words, turn.text());
  }
  return words;
}

std::string_view name_of(v1::ConversationTurn::Speaker speaker) {
  switch (speaker) {
    case v1::ConversationTurn::CITIZEN: return "职工";
    case v1::ConversationTurn::MACHINE: return "机器人";
    case v1::ConversationTurn::PERSON: return "人工";
    default: return "未知";
  }
}

refusal check_conversation(const v1::CitizenRequest& request) {
  if (request.conversation_size() > turns_max) {
    return reject(v1::REJECT_CODE_FIELD_TOO_LONG, "request.turns", "conversation");
  }
  for (const auto& turn : request.conversation()) {
    if (!v1::ConversationTurn::Speaker_IsValid(turn.speaker())) {
      return reject(v1::REJECT_CODE_ENUM_UNKNOWN, "form.enumeration", "conversation.speaker");
    }
    // With the speaker's name a turn still is one note.
    if (turn.text().size() + 16 > words_bytes_max) {
      return reject(v1::REJECT_CODE_FIELD_TOO_LONG, "request.turn-length", "conversation.text");
    }
  }
  return std::nullopt;
}

void set_region_of_station(v1::Intake& intake, std::string_view station, const organisation& org) {
  if (station.empty() || !intake.matter().region().empty()) return;
  intake.mutable_matter()->set_region(std::string(org.union_of(station)));
}

void set_call_back(v1::Intake& intake, const v1::CallBackWish& wish) {
  if (!wish.wanted()) return;
  auto& caller = *intake.mutable_caller();
  caller.clear_no_reply_wanted();
  caller.add_tags("请求人工回电");
  if (!wish.time().empty()) caller.add_tags("回电时间：" + wish.time());
}

refusal check_request(const v1::CitizenRequest& request, std::span<const v1::Source> sources,
                      const organisation& org) {
  if (auto wrong = check_own_words(request)) return wrong;
  if (auto wrong = check_conversation(request)) return wrong;
  const bool named = request.source() != v1::SOURCE_UNSPECIFIED;
  if (named && std::ranges::find(sources, request.source()) == sources.end()) {
    return reject(v1::REJECT_CODE_FIELD_INVALID, "request.own-source", "source");
  }
  if (!request.station().empty() && !org.contains(request.station())) {
    return reject(v1::REJECT_CODE_UNIT_UNKNOWN, "request.station", "station");
  }
  if (auto many = check_file_count(request.attachments_size())) return many;
  return need(request.caller().phone(), "request.phone", "caller.phone");
}

v1::ProgressStage stage_of(const v1::Ticket& t) {
  switch (t.state()) {
    case v1::STATE_DRAFT: return v1::PROGRESS_STAGE_RECEIVED;
    case v1::STATE_ACCEPTED:
    case v1::STATE_DISPATCHED: return v1::PROGRESS_STAGE_ACCEPTED;
    case v1::STATE_ANSWERED:
    case v1::STATE_REVIEWED: return v1::PROGRESS_STAGE_ANSWERED;
    case v1::STATE_CLOSED: return v1::PROGRESS_STAGE_CLOSED;
    case v1::STATE_REJECTED: return v1::PROGRESS_STAGE_REFUSED;
    case v1::STATE_WITHDRAWN: return v1::PROGRESS_STAGE_WITHDRAWN;
    case v1::STATE_TERMINATED: return v1::PROGRESS_STAGE_TERMINATED;
    case v1::STATE_TRANSFERRED: return v1::PROGRESS_STAGE_ELSEWHERE;
    // 归档: it ended some way before; only a matter with a result or answer was closed.
    case v1::STATE_ARCHIVED:
      return t.end_reason().empty() ? v1::PROGRESS_STAGE_CLOSED : v1::PROGRESS_STAGE_TERMINATED;
    default: return v1::PROGRESS_STAGE_HANDLING;
  }
}

std::string_view words_of(v1::ProgressStage stage) {
  switch (stage) {
    case v1::PROGRESS_STAGE_RECEIVED: return "已登记，话务员将与您核实补充信息";
    case v1::PROGRESS_STAGE_ACCEPTED: return "受理中";
    case v1::PROGRESS_STAGE_HANDLING: return "办理中";
    case v1::PROGRESS_STAGE_ANSWERED: return "已答复";
    case v1::PROGRESS_STAGE_CLOSED: return "已办结";
    case v1::PROGRESS_STAGE_REFUSED: return "不予受理";
    case v1::PROGRESS_STAGE_WITHDRAWN: return "已撤回";
    case v1::PROGRESS_STAGE_TERMINATED: return "已终止办理";
    case v1::PROGRESS_STAGE_ELSEWHERE: return "已转其他单位办理";
    default: return "";
  }
}

std::string_view words_of(v1::Result result) {
  switch (result) {
    case v1::RESULT_SOLVED: return "已解决";
    case v1::RESULT_PARTLY_SOLVED: return "部分解决";
    case v1::RESULT_EXPLAINED: return "已解释说明";
    case v1::RESULT_REFERRED: return "已引导至法定渠道";
    case v1::RESULT_PROMISED: return "单位已承诺";
    case v1::RESULT_UNSOLVED: return "未解决";
    default: return "";
  }
}

bool is_answered(v1::ProgressStage stage) {
  return stage == v1::PROGRESS_STAGE_ANSWERED || stage == v1::PROGRESS_STAGE_CLOSED;
}

/// Who handles now, or did last; empty while nobody has.
std::string_view handling_unit(const v1::Ticket& t) {
  if (t.state() == v1::STATE_TRANSFERRED && !t.transfers().empty()) {
    return t.transfers().rbegin()->partner();
  }
  std::string_view unit;
  for (const auto& a : t.assignments()) {
    const bool gone =
        a.state() == v1::ASSIGNMENT_STATE_RETURNED || a.state() == v1::ASSIGNMENT_STATE_MOVED;
    if (a.role() == v1::ASSIGNMENT_ROLE_MAIN && !gone) unit = a.unit();
  }
  return unit;
}

v1::Command::BodyCase move_of(v1::CitizenStep step) {
  switch (step) {
    case v1::CITIZEN_STEP_SUPPLEMENT: return v1::Command::kSupplement;
    case v1::CITIZEN_STEP_URGE: return v1::Command::kUrge;
    case v1::CITIZEN_STEP_WITHDRAW: return v1::Command::kWithdraw;
    case v1::CITIZEN_STEP_RATE: return v1::Command::kRecordVisit;
    default: return v1::Command::BODY_NOT_SET;
  }
}

void add_steps(const v1::Ticket& t, v1::Progress& told) {
  for (int n = v1::CITIZEN_STEP_SUPPLEMENT; n <= v1::CITIZEN_STEP_RATE; ++n) {
    const auto step = static_cast<v1::CitizenStep>(n);
    // After the return visit there is none any more, though callers of merged tickets are called.
    const bool visited = step == v1::CITIZEN_STEP_RATE && t.state() != v1::STATE_REVIEWED;
    if (!visited && may_move(move_of(step), t.state(), v1::ROLE_CHANNEL)) told.add_steps(step);
  }
}

/// What was answered: by the union that handled it, else at once by the hotline.
void add_answer(const v1::Ticket& t, v1::Progress& told) {
  if (!is_answered(told.stage())) return;
  if (t.has_reply() && t.state() != v1::STATE_ANSWERED) {
    told.set_answer(t.reply().public_answer());
    told.set_result_text(std::string(words_of(t.reply().result())));
  } else {
    told.set_answer(t.answer());
  }
}

bool is_repeated_by(const v1::Intake& intake, const v1::Ticket& earlier, instant now) {
  const auto& other = earlier.intake();
  return is_open(earlier.state()) && !intake.employer().name().empty() &&
         other.employer().name() == intake.employer().name() &&
         other.matter().category() == intake.matter().category() &&
         now - from_unix_ms(earlier.created_at()) <= repeat_within;
}

}  // namespace

bool is_public_source(v1::Source source) {
  switch (source) {
    case v1::SOURCE_WEB:
    case v1::SOURCE_QLGH:
    case v1::SOURCE_CHATBOT:
    case v1::SOURCE_KIOSK:
    case v1::SOURCE_SOCIAL_MEDIA: return true;
    default: return false;
  }
}

std::string plain_phone(std::string_view typed) {
  std::string plain = with_plain_dashes(normalise_place(typed));
  std::erase_if(plain, [](char c) { return c == '(' || c == ')' || c == '.'; });
  const bool abroad = plain.starts_with('+');
  std::erase(plain, '+');
  std::string_view rest = plain;
  if (abroad && rest.starts_with("86")) {
    rest.remove_prefix(2);
  } else if (rest.starts_with("0086")) {
    rest.remove_prefix(4);
  } else if (rest.starts_with("86") && is_mobile(without_dashes(rest.substr(2)))) {
    rest.remove_prefix(2);
  }
  const bool had_code = rest.size() != plain.size();
  while (rest.starts_with('-')) rest.remove_prefix(1);
  const std::string digits = without_dashes(rest);
  if (digits.starts_with('1') && !(had_code && digits.size() == 10)) return digits;
  // Behind the country's code an area code is written without its 0.
  const bool area =
      had_code && digits.size() >= 10 && !digits.starts_with('0') && !digits.starts_with("400");
  return area ? "0" + std::string(rest) : std::string(rest);
}

std::vector<std::string> spellings_of(std::string_view plain_phone) {
  std::vector<std::string> all{std::string(plain_phone)};
  const auto add = [&all](std::string other) {
    if (std::ranges::find(all, other) == all.end()) all.push_back(std::move(other));
  };
  if (!plain_phone.starts_with('0')) return all;
  const std::string digits = without_dashes(plain_phone);
  add(digits);
  // 010, 02x: three digits of area code; everywhere else four.
  const std::size_t area = digits.starts_with("01") || digits.starts_with("02") ? 3 : 4;
  constexpr std::size_t longest = 8;
  if (digits.size() > area && digits.size() <= area + longest) {
    add(digits.substr(0, area) + "-" + digits.substr(area));
  }
  return all;
}

std::string plain_ticket_no(std::string_view typed) {
  const std::string plain = with_plain_dashes(normalise_place(typed));
  const std::string digits = without_dashes(plain);
  constexpr std::size_t shard = 4;
  constexpr std::size_t day = 8;
  const bool only_digits = std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
  if (!only_digits || digits.size() <= shard + day) return plain;
  return digits.substr(0, shard) + "-" + digits.substr(shard, day) + "-" +
         digits.substr(shard + day);
}

std::optional<v1::Rejection> check_file_count(int files) {
  if (files <= citizen_files_max) return std::nullopt;
  return reject(v1::REJECT_CODE_FIELD_TOO_LONG, "request.files", "attachments");
}

ruled<v1::CreateTicket> create_of(const v1::CitizenRequest& request,
                                  std::span<const v1::Source> sources, const organisation& org) {
  if (auto wrong = check_request(request, sources, org)) return std::unexpected(*std::move(wrong));
  v1::CreateTicket order;
  auto& intake = *order.mutable_intake();
  intake.set_title(request.title());
  intake.set_source(request.source() != v1::SOURCE_UNSPECIFIED ? request.source()
                                                               : sources.front());
  *intake.mutable_caller() = request.caller();
  intake.mutable_caller()->set_phone(plain_phone(request.caller().phone()));
  if (request.has_employer()) *intake.mutable_employer() = request.employer();
  if (request.has_matter()) *intake.mutable_matter() = request.matter();
  *intake.mutable_attachments() = request.attachments();
  if (intake.matter().content().empty()) {
    intake.mutable_matter()->set_content(words_of_citizen(request));
  }
  if (auto blank = need(intake.matter().content(), "request.content", "matter.content")) {
    return std::unexpected(*std::move(blank));
  }
  set_region_of_station(intake, request.station(), org);
  set_call_back(intake, request.call_back());
  order.set_draft(check_complete(intake).has_value());
  return order;
}

std::vector<std::string> notes_of(const v1::CitizenRequest& request) {
  std::vector<std::string> notes;
  for (const auto& turn : request.conversation()) {
    if (turn.text().empty()) continue;
    const auto line = std::string(name_of(turn.speaker())) + "：" + turn.text();
    if (notes.empty() || !fits(notes.back(), line, words_bytes_max)) notes.emplace_back();
    add_line(notes.back(), line);
  }
  return notes;
}

v1::Command command_of(const v1::CitizenSupplement& said) {
  v1::Command command;
  auto& intake = *command.mutable_supplement()->mutable_intake();
  if (!said.text().empty()) intake.mutable_matter()->set_content(said.text());
  *intake.mutable_attachments() = said.attachments();
  return command;
}

v1::Command command_of(const v1::CitizenUrge& said) {
  v1::Command command;
  command.mutable_urge()->set_text(said.text().empty() ? "职工催办" : said.text());
  return command;
}

v1::Command command_of(const v1::CitizenWithdrawal& said) {
  v1::Command command;
  command.mutable_withdraw()->set_evidence(said.reason());
  return command;
}

v1::Command command_of(const v1::CitizenRating& said) {
  v1::Command command;
  auto& visit = *command.mutable_record_visit()->mutable_visit();
  visit.set_reached(true);
  visit.set_contacted_by_unit(said.contacted_by_unit());
  visit.set_solved(said.solved());
  visit.set_satisfaction(said.satisfaction());
  visit.set_remark(said.remark());
  return command;
}

std::string repeated_by(const v1::Intake& intake, std::span<const v1::Ticket> earlier,
                        instant now) {
  const v1::Ticket* latest = nullptr;
  for (const auto& ticket : earlier) {
    if (!is_repeated_by(intake, ticket, now)) continue;
    if (!latest || ticket.created_at() > latest->created_at()) latest = &ticket;
  }
  return latest ? latest->no() : std::string();
}

v1::Progress progress_of(const organisation& org, const v1::Ticket& ticket,
                         const v1::Ticket* main) {
  const v1::Ticket& led = main ? *main : ticket;
  v1::Progress told;
  told.set_ticket_no(ticket.no());
  told.set_stage(stage_of(led));
  told.set_stage_text(std::string(words_of(told.stage())));
  told.set_created_at(ticket.created_at());
  told.set_accepted_at(ticket.accepted_at());
  told.set_dispatched_at(led.dispatched_at());
  told.set_closed_at(led.closed_at());
  if (const auto* unit = org.find(handling_unit(led))) told.set_handled_by(unit->name());
  told.set_merged(main != nullptr);
  if (main) return told;
  add_answer(ticket, told);
  add_steps(ticket, told);
  return told;
}

}  // namespace hotline::domain
