// A document of a partner (对接来件), taken in whole or not at all: the same for what was pushed,
// what was pulled, what was dropped as a file and what a person has looked at.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/error.hpp"
#include "common/exchange/fault.hpp"
#include "common/exchange/partner.hpp"
#include "common/exchange/read_message.hpp"
#include "common/store/command_runner.hpp"
#include "common/store/exchange_feed.hpp"
#include "common/store/number_source.hpp"
#include "common/store/ticket_store.hpp"

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

/// How refusing an item ends.
struct refused_item {
  enum class end {
    told,
    has_ticket,  ///< a ticket was made of the number: it is not refused, and nothing has changed
    gone,        ///< there is no such review any more
  } how = end::gone;
  store::message_id id;  ///< told: of the message
};

/// Of one partner, for one thread.
class feed_intake {
 public:
  /// Everything given by reference outlives it.
  feed_intake(exchange::partner from, store::exchange_feed& feed, store::ticket_store& tickets,
              store::number_source& numbers, store::province_source province)
      : from_(std::move(from)),
        feed_(feed),
        tickets_(tickets),
        numbers_(numbers),
        province_(std::move(province)) {}

  const exchange::partner& from() const { return from_; }

  /// outcome_unknown: repeat it; what was taken in is then a duplicate.
  boost::asio::awaitable<result<taken_document>> take_in(std::string bytes, document_origin origin,
                                                         instant now);
  /// A document that was read already.
  boost::asio::awaitable<result<taken_document>> take_in(std::vector<exchange::read_item> items,
                                                         document_origin origin, instant now);

  /// A document that cannot be taken in as it is waits for a person: `original`, or what stands for
  /// it, and why. The same again has no effect.
  boost::asio::awaitable<result<void>> put_aside(std::string original, std::string why,
                                                 instant now);

  /// What a person has looked at, read again: one entry, or those of a whole document, with the
  /// numbers new tickets would get. An event is absent where it cannot be mapped.
  boost::asio::awaitable<result<std::vector<store::feed_entry>>> read_again(std::string original,
                                                                            instant now);
  /// All of a document that was read again, and the end of its review, in one step. review_gone:
  /// somebody else was first.
  boost::asio::awaitable<result<store::feed_answer>> let_in_all(
      std::string review_id, std::vector<store::feed_entry> entries, instant now);

  /// The item of a review is not taken in, and the partner hears so (domain::why_untold has said
  /// that it can be told). The review is over and the message waits, in one step.
  boost::asio::awaitable<result<refused_item>> refuse(std::string review_id, std::int64_t sequence,
                                                      v1::PartnerEvent told, instant now);

  /// How far a signed instant may be from the clock.
  milliseconds window() const;

 private:
  boost::asio::awaitable<result<store::feed_entry>> entry_of(exchange::read_item item, instant now);
  boost::asio::awaitable<result<bool>> handles(std::string ticket_no);

  exchange::partner from_;
  store::exchange_feed& feed_;
  store::ticket_store& tickets_;
  store::number_source& numbers_;
  store::province_source province_;
};

}  // namespace hotline::runtime
