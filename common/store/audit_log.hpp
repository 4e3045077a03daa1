// The audit records: everything that happened and is no event of a ticket. Appended, never changed;
// the sealer puts them into the chain of the people's shard.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/error.hpp"
#include "common/redis/client.hpp"
#include "hotline/v1/audit.pb.h"

namespace hotline::store {

struct logged_record {
  std::string id;  ///< of the stream entry; a cursor
  v1::AuditRecord record;
  bool readable = true;
};

struct record_page {
  std::vector<logged_record> records;
  std::optional<std::string> next;  ///< nothing: this was the last page
};

/// What is wanted; empty members want everything.
struct record_filter {
  std::string user;
  std::string action;  ///< whole, or its beginning if it ends with "."
  std::int64_t since = 0;

  bool wants(const v1::AuditRecord& record) const;
};

class audit_log {
 public:
  /// The client outlives the log. `data_set`: the one the guard confirmed; records to any other are
  /// refused (wrong_data_set).
  audit_log(redis::client& redis, std::string data_set)
      : redis_(redis), data_set_(std::move(data_set)) {}

  boost::asio::awaitable<result<void>> append(v1::AuditRecord record);

  /// Appends the record only if the note of this name ([a-z.]+) has another value, and keeps the
  /// new value in the same step. Gives whether it was appended.
  boost::asio::awaitable<result<bool>> append_if_changed(v1::AuditRecord record, std::string name,
                                                         std::string value);

  /// The value of a note.
  boost::asio::awaitable<result<std::optional<std::string>>> note(std::string name);

  /// Up to `limit` records, newest first, behind a cursor of an earlier page. invalid_argument for
  /// a cursor that is none.
  boost::asio::awaitable<result<record_page>> page(std::optional<std::string> cursor,
                                                   std::size_t limit);

  /// The same for what a filter wants. Looks at no more than `looks` records, so a page may be
  /// short or empty and still have a next one.
  boost::asio::awaitable<result<record_page>> find(record_filter wanted,
                                                   std::optional<std::string> cursor,
                                                   std::size_t limit, std::size_t looks);

 private:
  redis::client& redis_;
  std::string data_set_;
};

}  // namespace hotline::store
