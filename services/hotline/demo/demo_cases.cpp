#include "services/hotline/demo/demo_cases.hpp"

#include <fmt/core.h>

#include <array>
#include <boost/json.hpp>
#include <fstream>
#include <utility>

namespace hotline::program {
namespace {

namespace json = boost::json;

std::string text_of(const json::object& line, std::string_view name) {
  const auto* value = line.if_contains(name);
  return value && value->is_string() ? std::string(value->as_string()) : std::string();
}

std::int64_t number_of(const json::object& line, std::string_view name) {
  const auto* value = line.if_contains(name);
  return value && value->is_int64() ? value->as_int64() : 0;
}

v1::Source source_of(std::string_view channel) {
  using entry = std::pair<std::string_view, v1::Source>;
  constexpr std::array<entry, 6> table = {
      entry{"广播", v1::SOURCE_MEDIA},         entry{"仲裁院", v1::SOURCE_ARBITRATION},
      entry{"流动服务站", v1::SOURCE_STATION}, entry{"企业工会", v1::SOURCE_UNION_AFFILIATED},
      entry{"窗口", v1::SOURCE_WALK_IN},       entry{"求助", v1::SOURCE_WALK_IN}};
  for (const auto& [word, source] : table) {
    if (channel.find(word) != std::string_view::npos) return source;
  }
  return v1::SOURCE_PHONE;
}

struct subject {
  const char* category;
  v1::Kind kind;
};

subject subject_of(std::string_view category) {
  if (category == "工资报酬") return {"wages.arrears", v1::KIND_COMPLAINT};
  if (category == "工会帮扶") return {"relief", v1::KIND_HELP};
  if (category == "就业培训") return {"jobs", v1::KIND_HELP};
  if (category == "工伤") return {"injury", v1::KIND_COMPLAINT};
  return {"wages", v1::KIND_COMPLAINT};
}

demo_case read_case(const json::object& line, std::size_t number) {
  demo_case made;
  auto& intake = *made.order.mutable_intake();
  intake.set_source(source_of(text_of(line, "channel")));
  auto& caller = *intake.mutable_caller();
  caller.set_name(text_of(line, "caller_display"));
  // Invented: the reports print no numbers.
  caller.set_phone(fmt::format("1380531{:04d}", number));
  auto& matter = *intake.mutable_matter();
  const auto about = subject_of(text_of(line, "category"));
  matter.set_kind(about.kind);
  matter.set_category(about.category);
  matter.set_content(text_of(line, "summary"));
  matter.set_region(text_of(line, "region_code"));
  matter.set_place(text_of(line, "region_name"));
  matter.set_people(static_cast<std::int32_t>(number_of(line, "people_involved")));
  matter.set_amount_claimed_fen(number_of(line, "amount_yuan") * 100);
  caller.set_migrant_worker(matter.content().find("农民工") != std::string::npos);
  if (matter.content().find("骑手") != std::string::npos) {
    caller.set_platform_work(v1::PLATFORM_WORK_FOOD_DELIVERY);
  }
  intake.mutable_employer()->set_name(text_of(line, "employer"));
  made.outcome = text_of(line, "outcome");
  // 曲某's 5,000 yuan are aid of the union, not recovered wages.
  if (about.kind == v1::KIND_COMPLAINT)
    made.paid_fen = number_of(line, "amount_recovered_yuan") * 100;
  made.people = std::max(1, matter.people());
  return made;
}

}  // namespace

result<std::vector<demo_case>> read_demo_cases(const std::string& file) {
  std::ifstream in(file);
  if (!in) return fail(errc::io_error, fmt::format("cannot read {}", file));
  std::vector<demo_case> cases;
  std::string text;
  for (std::size_t number = 1; std::getline(in, text); ++number) {
    if (text.empty()) continue;
    boost::system::error_code bad;
    const auto line = json::parse(text, bad);
    if (bad || !line.is_object()) {
      return fail(errc::invalid_argument, fmt::format("{}:{}: not a JSON object", file, number));
    }
    cases.push_back(read_case(line.as_object(), number));
  }
  return cases;
}

}  // namespace hotline::program
