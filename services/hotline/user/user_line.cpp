// The command line of `hotline user`.
#include <CLI/CLI.hpp>
#include <memory>

#include "services/hotline/user/user_command.hpp"

namespace hotline::program {
namespace {

using chooser = std::function<int()>;

/// Copied into the callbacks, which run when the line is parsed.
struct line {
  std::function<void(CLI::App&)> add_places;
  std::function<command_places()> places;
  chooser& chosen;
};

void add_add(CLI::App& user, const line& l) {
  auto* command = user.add_subcommand("add", "Make a user; prints a one-time password");
  command->footer(
      "--first-administrator makes the first security administrator of the province, while there "
      "is "
      "no user yet; the password is asked for on the terminal, or read from standard input. There "
      "is no default password anywhere.");
  l.add_places(*command);
  const auto o = std::make_shared<user_options>();
  command->add_option("id", o->id, "Login name, [a-z0-9._-]{2,64}")->required();
  command->add_option("--name", o->name, "Name of the person or system")->required();
  auto* unit = command->add_option("--unit", o->unit, "Where they belong; that of the first post");
  auto* posts =
      command->add_option("--post", o->posts, "370883/承办人, 370883/ROLE_OFFICER@2027-06-30");
  command->add_option("--valid-until", o->valid_until, "Last day: 2027-06-30");
  command->add_flag("--machine", o->machine, "A program: its password is long and does not age");
  command->add_flag("--password", o->ask_password, "Ask for the password instead of making one");
  command->add_flag("--first-administrator", o->first_administrator, "The very first user")
      ->excludes(unit)
      ->excludes(posts);
  command->callback(
      [o, l] { l.chosen = [o, places = l.places] { return add_user(places(), *o); }; });
}

void add_change(CLI::App& user, const line& l, const char* verb, const char* what) {
  auto* command = user.add_subcommand(verb, what);
  l.add_places(*command);
  const auto o = std::make_shared<user_options>();
  command->add_option("id", o->id, "Login name")->required();
  const std::string name = verb;
  if (name == "grant" || name == "revoke") {
    command->add_option("post", o->posts, "370883/承办人, 370883/ROLE_OFFICER@2027-06-30")
        ->required();
  } else {
    command->add_option("--reason", o->reason, "Why; goes into the record");
  }
  if (name == "passwd") {
    command->add_flag("--password", o->ask_password, "Ask for the password instead of making one");
  }
  command->callback([o, l, name] {
    l.chosen = [o, name, places = l.places] { return change_user(places(), name, *o); };
  });
}

void add_looks(CLI::App& user, const line& l) {
  const auto text = std::make_shared<std::string>();
  auto* list = user.add_subcommand("list", "Users of a unit and those below it");
  l.add_places(*list);
  list->add_option("--unit", *text, "Unit code; everybody if left out");
  list->callback(
      [text, l] { l.chosen = [text, places = l.places] { return list_users(places(), *text); }; });
  auto* show = user.add_subcommand("show", "One user");
  l.add_places(*show);
  show->add_option("id", *text, "Login name")->required();
  show->callback(
      [text, l] { l.chosen = [text, places = l.places] { return show_user(places(), *text); }; });
}

void add_import(CLI::App& user, const line& l) {
  auto* command = user.add_subcommand("import", "Make users from a table (.csv, .xlsx)");
  command->footer(
      "The first row names the columns: 用户名/user, 姓名/name, 单位/unit (code), 角色/role, and "
      "if "
      "wanted 有效期至/valid_until, 类别/kind. One row for each post. Bad rows are reported with "
      "line "
      "and column, and the rest goes on.");
  l.add_places(*command);
  const auto o = std::make_shared<user_import_options>();
  command->add_option("file", o->file, "The table")->required();
  command->add_option("--passwords", o->passwords,
                      "Where the one-time passwords go (made, 0600); FILE.passwords.csv");
  command->add_flag("--dry-run", o->dry_run, "Only look");
  command->callback([o, l] {
    if (o->passwords.empty()) o->passwords = o->file + ".passwords.csv";
    l.chosen = [o, places = l.places] { return import_users(places(), *o); };
  });
}

}  // namespace

void add_user_commands(CLI::App& app, const std::function<void(CLI::App&)>& add_places,
                       const std::function<command_places()>& places, chooser& chosen) {
  auto* user = app.add_subcommand("user", "Users and their posts (用户与岗位)");
  user->require_subcommand(1);
  user->footer("At the machine, beside a server or without one; every change is recorded.");
  const line l{add_places, places, chosen};
  add_add(*user, l);
  add_looks(*user, l);
  add_change(*user, l, "passwd", "A new one-time password; ends the user's sessions");
  add_change(*user, l, "disable", "Nobody signs in as this user any more");
  add_change(*user, l, "enable", "The contrary of disable");
  add_change(*user, l, "grant", "Give posts");
  add_change(*user, l, "revoke", "Take posts away");
  add_change(*user, l, "unlock", "Forget failed sign-ins");
  add_change(*user, l, "reset-totp", "Take the second factor away");
  add_import(*user, l);
}

}  // namespace hotline::program
