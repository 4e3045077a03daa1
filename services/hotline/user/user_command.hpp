// `hotline user …`: users, from the machine itself.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "services/hotline/commands.hpp"

namespace CLI {
class App;
}

namespace hotline::program {

struct user_options {
  std::string id;
  std::string name;
  std::string unit;
  std::vector<std::string> posts;
  std::string valid_until;
  std::string reason;
  bool machine = false;
  bool first_administrator = false;
  bool ask_password = false;
};

struct user_import_options {
  std::string file;
  std::string passwords;  ///< where the one-time passwords go; must not exist
  bool dry_run = false;
};

int add_user(const command_places& where, const user_options& options);
int list_users(const command_places& where, const std::string& unit);
int show_user(const command_places& where, const std::string& id);
int change_user(const command_places& where, const std::string& verb, const user_options& options);
int import_users(const command_places& where, const user_import_options& options);

/// Hangs `user` and its commands up. `add_places` gives a command its --config and --data; `places`
/// what was given there.
void add_user_commands(CLI::App& app, const std::function<void(CLI::App&)>& add_places,
                       const std::function<command_places()>& places, std::function<int()>& chosen);

}  // namespace hotline::program
