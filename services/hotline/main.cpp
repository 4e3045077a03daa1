// The one program of the hotline: its command line.
#include <fmt/core.h>
#include <signal.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <functional>
#include <iostream>
#include <string>

#include "common/base/rfc3339.hpp"
#include "services/hotline/commands.hpp"
#include "services/hotline/demo/demo.hpp"
#include "services/hotline/exit_code.hpp"
#include "services/hotline/partner_command.hpp"
#include "services/hotline/serve.hpp"
#include "services/hotline/user/user_command.hpp"

namespace hotline::program {
namespace {

constexpr const char* footer =
    "Exit codes: 0 done; 1 something is wrong with what was looked at (configuration, data, lines "
    "of a file, no such ticket); 2 wrong command line; 3 it could not be done (Redis, files, "
    "another process); 4 ended at once by a second signal.";

/// What every command needs.
struct places {
  std::string config = "config";
  std::string data = "data";
};

void add_config(CLI::App& command, places& where) {
  command.add_option("--config", where.config, "Configuration directory (*.textproto)")
      ->capture_default_str();
}

void add_places(CLI::App& command, places& where) {
  add_config(command, where);
  command.add_option("--data", where.data, "Data directory")->capture_default_str();
}

void add_serve(CLI::App& app, places& where, std::function<int()>& chosen) {
  auto* command = app.add_subcommand("serve", "Run the hotline until SIGTERM or SIGINT");
  command->footer(
      "The first process on a data directory owns it and runs its Redis. With --services a process "
      "joins an owner that runs already: services can be started, stopped and doubled one by one.\n"
      "With --rehearsal (演练) the system runs on a virtual clock that PUT /v1/clock sets; a data "
      "directory is for rehearsals or for real service, for ever.");
  add_places(*command, where);
  struct given {
    serve_options options;
    std::string services;
    std::string start_at;
    double rate = 0;
    std::uint16_t port = 0;
  };
  const auto g = std::make_shared<given>();
  auto* services = command->add_option(
      "--services", g->services,
      "Some of: gateway,dispatch,sla,escalation,audit,transfer; redis for none");
  auto* rehearsal =
      command->add_flag("--rehearsal", g->options.rehearsal, "Rehearsal mode: a virtual clock");
  auto* start_at = command->add_option("--start-at", g->start_at,
                                       "Where a rehearsal begins or jumps to: "
                                       "2026-09-30T16:00:00+08:00");
  auto* rate =
      command->add_option("--rate", g->rate, "Virtual seconds per second; 0: time stands still");
  start_at->needs(rehearsal);
  rate->needs(rehearsal)->check(CLI::Range(0.0, 1e6));
  auto* port = command->add_option("--port", g->port, "Instead of the configured one; 0: any free");
  command
      ->add_option("--worker-threads", g->options.worker_threads,
                   "1: dispatch, escalation and sla share a thread; 2: one each")
      ->check(CLI::Range(1, 2))
      ->capture_default_str();
  command->add_option("--log-level", g->options.log_level, "Instead of the configured one")
      ->check(CLI::IsMember({"trace", "debug", "info", "warn", "error", "off"}));
  command->callback([=, &where, &chosen] {
    g->options.config = where.config;
    g->options.data = where.data;
    if (services->count() > 0) {
      const auto parsed = parse_services(g->services);
      if (!parsed) throw CLI::ValidationError("--services", parsed.error().detail);
      g->options.services = *parsed;
    }
    if (start_at->count() > 0) {
      g->options.start_at = read_rfc3339(g->start_at);
      if (!g->options.start_at) {
        throw CLI::ValidationError("--start-at", "write 2026-09-30T16:00:00+08:00");
      }
    }
    if (rate->count() > 0) g->options.rate = g->rate;
    if (port->count() > 0) g->options.port = g->port;
    chosen = [g] { return serve(g->options); };
  });
}

void add_check(CLI::App& app, places& where, std::function<int()>& chosen) {
  auto* command = app.add_subcommand("check", "Check a configuration directory");
  command->footer("Prints every mistake as file:line:column: reason.");
  add_config(*command, where);
  command->callback([&where, &chosen] { chosen = [&where] { return check(where.config); }; });
}

void add_verify(CLI::App& app, places& where, std::function<int()>& chosen) {
  auto* command = app.add_subcommand("verify", "Prove that everything stored is whole");
  command->footer("May run beside a server.");
  add_places(*command, where);
  const auto repair = std::make_shared<bool>(false);
  command->add_flag("--repair", *repair, "Write queues, timers and indexes as the tickets say");
  command->callback([=, &where, &chosen] {
    chosen = [=, &where] { return verify({where.config, where.data}, *repair); };
  });
}

void add_import(CLI::App& app, places& where, std::function<int()>& chosen) {
  auto* command = app.add_subcommand("import", "Create tickets from a file of JSON lines");
  command->footer(
      "Each line is an Intake or a CreateTicket as POST /v1/tickets takes it. An import that was "
      "cut off is repeated with the same file: lines that were done before are not done again "
      "(within a day). Bad lines are reported with their number, and the rest goes on.");
  add_places(*command, where);
  const auto options = std::make_shared<import_options>();
  command->add_option("file", options->file, "The file, or - for standard input")->required();
  command->add_option("--unit", options->unit, "On behalf of this unit; the province if left out");
  command->callback([=, &where, &chosen] {
    chosen = [=, &where] { return import_tickets({where.config, where.data}, *options); };
  });
}

void add_register(CLI::App& app, places& where, std::function<int()>& chosen) {
  auto* command =
      app.add_subcommand("register", "Create tickets from a register (台账): CSV or xlsx");
  command->footer(
      "The headings, with a title above or not: 时间 姓名 电话 地区 用人单位 类别 诉求类型 "
      "诉求内容 "
      "答复 人数 金额 农民工 编号 录音; others are ignored. Rows with a 答复 are filed as answered "
      "and "
      "wait for the quality check. A register may be read again at any time, grown, sorted or "
      "after "
      "a break: a row that was there is the same ticket. 编号 tells rows apart best. Bad rows are "
      "reported with their number, and the rest goes on.");
  add_places(*command, where);
  const auto options = std::make_shared<register_options>();
  command->add_option("file", options->file, "The file, .csv (UTF-8 or GBK) or .xlsx")->required();
  command->add_option("--source", options->source, "MEDIA, WALK_IN, STATION, PETITION, …")
      ->capture_default_str();
  command->add_option("--series", options->series,
                      "Name a register whose 编号 begin anew, each year or for each programme");
  command->add_option("--unit", options->unit,
                      "On behalf of this unit, no partner's; the province if left out");
  command->add_option("--report", options->report,
                      "Write what became of each row here, as CSV: 行,工单号,归类,结果");
  command->callback([=, &where, &chosen] {
    chosen = [=, &where] { return import_register({where.config, where.data}, *options); };
  });
}

void add_export(CLI::App& app, places& where, std::function<int()>& chosen) {
  auto* command = app.add_subcommand("export", "Write every ticket as a JSON line");
  command->footer(
      "To standard output, what a supervisor of the province may export. Personal data are masked, "
      "numbers in words starred out, files left out. With --full the lines hold personal data: "
      "keep "
      "them safe.");
  add_places(*command, where);
  const auto options = std::make_shared<export_options>();
  auto* full = command->add_flag("--full", options->full, "Personal data as they are");
  auto* reason =
      command->add_option("--reason", options->reason, "Why they are needed; with --full");
  reason->needs(full)->check([](const std::string& text) {
    return text.find_first_not_of(" \t") == std::string::npos ? "is blank" : std::string();
  });
  full->needs(reason);
  command->callback([=, &where, &chosen] {
    chosen = [=, &where] { return export_tickets({where.config, where.data}, *options); };
  });
}

void add_audit(CLI::App& app, places& where, std::function<int()>& chosen) {
  auto* audit = app.add_subcommand("audit", "The record of everything (审计)");
  audit->require_subcommand(1);
  auto* verify = audit->add_subcommand("verify", "Prove that nothing in the record was changed");
  verify->footer(
      "Compares histories and audit records with the chains, and the chains with the signed heads. "
      "Names every edit, deletion, swap, truncation and insertion. May run beside a server.");
  add_places(*verify, where);
  const auto checks = std::make_shared<audit_verify_options>();
  verify->add_option("--heads", checks->heads,
                     "File of signed heads, e.g. the copy on another host");
  verify->add_option("--public-key", checks->public_keys,
                     "Whose signatures count (hexadecimal); the key file's if left out");
  verify->callback([=, &where, &chosen] {
    chosen = [=, &where] { return verify_audit({where.config, where.data}, *checks); };
  });

  auto* list = audit->add_subcommand("list", "Print the audit records, newest first");
  list->footer(
      "Sign-ins, exports, changes of users and configuration; a ticket's own record is its "
      "history (hotline ticket show).");
  add_places(*list, where);
  const auto wanted = std::make_shared<audit_list_options>();
  list->add_option("--user", wanted->user, "Only what this user did");
  list->add_option("--action", wanted->action, "Only this action; \"user.\" is all that begin so");
  list->add_option("--since", wanted->since, "2026-11-23T00:00:00+08:00");
  list->add_option("--limit", wanted->limit, "At most so many")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  list->callback([=, &where, &chosen] {
    chosen = [=, &where] { return list_audit({where.config, where.data}, *wanted); };
  });
}

void add_views(CLI::App& app, places& where, std::function<int()>& chosen) {
  const auto name = std::make_shared<std::string>();
  auto* ticket = app.add_subcommand("ticket", "Look at one ticket (工单)");
  ticket->require_subcommand(1);
  auto* show = ticket->add_subcommand("show", "Its story as a timeline");
  add_places(*show, where);
  show->add_option("no", *name, "Ticket number, e.g. 3708-20261123-00042")->required();
  show->callback([=, &where, &chosen] {
    chosen = [=, &where] { return show_ticket({where.config, where.data}, *name); };
  });

  auto* queue = app.add_subcommand("queue", "Show the queue of a unit (待办队列)");
  add_places(*queue, where);
  queue->add_option("unit", *name, "Unit code, e.g. 370883")->required();
  queue->callback([=, &where, &chosen] {
    chosen = [=, &where] { return show_queue({where.config, where.data}, *name); };
  });

  auto* board = app.add_subcommand("board", "Show the board of a unit and those below it (看板)");
  add_places(*board, where);
  board->add_option("unit", *name, "Unit code; the province if left out");
  board->callback([=, &where, &chosen] {
    chosen = [=, &where] { return show_board({where.config, where.data}, *name); };
  });
}

void add_outbox(CLI::App& app, places& where, std::function<int()>& chosen) {
  auto* outbox = app.add_subcommand("outbox", "What the services react to (事件出站箱)");
  outbox->require_subcommand(1);
  auto* show =
      outbox->add_subcommand("show", "How far every service has read, and what is missing");
  add_places(*show, where);
  show->callback([&where, &chosen] {
    chosen = [&where] { return show_outboxes({where.config, where.data}); };
  });
  auto* rebuild =
      outbox->add_subcommand("rebuild", "Bring back what was removed before it was read");
  rebuild->footer(
      "The events come from the tickets' histories. A running server does the same by itself "
      "within "
      "seconds. May run beside it, and be repeated: an event that comes twice changes nothing.");
  add_places(*rebuild, where);
  const auto since = std::make_shared<std::string>();
  rebuild->add_option("--since", *since,
                      "Events from here on, also where nothing seems to be missing: "
                      "2026-11-23T00:00:00+08:00");
  rebuild->callback([=, &where, &chosen] {
    std::optional<instant> from;
    if (!since->empty()) {
      from = read_rfc3339(*since);
      if (!from) throw CLI::ValidationError("--since", "write 2026-11-23T00:00:00+08:00");
    }
    chosen = [=, &where] { return rebuild_outboxes({where.config, where.data}, from); };
  });
}

void add_keys(CLI::App& app, places& where, std::function<int()>& chosen) {
  auto* command = app.add_subcommand("keys", "Keys of personal data (密钥)");
  command->require_subcommand(1);
  auto* rotate = command->add_subcommand("rotate", "Seal with a new key from now on");
  rotate->footer(
      "May run beside a server. The old keys stay in the file: they open what they sealed.");
  add_places(*rotate, where);
  rotate->callback(
      [&where, &chosen] { chosen = [&where] { return rotate_keys({where.config, where.data}); }; });
  auto* list = command->add_subcommand("list", "Count what is sealed with which key");
  add_places(*list, where);
  list->callback(
      [&where, &chosen] { chosen = [&where] { return list_keys({where.config, where.data}); }; });
  auto* retire = command->add_subcommand("retire", "Take an old key out of the key file");
  retire->footer("Refused while anything is sealed with it: the same count as that of list.");
  add_places(*retire, where);
  const auto id = std::make_shared<std::uint16_t>();
  retire->add_option("id", *id, "Id of the key")->required();
  retire->callback([=, &where, &chosen] {
    chosen = [=, &where] { return retire_key({where.config, where.data}, *id); };
  });
}

void add_demo(CLI::App& app, places& where, std::function<int()>& chosen) {
  auto* command = app.add_subcommand("demo", "Play the report cases in a rehearsal (演练)");
  command->footer("Serves on a directory of its own, which is removed at the end.");
  add_config(*command, where);
  const auto options = std::make_shared<demo_options>();
  command->add_option("--cases", options->cases, "JSON lines of cases")->required();
  const auto leave = std::make_shared<bool>(false);
  command->add_flag("--leave", *leave, "End when the story is told");
  command->callback([=, &where, &chosen] {
    chosen = [=, &where] { return demo({where.config, options->cases, !*leave}); };
  });
}

int main(int argc, char** argv) {
  CLI::App app("12351 工会热线: the hotline of the trade unions");
  app.footer(footer);
  app.require_subcommand(1);
  app.set_help_all_flag("--help-all", "Help of every command");
  places where;
  std::function<int()> chosen;
  add_serve(app, where, chosen);
  add_check(app, where, chosen);
  add_verify(app, where, chosen);
  add_import(app, where, chosen);
  add_register(app, where, chosen);
  add_export(app, where, chosen);
  add_audit(app, where, chosen);
  add_views(app, where, chosen);
  add_outbox(app, where, chosen);
  add_keys(app, where, chosen);
  add_demo(app, where, chosen);
  add_user_commands(
      app, [&where](CLI::App& command) { add_places(command, where); },
      [&where] { return command_places{where.config, where.data}; }, chosen);
  add_partner_commands(
      app, [&where](CLI::App& command) { add_config(command, where); },
      [&where](CLI::App& command) { add_places(command, where); },
      [&where] { return command_places{where.config, where.data}; }, chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? exit_ok : exit_usage;
  }
  return chosen();
}

}  // namespace
}  // namespace hotline::program

namespace {

/// Every open page is a socket: take all the descriptors this process may have.
void allow_many_sockets() {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
}

}  // namespace

int main(int argc, char** argv) {
  allow_many_sockets();
  // Writing to a peer that is gone is an error to handle, not a reason to die.
  ::signal(SIGPIPE, SIG_IGN);
  return hotline::program::main(argc, argv);
}
