// What partners tell us, from the moment it is acknowledged until it has been applied to its
// ticket, or a person has looked at it (对接转入).
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/error.hpp"
#include "common/redis/client.hpp"
#include "common/store/commit_floor.hpp"
#include "common/store/exchange_queue.hpp"
#include "common/store/exchange_vault.hpp"
#include "hotline/v1/feed.pb.h"

namespace hotline::store {

/// One thing a document says.
struct feed_entry {
  /// `event` is absent where it could not be mapped; otherwise it has its external number (at most
  /// 200 bytes), kind and serial.
  v1::FeedItem item;
  std::string proposed_no;  ///< for a new ticket: the number it gets unless it has one already
  /// Of a ticket of ours that the item names and the partner handles for us: its number leads there
  /// from now on, unless it leads to another.
  std::string handled_no = {};
  std::string faults;  ///< for a dispatcher, where it could not be mapped
  /// What the same has in common where it could not be mapped; empty: the item's `original`.
  std::string own = {};
  /// Why it could not be taken in, where it has no event.
  v1::ReviewReason reason = v1::REVIEW_REASON_NOT_MAPPED;
};

struct used_nonce {
  instant signed_at;
  std::string nonce;
};

/// A page of a pull: taken in only if the cursor still is where the page began.
struct cursor_step {
  std::string before;  ///< empty: nothing was pulled yet
  std::string after;
};

struct feed_document {
  std::vector<feed_entry> entries;  ///< at most feed_entries_max
  std::optional<used_nonce> nonce;
  std::optional<cursor_step> cursor;
  std::string review_id = {};  ///< of the review that ends with it; empty: there is none
};

inline constexpr std::size_t feed_entries_max = 1000;

enum class feed_status {
  taken = 1,
  duplicate = 2,      ///< the same came before
  other_content = 3,  ///< this serial came before with another content: for review
  not_mapped = 4,     ///< for review
};

struct feed_outcome {
  feed_status status;
  std::string ticket_no;  ///< ours; empty where it is not known
};

struct feed_answer {
  /// nonce_used: with something else. The same document again is answered as before.
  enum class end { done, cursor_moved, nonce_used, review_gone } how = end::done;
  std::vector<feed_outcome> outcomes;  ///< done: one for each entry
  std::string cursor;                  ///< cursor_moved: where it is
};

/// What waits for one ticket, in the order in which it came.
struct waiting_items {
  std::string external_no;
  std::string ticket_no;     ///< ours; empty where it is not known
  std::int64_t applied = 0;  ///< sequence of the last that was applied
  struct item {
    std::string stored;  ///< names the item to settle()
    v1::FeedItem content;
  };
  std::vector<item> items;
};

struct stored_review {
  std::string id;  ///< lower case hex
  instant since;
  v1::FeedReview review;
  std::string ticket_no;  ///< ours; empty where it is not known
};

struct review_page {
  std::vector<stored_review> reviews;  ///< oldest first
  std::int64_t total = 0;
};

/// How a review ends whose item a person lets in.
struct let_in_answer {
  enum class end {
    taken,          ///< it is applied to its ticket next
    duplicate,      ///< the same was taken in meanwhile
    other_content,  ///< its serial was taken in with another content: the review stays
    gone,           ///< there is no such review any more
  } how = end::gone;
  std::string ticket_no;  ///< ours; empty where it is not known
};

/// What a refusal of a number of theirs goes out under.
struct refusal_place {
  bool has_ticket = false;  ///< a ticket was made of it, or is about to be: not to be refused
  message_id id;            ///< its number is empty where none was promised yet
};

enum class refuse_end {
  told,   ///< the partner is told, the review is over
  moved,  ///< its place is another one by now: nothing has changed
  gone,   ///< there is no such review any more
};

/// Of one partner. One per thread, like the client, which outlives it.
class exchange_feed {
 public:
  /// Commits are reported to `floor`, if there is one; it outlives the feed.
  exchange_feed(redis::client& redis, exchange_vault& vault, std::string partner,
                std::string data_set, commit_floor* floor = nullptr);

  /// Before anything else, and once per start: makes a new partner part of the data set.
  boost::asio::awaitable<result<void>> adopt();

  /// Takes in everything the document says, or nothing of it. outcome_unknown: repeat it; what was
  /// taken in is then a duplicate. `window` is how far a signed instant may be from the clock.
  boost::asio::awaitable<result<feed_answer>> put(feed_document document, instant now,
                                                  milliseconds window);

  /// Where a pull goes on; empty: at the beginning.
  boost::asio::awaitable<result<std::string>> cursor();

  /// Numbers of theirs with something to apply; nobody else gets them before `lease` is over.
  boost::asio::awaitable<result<std::vector<std::string>>> take(instant now, milliseconds lease,
                                                                std::size_t most);
  boost::asio::awaitable<result<waiting_items>> waiting(std::string external_no);

  /// The item needs nothing more, or a person has to look at it. False: it was settled before.
  boost::asio::awaitable<result<bool>> settle(std::string external_no, waiting_items::item item,
                                              std::optional<v1::FeedReview> review, instant now);
  /// Looks at a ticket again at `when`.
  boost::asio::awaitable<result<void>> defer(std::string external_no, instant when);

  boost::asio::awaitable<result<review_page>> reviews(std::size_t skip, std::size_t limit);
  boost::asio::awaitable<result<std::optional<stored_review>>> find_review(std::string id);
  /// False: there is no such review any more.
  boost::asio::awaitable<result<bool>> resolve(std::string review_id);
  /// Takes in what the review is about, as it was read again, and ends the review, in one step.
  /// What was refused, came before its time or has another content is let pass though its serial
  /// was taken in before; what could not be mapped is not. The entry has an event with its external
  /// number. outcome_unknown: whether
  /// the review is gone tells.
  boost::asio::awaitable<result<let_in_answer>> let_in(std::string review_id,
                                                       v1::ReviewReason reason, feed_entry entry,
                                                       instant now);

  boost::asio::awaitable<result<refusal_place>> refusal_of(std::string external_no);
  /// Ends the review and puts the message into the partner's queue, in one step. `sequence`: of the
  /// item, 0 where it has none; what comes behind it waits for it no more.
  boost::asio::awaitable<result<refuse_end>> refuse(std::string review_id, std::int64_t sequence,
                                                    message_id id, v1::OutMessage message,
                                                    instant now);

 private:
  void add_entry(redis::command& call, feed_entry entry);
  boost::asio::awaitable<result<void>> add_numbers(std::vector<stored_review>& reviews);
  boost::asio::awaitable<result<redis::reply>> call(redis::command command);
  redis::command function(std::string_view name) const;
  void committed(std::int64_t commit_no);
  std::string place(std::string_view what) const;

  redis::client& redis_;
  exchange_vault& vault_;
  std::string partner_;
  std::string data_set_;
  commit_floor* floor_;
};

}  // namespace hotline::store
