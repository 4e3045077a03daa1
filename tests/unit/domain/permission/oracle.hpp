// PERMISSION.md, read a second time: its tables literally, its prose sentence by sentence, slowly
// and without the code under test.
#pragma once

#include <map>
#include <string>

#include "hotline/v1/command.pb.h"
#include "hotline/v1/ticket.pb.h"

namespace hotline::test {

class oracle {
 public:
  /// Reads the tables; throws when the page has not got the shape this expects.
  explicit oracle(const std::string& page);

  /// "granted", "unknown", "role", "unit", "state". `ticket` nullptr: none there.
  std::string command(const v1::Actor& actor, const std::string& verb,
                      const v1::Ticket* ticket) const;
  std::string reading(const v1::Actor& actor, const std::string& action,
                      const v1::Ticket* ticket) const;
  std::string at_unit(const v1::Actor& actor, const std::string& action,
                      const std::string& unit) const;
  /// "hidden", "masked", "full".
  std::string field(const v1::Actor& actor, const std::string& action, const v1::Ticket& ticket,
                    const std::string& group) const;
  /// "none", "past", "whole".
  std::string sight(const v1::Actor& actor, const v1::Ticket& ticket) const;

  std::size_t commands() const { return commands_.size(); }
  std::size_t readings() const { return readings_.size(); }

 private:
  struct command_line {
    std::string roles, standing, states;
  };
  struct reading_line {
    std::string roles, about, past;
  };

  std::map<std::string, command_line> commands_;
  std::map<std::string, reading_line> readings_;
};

}  // namespace hotline::test
