// What partners could not be told (未送达): looked at, mended in its words, sent again, or
// given up. Each of these leaves a record first.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "common/json/codec.hpp"
#include "common/store/exchange_queue.hpp"
#include "hotline/v1/letter.pb.h"
#include "services/gateway/api.hpp"
#include "services/gateway/parts.hpp"

namespace hotline::gateway {

class partner_letters {
 public:
  partner_letters(const gateway_parts& parts, const json::codec& codec)
      : parts_(parts), codec_(codec) {}
  partner_letters(const partner_letters&) = delete;  // routes point to it
  partner_letters& operator=(const partner_letters&) = delete;

  void add_to(api& routes);

 private:
  boost::asio::awaitable<outcome> list(call c);
  boost::asio::awaitable<outcome> resend(call c);
  boost::asio::awaitable<outcome> dismiss(call c);
  boost::asio::awaitable<reading<store::dead_letter>> find_letter(const call& c,
                                                                  const letter_desk& desk) const;
  reading<const letter_desk*> find_desk(const call& c) const;

  const gateway_parts& parts_;
  const json::codec& codec_;
};

}  // namespace hotline::gateway
