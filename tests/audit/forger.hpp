// Somebody with full access to Redis: changes what is stored in every way there is, and tells what
// the verification must find. Everything can be put back.
#pragma once

#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "tests/audit/audit_fixture.hpp"

namespace hotline::test {

/// A place that a report must name.
struct expectation {
  std::string what;  ///< of the forgery, for messages
  std::string shard;
  std::optional<std::string> ticket;
  std::optional<std::int64_t> version;
  std::optional<std::int64_t> entry;
  std::optional<store::tampering> kind;
  std::string text;  ///< part of the problem's text
  /// A second place, where a forgery has two.
  std::optional<std::int64_t> other_version;
  std::optional<std::int64_t> other_entry;

  bool met_by(const store::seal_report& report) const;
};

class forger {
 public:
  forger(audit_fixture& store, std::uint32_t seed) : f_(store), random_(seed) {}

  /// Does one thing at random.
  expectation forge();
  /// Undoes it.
  void put_back();

 private:
  struct entry {
    std::string id;
    std::vector<std::string> fields;
  };

  std::size_t below(std::size_t end) { return random_() % end; }
  const std::string& any_ticket() { return f_.numbers[below(f_.numbers.size())]; }
  void remember(const std::string& key);
  std::vector<std::string> list_of(const std::string& key);
  void write_list(const std::string& key, const std::vector<std::string>& values);
  std::vector<entry> stream_of(const std::string& key);
  void write_stream(const std::string& key, const std::vector<entry>& entries);
  std::string flipped(std::string bytes);

  expectation edit_event();
  expectation delete_event();
  expectation swap_events();
  expectation cut_history();
  expectation insert_event();
  expectation delete_history();
  expectation invent_ticket();
  expectation swap_histories();
  expectation edit_entry();
  expectation edit_entry_hash();
  expectation delete_entry();
  expectation cut_chain();
  expectation swap_entries();
  expectation rewrite_chain();
  expectation insert_entry();
  expectation edit_record();
  expectation delete_record();
  expectation insert_record();
  expectation cut_records();
  expectation swap_records();

  /// Gives every entry from `first` on the number, total and hash it needs, and the chain its end.
  void make_consistent(const std::string& shard, std::vector<entry>& entries);

  audit_fixture& f_;
  std::mt19937 random_;
  std::map<std::string, std::string> kept_;  // key → DUMP; empty: it did not exist
};

}  // namespace hotline::test
