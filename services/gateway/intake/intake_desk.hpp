// 公众渠道: what the programs of role CHANNEL may ask for under /v1/intake, and nothing else. They
// hand in requests of citizens, and carry to a ticket what its caller says.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>

#include "common/json/codec.hpp"
#include "hotline/v1/intake_api.pb.h"
#include "services/gateway/api.hpp"
#include "services/gateway/intake/channel_rules.hpp"
#include "services/gateway/intake/citizen_claims.hpp"
#include "services/gateway/parts.hpp"

namespace hotline::gateway {

class intake_desk {
 public:
  /// Everything given outlives the desk.
  intake_desk(const gateway_parts& parts, const intake_parts& intake, const json::codec& codec)
      : parts_(parts), intake_(intake), codec_(codec), claims_(parts, intake) {}
  intake_desk(const intake_desk&) = delete;  // routes point to it
  intake_desk& operator=(const intake_desk&) = delete;

  void add_to(api& routes);

 private:
  /// Whether a channel asks, and not too often.
  boost::asio::awaitable<reading<const v1::IntakeChannel*>> admit(const call& c);

  boost::asio::awaitable<outcome> request(call c);
  boost::asio::awaitable<reading<void>> check_captcha(const v1::IntakeChannel& channel,
                                                      const v1::CitizenRequest& asked);
  /// What belongs to a request that was taken in: its conversation, and what it repeats.
  boost::asio::awaitable<reading<void>> complete(const v1::Command& create,
                                                 const std::string& fingerprint,
                                                 const v1::CitizenRequest& asked, std::string no);
  boost::asio::awaitable<result<std::string>> find_repeated(const v1::Intake& intake,
                                                            std::string own_no);

  boost::asio::awaitable<outcome> progress(call c);
  /// Reads the body, proves its claim and carries out the command of its words.
  template <class Words>
  boost::asio::awaitable<outcome> act(call c);
  boost::asio::awaitable<outcome> tell(v1::Ticket ticket, body_format accepted);

  struct counted {
    store::intake_count count;
    net::problem when_full;
  };
  /// Carries a command out of which there may be only so many within each span.
  boost::asio::awaitable<reading<store::executed>> run_counted(std::vector<counted> limits,
                                                               v1::Command command,
                                                               std::string fingerprint);
  boost::asio::awaitable<reading<store::executed>> run(v1::Command command,
                                                       std::string fingerprint);
  boost::asio::awaitable<reading<bool>> is_repeat(const std::string& key, std::string fingerprint);

  const gateway_parts& parts_;
  const intake_parts& intake_;
  const json::codec& codec_;
  citizen_claims claims_;
};

}  // namespace hotline::gateway
