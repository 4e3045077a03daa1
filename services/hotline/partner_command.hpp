// `hotline partner …`: what is configured, what a message would become, how the exchange goes, what
// waits for a person, and comparing both sides.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "services/hotline/commands.hpp"

namespace CLI {
class App;
}

namespace hotline::program {

int list_partners(const std::filesystem::path& config);
/// Reads nothing but configuration and file, and changes nothing.
int try_partner(const std::filesystem::path& config, const std::string& name,
                const std::string& file);

struct reconcile_options {
  std::string partner;
  std::string day;  ///< "2026-11-23"; empty: yesterday
  bool repair = false;
};

/// How the exchange with every active partner goes.
int show_partner_health(const command_places& where);
/// Compares a day with a partner now; on record under the name of who is logged in.
int reconcile_partner(const command_places& where, const reconcile_options& options);

/// What it sent that waits for a person; on record under the name of who is logged in.
int show_partner_reviews(const command_places& where, const std::string& partner);

struct letter_options {
  std::string partner;
  std::string id;  ///< "3708-20261123-00001.7"; empty: all of them are listed
  bool resend = false;
  bool dismiss = false;
  std::string reason;
  std::optional<std::string> text;  ///< other words
  std::optional<std::string> reply_text;
};

/// What the partner could not be told: listed, shown, sent again or given up; on record under the
/// name of who is logged in.
int partner_letters(const command_places& where, const letter_options& options);

/// Hangs `partner` and its commands up. `add_config` gives a command its --config, `add_places` its
/// --data, too; `where` is what was given there.
void add_partner_commands(CLI::App& app, const std::function<void(CLI::App&)>& add_config,
                          const std::function<void(CLI::App&)>& add_places,
                          const std::function<command_places()>& where,
                          std::function<int()>& chosen);

}  // namespace hotline::program
