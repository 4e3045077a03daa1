// What a partner has in its books: its tickets, what it was told about each, and every breach of
// what was agreed.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.hpp"
#include "hotline/v1/exchange.pb.h"

namespace hotline::test {

struct book_entry {
  std::string external_no;  ///< the partner's number
  std::string ticket_no;    ///< the hotline's; empty until it is known
  std::string state;        ///< the partner's code
  bool ended = false;       ///< by the partner itself
  std::string day;          ///< on which it was opened, "2026-11-25"
  bool from_hotline = false;
  std::vector<v1::PartnerEvent> told;      ///< by the hotline, each once, in the order of arrival
  std::vector<v1::PartnerEventKind> said;  ///< by the partner, in its order
  std::int64_t said_sequence = 0;
  /// Of the ticket, when the last message was made; below 0 before there was one.
  std::int64_t told_version = std::numeric_limits<std::int64_t>::min();

  bool was_told(v1::PartnerEventKind kind) const { return count_told(kind) > 0; }
  int count_told(v1::PartnerEventKind kind) const;
};

class ledger {
 public:
  explicit ledger(std::string number_prefix) : prefix_(std::move(number_prefix)) {}

  enum class hearing { news, repeated };
  struct heard {
    hearing how = hearing::news;
    std::string external_no;  ///< the partner's number, given now to a ticket that is new to it
  };
  /// The hotline tells something, perhaps again. Only what is new has an effect.
  heard hear(std::string_view message_id, const v1::PartnerEvent& event, instant now);

  /// Gives the next event of a ticket its serial and sequence; a CREATE opens the ticket.
  void say(v1::PartnerEvent& event, instant now);
  /// The hotline's number, from its answer to a push.
  void learn_number(const std::string& external_no, const std::string& ticket_no);
  /// The partner itself has ended the ticket: what it is told later does not change that.
  void set_final_state(const std::string& external_no, std::string state);
  /// What was told last about the ticket was never heard.
  void forget_last(const std::string& external_no);
  void decline(std::string_view message_id) { declined_.emplace(message_id); }

  const std::map<std::string, book_entry>& tickets() const { return tickets_; }
  std::int64_t messages() const { return static_cast<std::int64_t>(messages_.size()); }
  /// Messages that were refused for good, each once.
  const std::set<std::string, std::less<>>& declined() const { return declined_; }
  std::int64_t repetitions() const { return repetitions_; }
  /// What must never happen, in words.
  const std::vector<std::string>& breaches() const { return breaches_; }
  void add_breach(std::string words) { breaches_.push_back(std::move(words)); }

 private:
  struct message {
    std::string content;
    std::string external_no;
  };
  book_entry& entry_of(const v1::PartnerEvent& event, std::string_view message_id, instant now);

  std::string prefix_;
  std::map<std::string, book_entry> tickets_;
  std::map<std::string, message, std::less<>> messages_;
  std::set<std::string, std::less<>> declined_;
  std::vector<std::string> breaches_;
  std::int64_t repetitions_ = 0;
};

}  // namespace hotline::test
