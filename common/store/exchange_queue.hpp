// What partners are to be told, until they have heard it or a person has decided (对接转出). Per
// ticket in the order of its versions; one ticket does not wait for another.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/error.hpp"
#include "common/redis/client.hpp"
#include "common/store/commit_floor.hpp"
#include "common/store/exchange_vault.hpp"
#include "hotline/v1/feed.pb.h"
#include "hotline/v1/letter.pb.h"

namespace hotline::store {

/// What is refused before there is a ticket is told under versions from here up to -1.
inline constexpr std::int64_t first_refusal = -999;

/// Names a message to a partner for ever.
struct message_id {
  std::string ticket_no;
  std::int64_t version = 0;  ///< of the event the partner is told about; below 0: a refusal

  auto operator<=>(const message_id&) const = default;
};

/// "3708-20261123-00001:7", as partners see it.
std::string to_string(const message_id& id);
/// Nothing for a text of another form.
std::optional<message_id> parse_message_id(std::string_view text);

struct taken_message {
  message_id id;
  v1::OutMessage message;
  std::int64_t tries = 0;   ///< that failed so far
  std::string external_no;  ///< the partner's number of the ticket, where an answer has told it
  std::optional<failure> damage;  ///< why `message` does not open; it keeps no other one waiting
};

struct dead_letter {
  message_id id;
  instant since;
  v1::OutMessage message;
  std::int64_t tries = 0;
  v1::SendFailure failure;  ///< the last
};

struct dead_letter_page {
  std::vector<dead_letter> letters;  ///< oldest first
  std::int64_t total = 0;
};

/// Of one partner. One per thread, like the client, which outlives it. The partner is part of the
/// data set (exchange_feed::adopt).
class exchange_queue {
 public:
  /// Commits are reported to `floor`, if there is one; it outlives the queue.
  exchange_queue(redis::client& redis, exchange_vault& vault, std::string partner,
                 std::string data_set, commit_floor* floor = nullptr);

  /// False: this version was put before, and perhaps sent.
  boost::asio::awaitable<result<bool>> put(message_id id, v1::OutMessage message, instant now);
  /// Tells the partner once more, whatever became of this version: a partner that has it knows it
  /// by its id. False: it waits anyway.
  boost::asio::awaitable<result<bool>> put_again(message_id id, v1::OutMessage message,
                                                 instant now);

  /// The first message of tickets whose time has come; nobody else gets them before `lease` is
  /// over.
  boost::asio::awaitable<result<std::vector<taken_message>>> take(instant now, milliseconds lease,
                                                                  std::size_t most);

  /// The partner has heard it, or said no for good: `ended` is kept. The number the partner gave
  /// the ticket leads to ours from now on, and so does the one it was told of it, unless they lead
  /// to others. False: it was settled before.
  boost::asio::awaitable<result<bool>> settle(message_id id, std::string ended,
                                              std::string external_no, instant now,
                                              std::string told_no = {});

  /// To be tried again at `next`, or a dead letter: then what is behind it waits too, because a
  /// partner must not hear the end of a story before its middle. False: it was settled meanwhile.
  boost::asio::awaitable<result<bool>> fail_try(message_id id, std::optional<instant> next,
                                                v1::SendFailure failure, instant now);
  /// It was taken and not tried: anybody may take it from `when` on. False: it does not wait.
  boost::asio::awaitable<result<bool>> give_back(message_id id, instant when);

  boost::asio::awaitable<result<dead_letter_page>> dead_letters(std::size_t skip,
                                                                std::size_t limit);
  /// Nothing: there is no such dead letter.
  boost::asio::awaitable<result<std::optional<dead_letter>>> find_dead_letter(message_id id);
  /// Sends a dead letter again, perhaps with other words. False: it is none.
  boost::asio::awaitable<result<bool>> resend(message_id id, std::optional<v1::OutMessage> edited,
                                              instant now);
  /// Gives a dead letter up: what is behind it goes on. False: it is none.
  boost::asio::awaitable<result<bool>> dismiss(message_id id, instant now);

  /// Tickets with something to send, dead letters not counted.
  boost::asio::awaitable<result<std::int64_t>> backlog();

 private:
  boost::asio::awaitable<result<redis::reply>> call(redis::command command);
  redis::command function(std::string_view name, instant now) const;
  redis::command function(std::string_view name, instant now, const message_id& id) const;
  std::string place(const message_id& id) const;
  redis::command question(const message_id& id) const;
  result<void> open_letter(const redis::reply& values, dead_letter& letter);
  std::string seal(const message_id& id, const v1::OutMessage& message);

  redis::client& redis_;
  exchange_vault& vault_;
  std::string partner_;
  std::string data_set_;
  commit_floor* floor_;
};

}  // namespace hotline::store
