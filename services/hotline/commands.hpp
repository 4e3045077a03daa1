// The commands besides serve. Each prints for people and gives the exit code.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.hpp"

namespace hotline::program {

struct command_places {
  std::filesystem::path config;
  std::filesystem::path data;
};

struct import_options {
  std::string file;
  std::string unit;
};

struct register_options {
  std::string file;
  std::string source = "MEDIA";  ///< v1::Source without its prefix
  std::string series;            ///< whose 编号 these are, where they begin anew
  std::string unit;
  std::string report;  ///< where what became of each row is written; empty: nowhere
};

struct export_options {
  bool full = false;   ///< personal values as a reveal shows them
  std::string reason;  ///< why, where `full`
};

struct audit_verify_options {
  std::string heads;                     ///< empty: where the server writes them
  std::vector<std::string> public_keys;  ///< hexadecimal; empty: that of the key file
};

struct audit_list_options {
  std::string user;
  std::string action;
  std::string since;
  int limit = 100;
};

int check(const std::filesystem::path& config);
int verify(const command_places& where, bool repair);
int verify_audit(const command_places& where, const audit_verify_options& options);
int list_audit(const command_places& where, const audit_list_options& options);
int import_tickets(const command_places& where, const import_options& options);
/// The rows of a register (CSV, xlsx) as tickets; what was answered on the spot is filed so.
int import_register(const command_places& where, const register_options& options);
int export_tickets(const command_places& where, const export_options& options);
/// Adds a key for personal data to the key file and makes it the active one.
int rotate_keys(const command_places& where);
int list_keys(const command_places& where);
int retire_key(const command_places& where, std::uint16_t id);
int show_ticket(const command_places& where, const std::string& no);
int show_queue(const command_places& where, const std::string& unit);
/// `unit` empty: the province.
int show_board(const command_places& where, const std::string& unit);
int show_outboxes(const command_places& where);
/// `since`: also where no gap shows, what is not in the outbox from here on.
int rebuild_outboxes(const command_places& where, std::optional<instant> since);

}  // namespace hotline::program
