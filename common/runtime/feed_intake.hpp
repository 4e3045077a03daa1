// A document of a partner (对接来件), taken in whole or not at all: the same for what was pushed,
// what was pulled, what was dropped as a file and what a person has looked at.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>
#include <utility>

#include "common/base/clock.hpp"
#include "common/base/error.hpp"
#include "common/exchange/fault.hpp"
#include "common/exchange/partner.hpp"
#include "common/exchange/read_message.hpp"
#include "common/store/command_runner.hpp"
#include "common/store/exchange_feed.hpp"
#include "common/store/number_source.hpp"

namespace hotline::runtime {

/// What was made of a document.
struct taken_document {
  /// The document as a whole could not be read; it waits for a person as one item.
  std::optional<exchange::fault> unreadable;
  bool too_many = false;  ///< more than feed_entries_max items: nothing was taken in
  store::feed_answer answer;
};

/// What comes with a document.
struct document_origin {
  std::optional<store::used_nonce> nonce;
  std::optional<store::cursor_step> cursor;
};

/// Of one partner, for one thread.
class feed_intake {
 public:
  /// Everything given by reference outlives it.
  feed_intake(exchange::partner from, store::exchange_feed& feed, store::number_source& numbers,
              store::province_source province)
      : from_(std::move(from)), feed_(feed), numbers_(numbers), province_(std::move(province)) {}

  const exchange::partner& from() const { return from_; }

  /// outcome_unknown: repeat it; what was taken in is then a duplicate.
  boost::asio::awaitable<result<taken_document>> take_in(std::string bytes, document_origin origin,
                                                         instant now);

  /// One item read again, with the number a new ticket would get. Its event is absent where it
  /// cannot be mapped.
  boost::asio::awaitable<result<store::feed_entry>> read_again(std::string original, instant now);

  /// How far a signed instant may be from the clock.
  milliseconds window() const;

 private:
  boost::asio::awaitable<result<store::feed_entry>> entry_of(exchange::read_item item, instant now);

  exchange::partner from_;
  store::exchange_feed& feed_;
  store::number_source& numbers_;
  store::province_source province_;
};

}  // namespace hotline::runtime
