// What partners sent that could not simply be applied (待核对): looked at, dismissed, or read again
// with today's configuration and let in. Each of these leaves a record first.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>
#include <vector>

#include "common/json/codec.hpp"
#include "hotline/v1/review_api.pb.h"
#include "services/gateway/api.hpp"
#include "services/gateway/parts.hpp"

namespace hotline::gateway {

class partner_reviews {
 public:
  partner_reviews(const gateway_parts& parts, const json::codec& codec)
      : parts_(parts), codec_(codec) {}
  partner_reviews(const partner_reviews&) = delete;  // routes point to it
  partner_reviews& operator=(const partner_reviews&) = delete;

  void add_to(api& routes);

 private:
  using resolved = reading<v1::ReviewResolved>;

  /// What is asked about one review.
  struct request {
    const call& asked;
    partner_desk& desk;
    const store::stored_review& review;
    const v1::ResolveReview& order;
  };

  boost::asio::awaitable<outcome> list(call c);
  boost::asio::awaitable<outcome> reveal(call c);
  boost::asio::awaitable<outcome> resolve(call c);
  boost::asio::awaitable<resolved> dismiss(request what) const;
  /// 退回时限: whether it may still be refused to the partner.
  reading<void> check_in_time(const request& what) const;
  /// The partner hears that no ticket is made.
  boost::asio::awaitable<resolved> refuse(request what, v1::PartnerEvent named) const;
  boost::asio::awaitable<resolved> retry(request what) const;
  boost::asio::awaitable<resolved> retry_all(request what,
                                             std::vector<store::feed_entry> entries) const;
  boost::asio::awaitable<resolved> fetch_again(request what) const;
  boost::asio::awaitable<reading<void>> record(const request& what, std::string action,
                                               std::string detail = {}) const;
  reading<partner_desk*> find_desk(const call& c) const;

  const gateway_parts& parts_;
  const json::codec& codec_;
};

}  // namespace hotline::gateway
