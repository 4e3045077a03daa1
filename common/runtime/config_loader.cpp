#include "common/runtime/config_loader.hpp"

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>
#include <tuple>

#include <fmt/core.h>

#include "common/domain/calendar.hpp"
#include "common/domain/organisation.hpp"
#include "common/domain/policies.hpp"
#include "common/domain/routing.hpp"
#include "common/exchange/partner.hpp"
#include "common/runtime/service_check.hpp"
#include "common/runtime/source_map.hpp"
#include "common/runtime/utf8.hpp"

namespace hotline::runtime {
namespace {

namespace pb = google::protobuf;
namespace fs = std::filesystem;

constexpr std::string_view extension = ".textproto";
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
/// The usual header line of a text-format file; names the message the file holds.
constexpr std::string_view message_header = "# proto-message:";

class error_collector final : public pb::io::ErrorCollector {
 public:
  error_collector(const std::string& file, std::vector<config_problem>& problems)
      : file_(file), problems_(problems) {}

  void AddError(int line, pb::io::ColumnNumber column, const std::string& message) override {
    problems_.push_back({file_, line + 1, column + 1, message});
  }

 private:
  const std::string& file_;
  std::vector<config_problem>& problems_;
};

/// The message named in the leading comment: "hotline.v1.CalendarConfig"; empty when none is.
std::string_view named_message(std::string_view text) {
  while (text.starts_with('#')) {
    const std::string_view line = text.substr(0, text.find('\n'));
    if (line.starts_with(message_header)) {
      const std::string_view name = line.substr(message_header.size());
      const std::size_t first = name.find_first_not_of(" \t");
      const std::size_t last = name.find_last_not_of(" \t\r");
      return first == std::string_view::npos ? "" : name.substr(first, last - first + 1);
    }
    text.remove_prefix(std::min(text.size(), line.size() + 1));
  }
  return {};
}

/// The single field of HotlineConfig that is of this type; nullptr when none is. Members of a list
/// (partners) are named in the file itself.
const pb::FieldDescriptor* part_field(std::string_view message) {
  const pb::Descriptor* whole = v1::HotlineConfig::descriptor();
  for (int i = 0; i < whole->field_count(); ++i)
    if (const auto* type = whole->field(i)->message_type();
        type && !whole->field(i)->is_repeated() && type->full_name() == message)
      return whole->field(i);
  return nullptr;
}

class reader {
 public:
  explicit reader(fs::path directory) : directory_(std::move(directory)) {}

  config_reading run() {
    find_files();
    for (const std::string& file : reading_.files) read_file(file);
    if (reading_.problems.empty()) check_meaning();
    std::ranges::sort(reading_.problems, {}, [](const config_problem& p) {
      return std::tie(p.file, p.line, p.column, p.reason);
    });
    return std::move(reading_);
  }

 private:
  void report(std::string reason, const source_place& place = {}) {
    reading_.problems.push_back({place.file, place.line, place.column, std::move(reason)});
  }

  void find_files() {
    std::error_code failed;
    if (!fs::is_directory(directory_, failed))
      return report(fmt::format("the configuration directory '{}' does not exist or cannot be read",
                                directory_.string()));
    fs::recursive_directory_iterator walk(directory_, failed);
    for (; !failed && walk != fs::recursive_directory_iterator(); walk.increment(failed)) {
      const fs::path& path = walk->path();
      const bool hidden = path.filename().string().starts_with('.');
      if (hidden && walk->is_directory(failed)) walk.disable_recursion_pending();
      if (!hidden && path.extension() == extension && walk->is_regular_file(failed))
        reading_.files.push_back(path.lexically_relative(directory_).generic_string());
    }
    if (failed)
      return report(fmt::format("the configuration directory '{}' cannot be read: {}",
                                directory_.string(), failed.message()));
    std::ranges::sort(reading_.files);
    if (reading_.files.empty())
      report(fmt::format("the configuration directory '{}' holds no *{} file", directory_.string(),
                         extension));
  }

  std::optional<std::string> text_of(const std::string& file) {
    std::ifstream in(directory_ / file, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(in), {}};
    if (!in.good() && !in.eof()) {
      report("the file cannot be read", {.file = file});
      return std::nullopt;
    }
    if (text.starts_with(byte_order_mark)) text.erase(0, byte_order_mark.size());
    if (const auto broken = first_invalid_utf8(text)) {
      const auto line = std::count(text.begin(), text.begin() + static_cast<long>(*broken), '\n');
      report("the file is not UTF-8 text; save it in that encoding (not GBK)",
             {.file = file, .line = static_cast<int>(line) + 1, .column = 1});
      return std::nullopt;
    }
    return text;
  }

  void read_file(const std::string& file) {
    const auto text = text_of(file);
    if (!text) return;
    const std::string_view type = named_message(*text);
    const pb::FieldDescriptor* field = part_field(type);
    if (!field && !type.empty() && type != v1::HotlineConfig::descriptor()->full_name())
      return report(fmt::format("'{}' is no part of a configuration", type),
                    {.file = file, .line = 1, .column = 1});

    v1::HotlineConfig part;
    pb::Message* target = field ? part.GetReflection()->MutableMessage(&part, field) : &part;
    error_collector errors(file, reading_.problems);
    pb::TextFormat::ParseInfoTree tree;
    pb::TextFormat::Parser parser;
    parser.RecordErrorsTo(&errors);
    parser.WriteLocationsTo(&tree);
    if (!parser.ParseFromString(*text, target)) return;

    const auto piece_of = [&](const v1::HotlineConfig& whole) -> const pb::Message& {
      if (!field) return whole;
      return whole.GetReflection()->GetMessage(whole, field);
    };
    for (const auto& twice : locations_.add(piece_of(part), tree, piece_of(reading_.config), file,
                                            field ? field->name() : ""))
      report(fmt::format("'{}' is set already in {}:{}", twice.path, twice.earlier.file,
                         twice.earlier.line),
             twice.place);
    reading_.config.MergeFrom(part);
  }

  void report_all(std::string_view prefix, const std::vector<domain::config_mistake>& mistakes) {
    for (const domain::config_mistake& one : mistakes) {
      const bool joined = !prefix.empty() && !one.path.empty();
      const std::string path = fmt::format("{}{}{}", prefix, joined ? "." : "", one.path);
      report(one.reason, locations_.find(path));
    }
  }

  void check_meaning() {
    const v1::HotlineConfig& config = reading_.config;
    report_all("services", check_services(config.services()));
    report_all("calendar", domain::check_calendars(config.calendar()));
    report_all("policies", domain::check_policies(config.policies()));
    const auto in_tree = domain::check_organisation(config.organisation());
    report_all("organisation", in_tree);
    if (!in_tree.empty()) return;  // routing speaks about units
    const auto units = domain::build_organisation(config.organisation());
    report_all("policies", domain::check_routing(config.policies(), *units));
    report_all("", exchange::check_partners(config, *units, config.policies()));
  }

  fs::path directory_;
  config_reading reading_;
  source_map locations_;
};

}  // namespace

std::string to_string(const config_problem& problem) {
  if (problem.file.empty()) return problem.reason;
  if (problem.line == 0) return fmt::format("{}: {}", problem.file, problem.reason);
  return fmt::format("{}:{}:{}: {}", problem.file, problem.line, problem.column, problem.reason);
}

config_reading read_config(const fs::path& directory) { return reader(directory).run(); }

result<v1::HotlineConfig> load_config(const fs::path& directory) {
  config_reading reading = read_config(directory);
  if (reading.problems.empty()) return std::move(reading.config);
  std::string lines;
  for (const config_problem& problem : reading.problems) {
    if (!lines.empty()) lines += '\n';
    lines += to_string(problem);
  }
  return fail(errc::misconfigured, std::move(lines));
}

}  // namespace hotline::runtime
