#include "services/hotline/partner_command.hpp"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>

#include "common/base/clock.hpp"
#include "common/exchange/partner.hpp"
#include "common/exchange/read_message.hpp"
#include "services/hotline/deployment.hpp"
#include "services/hotline/exit_code.hpp"
#include "services/hotline/partner_trial.hpp"
#include "services/hotline/partner_words.hpp"
#include "services/hotline/text_table.hpp"
#include "services/hotline/words.hpp"

namespace hotline::program {
namespace {

std::string_view way_in(const v1::Partner& partner) {
  switch (partner.inbound().way_case()) {
    case v1::Inbound::kPush: return "推送";
    case v1::Inbound::kPull: return "拉取";
    case v1::Inbound::kFile: return "文件";
    case v1::Inbound::WAY_NOT_SET: break;
  }
  return "—";
}

std::string_view way_out(const v1::Partner& partner) {
  switch (partner.outbound().way_case()) {
    case v1::Outbound::kUrl: return "推送";
    case v1::Outbound::kFile: return "文件";
    case v1::Outbound::WAY_NOT_SET: break;
  }
  return "—";
}

std::string format_text(const v1::PartnerFormat& format) {
  const bool gb18030 = format.charset() == v1::CHARSET_GB18030;
  return std::string(format.syntax() == v1::SYNTAX_XML ? "XML" : "JSON") +
         (gb18030 ? " GB18030" : " UTF-8");
}

/// Nothing: it is no file, or cannot be read.
std::optional<std::string> text_of(const std::string& file) {
  std::error_code wrong;
  if (std::filesystem::is_directory(file, wrong) || wrong) return std::nullopt;
  std::ifstream in(file, std::ios::binary);
  if (!in) return std::nullopt;
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (in.bad()) return std::nullopt;
  return text;
}

/// One message as a table; how many of its fields are at fault.
std::size_t print_item(const exchange::explained_item& item) {
  constexpr std::size_t cell_max = 36;
  std::size_t faults = 0;
  text_table table({"对方字段", "对方内容", "我方字段", "我方内容", "问题"});
  for (const exchange::read_field& field : item.fields) {
    const bool silent = field.their_value.empty() && field.our_value.empty() && field.fault.empty();
    if (silent) continue;
    if (!field.fault.empty()) ++faults;
    table.add({field.theirs, field.their_value, field.ours,
               field.ours == "kind" ? std::string(word(item.kind)) : value_text(field.our_value),
               field.fault});
  }
  fmt::print("{}", table.to_text(cell_max));
  if (!item.unmapped.empty())
    fmt::print("未映射的字段：{}\n", printable(fmt::format("{}", fmt::join(item.unmapped, "，"))));
  return faults;
}

struct trial_counts {
  std::size_t taken = 0;
  std::size_t drafts = 0;
  std::size_t reviews = 0;
};

/// What the rules would make of an item that could be read.
void print_trial(const trial& made, trial_counts& counts) {
  switch (made.end) {
    case trial::outcome::accepted: ++counts.taken; return fmt::print("结果：受理\n");
    case trial::outcome::draft:
      ++counts.drafts;
      return fmt::print("结果：待补充，缺 {}\n", made.text);
    case trial::outcome::applies:
      ++counts.taken;
      return fmt::print("结果：可办理（须有对应工单，按其当时状态办理）\n");
    case trial::outcome::review:
      ++counts.reviews;
      return fmt::print("结果：转人工核对，{}\n", printable(made.text));
  }
}

}  // namespace

int list_partners(const std::filesystem::path& config) {
  const auto ready = load_deployment(config);
  if (!ready) return exit_found;
  text_table table({"名称", "对接方", "单位", "转入", "转出", "格式", "状态"});
  for (const v1::Partner& one : ready->config.partners())
    table.add({one.name(), one.title(), one.unit(), std::string(way_in(one)),
               std::string(way_out(one)),
               format_text(one.has_inbound() ? one.inbound().format() : one.outbound().format()),
               one.inactive() ? "停用" : "启用"});
  fmt::print("{}", table.to_text());
  for (const std::string& warning : exchange::partner_warnings(ready->config))
    fmt::print(stderr, "hotline: {}\n", warning);
  return exit_ok;
}

int try_partner(const std::filesystem::path& config, const std::string& name,
                const std::string& file) {
  const auto ready = load_deployment(config);
  if (!ready) return exit_found;
  const v1::Partner* wanted = find_partner(ready->config, name);
  if (!wanted || !wanted->has_inbound()) {
    fmt::print(stderr, "没有名为 {} 的对接方，或它不向我方发送\n", name);
    return exit_found;
  }
  const auto bytes = text_of(file);
  if (!bytes) {
    fmt::print(stderr, "hotline: {} 不是可读的文件\n", file);
    return exit_failed;
  }
  // Passed its checks with the rest of the configuration.
  const auto partner = exchange::partner::compile(*wanted, *ready->land);
  const auto told = exchange::explain_message(*partner, *bytes);
  const auto read = exchange::read_message(*partner, *bytes);
  if (!told || !read) {
    const auto& why = told ? read.error() : told.error();
    fmt::print("整件不能接收：{}\n", printable(exchange::to_string({why})));
    return exit_found;
  }
  trial_counts counts;
  for (std::size_t i = 0; i < told->size(); ++i) {
    const auto& event = (*read)[i].event;
    fmt::print("{}第 {} 件  {}\n\n", i == 0 ? "" : "\n", i + 1, word((*told)[i].kind));
    const std::size_t shown = print_item((*told)[i]);
    if (event) {
      print_trial(try_event(*event, *wanted, *ready->land, wall_clock().now()), counts);
      continue;
    }
    ++counts.reviews;
    fmt::print("结果：转人工核对{}{}\n", shown == 0 ? "，" : "",
               shown == 0 ? printable(exchange::to_string(event.error())) : "");
  }
  fmt::print("\n共 {} 件，可接收 {} 件（其中待补充 {} 件），转人工核对 {} 件\n", told->size(),
             counts.taken + counts.drafts, counts.drafts, counts.reviews);
  return counts.reviews == 0 ? exit_ok : exit_found;
}

void add_partner_commands(CLI::App& app, const std::function<void(CLI::App&)>& add_config,
                          const std::function<void(CLI::App&)>& add_places,
                          const std::function<command_places()>& where,
                          std::function<int()>& chosen) {
  auto* partner = app.add_subcommand("partner", "The exchange with other systems (对接)");
  partner->require_subcommand(1);
  auto* list = partner->add_subcommand("list", "Who is configured");
  add_config(*list);
  list->callback([=, &chosen] { chosen = [=] { return list_partners(where().config); }; });

  auto* attempt = partner->add_subcommand("try", "Show what a partner's message would become");
  attempt->footer(
      "Field by field: their path and value, ours, or what is wrong; what no field reads; and what "
      "the rules would make of it. Nothing is sent or stored. Also for partners that are not "
      "active yet. The output shows the message: keep real ones safe.");
  add_config(*attempt);
  const auto name = std::make_shared<std::string>();
  const auto file = std::make_shared<std::string>();
  attempt->add_option("name", *name, "The partner's name")->required();
  attempt->add_option("file", *file, "A message as the partner sends it")->required();
  attempt->callback(
      [=, &chosen] { chosen = [=] { return try_partner(where().config, *name, *file); }; });

  auto* health = partner->add_subcommand("health", "How the exchange with each partner goes");
  add_places(*health);
  health->callback([=, &chosen] { chosen = [=] { return show_partner_health(where()); }; });

  auto* reviews =
      partner->add_subcommand("reviews", "What it sent that waits for a person (待核对)");
  reviews->footer(
      "Why each could not simply be applied, oldest first, without what the partner sent. The look "
      "is on record. They are decided over HTTP, by a dispatcher or supervisor.");
  add_places(*reviews);
  const auto whose = std::make_shared<std::string>();
  reviews->add_option("name", *whose, "The partner's name")->required();
  reviews->callback(
      [=, &chosen] { chosen = [=] { return show_partner_reviews(where(), *whose); }; });

  auto* letters = partner->add_subcommand("letters", "What it could not be told (未送达)");
  letters->footer(
      "Without an id all of them, oldest first; with one that one, masked. --resend sends it again "
      "under its first Message-Id, perhaps with other words, and needs a --reason. All of it is on "
      "record, as over HTTP.");
  add_places(*letters);
  const auto letter = std::make_shared<letter_options>();
  letters->add_option("name", letter->partner, "The partner's name")->required();
  auto* const id = letters->add_option("id", letter->id, "As listed, 3708-20261123-00001.7");
  auto* const resend = letters->add_flag("--resend", letter->resend, "Send it again")->needs(id);
  auto* const reason = letters->add_option("--reason", letter->reason, "Why; goes on record");
  auto* const dismiss =
      letters->add_flag("--dismiss", letter->dismiss, "Give it up: what is behind it goes on")
          ->needs(id)
          ->excludes(resend);
  dismiss->needs(reason);
  resend->needs(reason);
  letters->add_option("--text", letter->text, "Other words")->needs(resend);
  letters->add_option("--reply-text", letter->reply_text, "Other words of the result (办结反馈)")
      ->needs(resend);
  letters->callback([=, &chosen] { chosen = [=] { return partner_letters(where(), *letter); }; });

  auto* reconcile = partner->add_subcommand("reconcile", "Compare both sides now (对账)");
  reconcile->footer(
      "Asks for the partner's list of the tickets first exchanged on a day and prints what "
      "differs. "
      "With --repair the partner is told again what it misses, under the same ids. No ticket is "
      "changed. The report is kept, and the comparison is on record.");
  add_places(*reconcile);
  const auto options = std::make_shared<reconcile_options>();
  reconcile->add_option("name", options->partner, "The partner's name")->required();
  reconcile->add_option("--day", options->day, "2026-11-23; yesterday when left out");
  reconcile->add_flag("--repair", options->repair, "Tell the partner again what it misses");
  reconcile->callback(
      [=, &chosen] { chosen = [=] { return reconcile_partner(where(), *options); }; });
}

}  // namespace hotline::program
