// A gateway with a partner that pushes to it, signed as agreed and in the shipped format.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/exchange/partner.hpp"
#include "services/gateway/partner_desk.hpp"
#include "tests/unit/gateway/gateway_fixture.hpp"

namespace hotline::gateway {

/// How a request is sent; by default as agreed.
struct pusher {
  std::string partner = "jining-12345";
  std::string secret = "agreed secret";
  std::string nonce = {};      ///< empty: one that was not used before
  milliseconds clock_ahead{};  ///< of the sender's clock
  std::string sent_body = {};  ///< empty: the one that was signed
};

/// An item of jining-12345: the create of the n-th ticket, or with another word another event.
std::string item(int n, std::string_view serial, std::string_view word = "派单",
                 std::string_view text = "工地拖欠工资");
std::string document(const std::vector<std::string>& items);

class feed_fixture {
 public:
  feed_fixture();

  net::response push(const std::string& body, const pusher& who = {});

  gateway_fixture base;
  store::exchange_vault keys{test::keys_for_tests()};
  store::exchange_feed feed;
  store::number_source numbers;
  feed_counters counts;

 private:
  gateway_parts parts();

  exchange::partner partner_;
  partner_parts partners_;
  refusals refused_;
  gateway door_;
  int nonces_ = 0;
};

}  // namespace hotline::gateway
