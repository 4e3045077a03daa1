#include "services/hotline/register/register_rows.hpp"

#include <fmt/core.h>

#include <array>
#include <charconv>
#include <map>
#include <optional>
#include <utility>

#include "common/domain/form.hpp"

namespace hotline::program {
namespace {

enum column : std::size_t {
  called_at,
  name,
  phone,
  region,
  employer,
  category,
  kind,
  content,
  answer,
  people,
  amount,
  migrant_worker,
  external_no,
  recording,
  column_count
};

constexpr std::array<heading, column_count> headings{{{"时间", "called_at"},
                                                      {"姓名", "name"},
                                                      {"电话", "phone"},
                                                      {"地区", "region"},
                                                      {"用人单位", "employer"},
                                                      {"类别", "category"},
                                                      {"诉求类型", "kind"},
                                                      {"诉求内容", "content", true},
                                                      {"答复", "answer"},
                                                      {"人数", "people"},
                                                      {"金额", "amount"},
                                                      {"农民工", "migrant_worker"},
                                                      {"编号", "external_no"},
                                                      {"录音", "recording"}}};

constexpr std::array<std::pair<std::string_view, v1::Kind>, 9> kinds{{
    {"咨询", v1::KIND_CONSULT},
    {"求助", v1::KIND_HELP},
    {"帮扶", v1::KIND_HELP},
    {"投诉", v1::KIND_COMPLAINT},
    {"维权", v1::KIND_COMPLAINT},
    {"举报", v1::KIND_REPORT},
    {"意见建议", v1::KIND_SUGGEST},
    {"表扬", v1::KIND_PRAISE},
    {"信访事项", v1::KIND_PETITION},
}};

constexpr int yuan_decimals = 2;

/// "1200", "1200.5", "1,200.50": yuan as fen.
std::optional<std::int64_t> parse_yuan(std::string_view text) {
  std::string digits;
  std::optional<int> decimals;
  for (const char c : text) {
    if (c == ',' && !decimals) continue;
    if (c == '.' && !decimals) {
      decimals = 0;
      continue;
    }
    if (c < '0' || c > '9') return std::nullopt;
    if (decimals && ++*decimals > yuan_decimals) return std::nullopt;
    digits += c;
  }
  digits.append(static_cast<std::size_t>(yuan_decimals - decimals.value_or(0)), '0');
  std::int64_t fen = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), fen);
  if (error != std::errc() || digits.size() <= yuan_decimals) return std::nullopt;
  return fen;
}

constexpr std::array<std::pair<std::string_view, column>, 15> fields{
    {{"intake.call.called_at", called_at},
     {"intake.caller.name", name},
     {"intake.caller.phone", phone},
     {"intake.matter.place", region},
     {"intake.matter.region", region},
     {"intake.employer.name", employer},
     {"intake.matter.category", category},
     {"intake.matter.kind", kind},
     {"intake.matter.content", content},
     {"answer", answer},
     {"intake.matter.people", people},
     {"intake.matter.amount_claimed_fen", amount},
     {"intake.caller.migrant_worker", migrant_worker},
     {"intake.external_no", external_no},
     {"intake.call.recording", recording}}};

/// A text that tells what a cell says and not how it was typed.
std::string normalised(column c, std::string_view cell) {
  if (c == called_at) {
    const auto at = parse_civil_time(cell);
    // Spreadsheets keep no more than minutes.
    if (at) return std::to_string(to_unix_ms(*at) / 60'000);
  }
  if (c == amount) {
    if (const auto fen = parse_yuan(cell)) return std::to_string(*fen);
  }
  constexpr std::string_view blank = " \t\r\n";
  std::string out;
  bool gap = false;
  for (const char one : cell) {
    if (blank.find(one) != std::string_view::npos || (c == phone && one == '-')) {
      gap = true;
      continue;
    }
    if (gap && c != phone) out += ' ';
    gap = false;
    out += one;
  }
  return out;
}

class register_reader {
 public:
  register_reader(columns where, const register_origin& origin, const domain::province& land,
                  register_list& out)
      : where_(std::move(where)), origin_(origin), land_(land), out_(out) {}

  /// Which row with the same cells each is, is known when all are read.
  void finish() {
    std::map<std::string, std::size_t> alike;
    std::map<std::string, std::size_t> unanswered;
    for (const auto& entry : out_.entries) ++unanswered[entry.identity.unanswered];
    for (auto& entry : out_.entries) {
      auto& [row, said, before] = entry.identity;
      if (row.empty()) row = said + "\n" + std::to_string(++alike[said]);
      // Where several rows differ in nothing but the answer, nobody can say which was which.
      const bool can_tell = !before.empty() && !entry.answer.empty() && unanswered[before] == 1;
      if (can_tell) {
        before += "\n1";
      } else {
        before.clear();
      }
    }
  }

  void add(const table_row& row) {
    row_ = &row;
    const auto mistakes_before = out_.mistakes.size();
    register_entry entry;
    entry.line = row.line;
    for (const auto c : where_.broken(row)) {
      complain(static_cast<column>(c), broken_cell_text(where_.cell(row, c)));
    }
    // One mistake is enough: what such a cell says is none of the row's words.
    if (out_.mistakes.size() != mistakes_before) return;
    auto& intake = *entry.order.mutable_intake();
    intake.set_source(origin_.source);
    intake.set_external_no(std::string(cell(external_no)));
    read_caller(intake);
    read_matter(*intake.mutable_matter());
    intake.mutable_employer()->set_name(std::string(cell(employer)));
    entry.answer = std::string(cell(answer));
    entry.complete = !domain::check_complete(intake);
    // An accepted ticket is dispatched at once, and then it is too late to answer it directly.
    entry.order.set_draft(!entry.complete || !entry.answer.empty());
    entry.identity = identify();
    if (out_.mistakes.size() == mistakes_before) out_.entries.push_back(std::move(entry));
  }

 private:
  std::string_view cell(column c) const { return where_.cell(*row_, c); }

  /// Kept in prints for ever: the English headings, the separators and the normal forms must not
  /// change. Without which of several equal rows it is.
  register_identity identify() const {
    register_identity found;
    const auto head = v1::Source_Name(origin_.source) + "\n";
    found.said = head;
    found.unanswered = head;
    for (std::size_t c = 0; c < column_count; ++c) {
      const auto text = normalised(static_cast<column>(c), cell(static_cast<column>(c)));
      if (text.empty()) continue;
      const auto field = std::string(headings[c].en) + '\x1f' + text + '\x1e';
      found.said += field;
      if (c != answer) found.unanswered += field;
    }
    const auto own_no = normalised(external_no, cell(external_no));
    if (!own_no.empty()) {
      found.row = head;
      if (!origin_.series.empty()) found.row += "series\x1f" + origin_.series + "\x1e";
      found.row += "external_no\x1f" + own_no;
      found.unanswered.clear();
    }
    return found;
  }

  void complain(column c, std::string reason) {
    out_.mistakes.push_back({row_->line, std::string(headings[c].zh), std::move(reason)});
  }

  void read_caller(v1::Intake& intake) {
    auto& caller = *intake.mutable_caller();
    caller.set_name(std::string(cell(name)));
    caller.set_phone(std::string(cell(phone)));
    if (!cell(phone).empty() && !domain::is_phone(cell(phone))) complain(phone, "不是电话号码");
    const auto migrant = cell(migrant_worker);
    if (migrant == "是") caller.set_migrant_worker(true);
    if (!migrant.empty() && migrant != "是" && migrant != "否") {
      complain(migrant_worker, "应为 是 或 否");
    }
    if (!cell(called_at).empty()) {
      const auto at = parse_civil_time(cell(called_at));
      if (at) intake.mutable_call()->set_called_at(to_unix_ms(*at));
      if (!at) complain(called_at, at.error().detail);
    }
    if (!cell(recording).empty())
      intake.mutable_call()->set_recording(std::string(cell(recording)));
  }

  void read_matter(v1::Matter& matter) {
    matter.set_content(std::string(cell(content)));
    if (cell(content).empty()) complain(content, "没有内容");
    matter.set_kind(v1::KIND_CONSULT);
    if (!cell(kind).empty()) {
      const auto known = std::ranges::find(kinds, cell(kind), &decltype(kinds)::value_type::first);
      if (known == kinds.end()) complain(kind, fmt::format("没有诉求类型 {}", cell(kind)));
      if (known != kinds.end()) matter.set_kind(known->second);
    }
    if (!cell(category).empty()) read_category(matter);
    if (!cell(region).empty()) read_region(matter);
    if (!cell(people).empty()) {
      std::int32_t count = 0;
      const auto text = cell(people);
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
      if (error != std::errc() || end != text.data() + text.size() || count < 0) {
        complain(people, "不是人数");
      }
      matter.set_people(count);
    }
    if (!cell(amount).empty()) {
      const auto fen = parse_yuan(cell(amount));
      if (!fen) complain(amount, "应为元，最多两位小数");
      matter.set_amount_claimed_fen(fen.value_or(0));
    }
  }

  void read_category(v1::Matter& matter) {
    const auto text = cell(category);
    for (const auto& known : land_.policy.config().categories().categories()) {
      if (text != known.code() && text != known.name()) continue;
      if (!matter.category().empty()) return complain(category, "名称不唯一，请写代码");
      matter.set_category(known.code());
    }
    if (matter.category().empty()) complain(category, fmt::format("没有类别 {}", text));
  }

  void read_region(v1::Matter& matter) {
    const auto text = cell(region);
    matter.set_place(std::string(text));
    if (land_.org.contains(text)) {
      matter.set_region(std::string(text));
      return;
    }
    const auto found = land_.regions.recognise(text);
    using domain::region_certainty;
    if (found.certainty == region_certainty::outside) return complain(region, "不在本省");
    // What is not sure is left to the dispatcher, as with a call.
    if (found.certainty == region_certainty::certain ||
        found.certainty == region_certainty::likely) {
      matter.set_region(found.code);
    }
  }

  columns where_;
  const register_origin& origin_;
  const domain::province& land_;
  register_list& out_;
  const table_row* row_ = nullptr;
};

}  // namespace

register_list read_register(const table& rows, const register_origin& origin,
                            const domain::province& land) {
  register_list list;
  if (rows.empty()) {
    list.mistakes.push_back({1, "", "表是空的"});
    return list;
  }
  auto found = columns::find_below_titles(rows, headings, list.mistakes);
  if (!list.mistakes.empty()) return list;
  list.heading_line = rows[found.row].line;
  list.ignored = std::move(found.ignored);
  list.rows = rows.size() - found.row - 1;
  register_reader reader(std::move(found.where), origin, land, list);
  for (std::size_t i = found.row + 1; i < rows.size(); ++i) reader.add(rows[i]);
  reader.finish();
  return list;
}

std::string_view heading_of_field(std::string_view field) {
  const auto known = std::ranges::find(fields, field, &decltype(fields)::value_type::first);
  return known == fields.end() ? std::string_view() : headings[known->second].zh;
}

}  // namespace hotline::program
