// A gateway with partners that push to it, and what they send.
#pragma once

#include <doctest/doctest.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/exchange/partner.hpp"
#include "common/exchange/signature.hpp"
#include "common/store/exchange_feed.hpp"
#include "services/gateway/partner_desk.hpp"
#include "tests/unit/gateway/gateway_fixture.hpp"

namespace hotline::gateway {

/// How a push is signed.
struct signing {
  std::optional<instant> at = std::nullopt;  ///< nothing: now
  std::string nonce = {};                    ///< empty: one of its own
  std::string key = "k1";
};

/// Partners, all with the same words: "small" (JSON, two keys that overlap), "gb" (XML in GB18030),
/// "old" and "far" (the legacy signature, from here and from elsewhere), "pulled" (does not push),
/// "asleep" (inactive).
class feed_fixture : public gateway_fixture {
 public:
  feed_fixture();
  ~feed_fixture();

  net::response push(const std::string& name, const std::string& body, const signing& how = {});
  /// With these header fields instead of a signature of now.
  net::response push_with(const std::string& name, const std::string& body,
                          net::field_list headers);
  /// The header fields of a good signature.
  net::field_list signed_by(const std::string& name, const std::string& body,
                            const signing& how = {});

  store::exchange_feed& feed_of(const std::string& name) { return feeds_.at(name); }
  std::size_t waiting(const std::string& name, const std::string& external_no);
  std::vector<store::stored_review> reviews(const std::string& name);

  feed_counters taken_in;
  bool secrets_readable = true;

 private:
  exchange::secret_source secrets();

  exchange::partner_book book_;
  store::exchange_vault exchange_keys_{test::keys_for_tests()};
  store::number_source numbers_;
  std::map<std::string, store::exchange_feed> feeds_;
  std::map<std::string, store::exchange_fetches> fetches_;
  partner_parts parts_;
  int nonces_ = 0;
};

/// One message of "small".
std::string told(const std::string& event, const std::string& no, const std::string& serial,
                 const std::string& text = "催办");
std::string document_of(const std::vector<std::string>& messages);

}  // namespace hotline::gateway
