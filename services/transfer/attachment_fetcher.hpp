// Files a partner refers to (附件转入): fetched, checked, kept, and added to their ticket as the
// partner. What it told us beside them does not wait for them.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <expected>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/log.hpp"
#include "common/exchange/signature.hpp"
#include "common/runtime/stop_signal.hpp"
#include "common/runtime/store_kit.hpp"
#include "common/runtime/task_group.hpp"
#include "common/store/attachment_store.hpp"
#include "common/store/exchange_fetches.hpp"
#include "services/transfer/partner_http.hpp"
#include "services/transfer/partner_link.hpp"
#include "services/transfer/retry_plan.hpp"

namespace hotline::transfer {

/// Every attachment, taken out of what a partner told us: put them into exchange_fetches before the
/// rest is applied. Nothing: there are none. What a partner says of a file (that we have it, its
/// digest, its size) is looked at when the file has come.
std::optional<v1::FetchOrder> take_out_files(v1::PartnerEvent& event, std::string_view ticket_no);

struct fetcher_options {
  milliseconds poll{1'000};  ///< how often due orders are looked for, real time
  std::size_t in_flight_max = 4;
};

/// One per partner and thread. Everything given outlives it.
class attachment_fetcher {
 public:
  attachment_fetcher(boost::asio::io_context& context, partner_link& link, runtime::store_kit& kit,
                     const store::attachment_store& files, exchange::secret_source secrets,
                     const clock& now, fetcher_options options, runtime::task_counters& tasks,
                     logger log);

  /// Until the signal is raised; what is on its way then is broken off, and fetched again later.
  boost::asio::awaitable<void> run(runtime::stop_signal& stopping);

 private:
  /// Why a file is not on the ticket: `final` where trying again is of no use.
  struct missing {
    std::string why;  ///< a Chinese sentence
    bool final = false;
  };
  using kept = std::expected<void, missing>;

  boost::asio::awaitable<std::size_t> take_some();
  boost::asio::awaitable<void> carry_out(store::taken_fetch fetch);
  boost::asio::awaitable<result<bool>> put_aside(const store::taken_fetch& fetch);
  boost::asio::awaitable<result<bool>> fetch_all(const store::taken_fetch& fetch);
  boost::asio::awaitable<kept> fetch_one(const v1::FetchOrder& order, const v1::Attachment& wanted);
  boost::asio::awaitable<std::expected<std::string, missing>> load(const std::string& url);
  boost::asio::awaitable<kept> add_to_ticket(const v1::FetchOrder& order, v1::Attachment file);
  boost::asio::awaitable<result<bool>> record(const store::taken_fetch& fetch,
                                              std::vector<missing> all);

  partner_link& link_;
  runtime::store_kit& kit_;
  const store::attachment_store& files_;
  exchange::secret_source secrets_;
  const clock& now_;
  fetcher_options options_;
  logger log_;
  retry_plan plan_;
  partner_http http_;
  runtime::task_group tasks_;
  std::set<std::string> in_hand_;
  std::minstd_rand random_{std::random_device{}()};
};

}  // namespace hotline::transfer
