// The commands besides serve. Each prints for people and gives the exit code.
#pragma once

#include <filesystem>
#include <string>

namespace hotline::program {

struct command_places {
  std::filesystem::path config;
  std::filesystem::path data;
};

struct import_options {
  std::string file;
  std::string unit;
};

int check(const std::filesystem::path& config);
int verify(const command_places& where, bool repair);
int import_tickets(const command_places& where, const import_options& options);
int export_tickets(const command_places& where);
int show_ticket(const command_places& where, const std::string& no);
int show_queue(const command_places& where, const std::string& unit);
/// `unit` empty: the province.
int show_board(const command_places& where, const std::string& unit);

}  // namespace hotline::program
