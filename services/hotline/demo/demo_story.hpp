// What happens in the demo: who does what with which case, while the virtual weeks go by.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <string>
#include <vector>

#include "common/domain/province.hpp"
#include "services/hotline/demo/demo_cases.hpp"
#include "services/hotline/demo/demo_client.hpp"

namespace hotline::program {

class demo_story {
 public:
  demo_story(demo_client& api, const domain::province& land, std::vector<demo_case> cases);

  /// Plays it to the end and prints it; from there on the clock runs as real time does, from the
  /// next morning. Fails at the first answer that is not as it should be.
  boost::asio::awaitable<result<void>> play();

 private:
  /// How the unit behaves that gets a case.
  enum class manner {
    diligent,  ///< signs, contacts, replies; reviewed, visited, closed
    slow,      ///< asks for more time first
    idle,      ///< signs and does nothing: warned, overdue, escalated, taken over by the province
    absent,    ///< does not even sign
  };
  struct thread {
    demo_case told;
    std::string no;
    manner how = manner::diligent;
    v1::TicketView view;
    std::int64_t printed = 0;  ///< events told so far
    bool extended = false;
  };

  boost::asio::awaitable<result<void>> open_tickets();
  boost::asio::awaitable<result<void>> advance(instant now);
  boost::asio::awaitable<result<void>> settle();
  boost::asio::awaitable<result<void>> tell(thread& t);
  boost::asio::awaitable<result<void>> act(thread& t);
  boost::asio::awaitable<result<void>> act_at_desk(thread& t);
  boost::asio::awaitable<result<void>> act_as_handler(thread& t);
  boost::asio::awaitable<result<void>> file_reply(thread& t, const std::string& unit);
  boost::asio::awaitable<result<bool>> refresh(thread& t);
  void print_sum() const;

  demo_client& api_;
  const domain::province& land_;
  std::vector<thread> threads_;
  instant now_{};
};

}  // namespace hotline::program
