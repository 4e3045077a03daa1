// Asks a partner for what is new, page by page (对接转入·轮询). A page and the cursor behind it are
// taken in together, so nothing is passed over and nothing counts twice.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <expected>
#include <optional>
#include <string>

#include "common/base/clock.hpp"
#include "common/base/log.hpp"
#include "common/exchange/read_message.hpp"
#include "common/exchange/signature.hpp"
#include "common/runtime/feed_intake.hpp"
#include "common/runtime/stop_signal.hpp"
#include "services/transfer/partner_http.hpp"
#include "services/transfer/partner_link.hpp"

namespace hotline::transfer {

struct puller_options {
  milliseconds answer_limit{10'000};  ///< real time
};

/// Of one partner that is pulled, on one thread. Everything given outlives it.
class puller {
 public:
  puller(boost::asio::io_context& context, partner_link& link, runtime::feed_intake intake,
         exchange::secret_source secrets, const clock& now, puller_options options, logger log);

  /// Until the signal is raised.
  boost::asio::awaitable<void> run(runtime::stop_signal& stopping);

 private:
  enum class page { taken, nothing_new, failed };

  boost::asio::awaitable<page> pull_page();
  boost::asio::awaitable<std::expected<std::string, std::string>> ask(const std::string& cursor);
  std::expected<exchange::message_page, std::string> read(const std::string& body) const;
  boost::asio::awaitable<page> take_in(exchange::message_page read, std::string before);
  /// For a person to look at, once for each place it lies at, when it stays unreadable.
  boost::asio::awaitable<page> put_aside(std::string body, const std::string& cursor,
                                         std::string why);
  page had(page what);
  page fail(const std::string& why);

  partner_link& link_;
  runtime::feed_intake intake_;
  exchange::secret_source secrets_;
  const clock& now_;
  puller_options options_;
  milliseconds every_;
  partner_http http_;
  logger log_;
  std::optional<std::string> unread_at_;  ///< the cursor of a page that cannot be read
  int unread_times_ = 0;                  ///< in a row
};

}  // namespace hotline::transfer
