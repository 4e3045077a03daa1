// A stand-in for a partner: its server, its books and its will, on a thread of its own. It speaks
// the formats the partner is configured with, and misbehaves as a seed says.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "common/base/clock.hpp"
#include "common/domain/province.hpp"
#include "common/exchange/signature.hpp"
#include "hotline/v1/exchange.pb.h"
#include "hotline/v1/partner.pb.h"
#include "tests/partner/ledger.hpp"
#include "tests/partner/mischief.hpp"

namespace hotline::test {

/// What a partner does about something it was told, once: events of its own about the ticket with
/// this number of its own. Called on the stand-in's thread.
using partner_will = std::function<std::vector<v1::PartnerEvent>(
    const v1::PartnerEvent& told, const std::string& external_no, const book_entry& entry)>;

struct stand_in_options {
  std::uint64_t seed = 1;
  double mischief = 0;                  ///< of 0 to 1: how much of what it is sent is treated badly
  int mischief_per_message = 3;         ///< then a message is treated well
  double repetition = 0;                ///< how much of what it pushes is pushed twice at once
  std::chrono::milliseconds late{600};  ///< after this an answer is too late for the hotline
  int connections = 4;                  ///< on which it pushes
  std::string number_prefix = "P";      ///< of its numbers for tickets the hotline gives it
  partner_will will;
  /// What it refuses for good, by the code of its answer.
  std::function<bool(const v1::PartnerEvent& told)> declines;
};

class stand_in {
 public:
  /// Listens at once on a port the system chooses. The province outlives it.
  stand_in(const v1::Partner& config, const domain::province& land, instant now,
           stand_in_options options);
  ~stand_in();
  stand_in(const stand_in&) = delete;
  stand_in& operator=(const stand_in&) = delete;

  /// The configuration with this server's addresses: what the hotline is to be given.
  v1::Partner config() const;
  /// Of each secret file; the same for both sides.
  static std::string secret_of(std::string_view file);

  /// Where it pushes to; 0 = nowhere for now.
  void set_hotline(std::uint16_t port) { hotline_port_ = port; }
  void set_now(instant now) { now_ms_ = to_unix_ms(now); }
  /// 503 to everything it is told.
  void set_outage(bool outage) { outage_ = outage; }

  /// The partner says something about a ticket of its own, or opens one (CREATE). A reference that
  /// begins with "/" becomes a file of this server.
  void say(v1::PartnerEvent event);

  /// It has forgotten what it was told last about a ticket, like one that was restored from a copy.
  void forget_last(const std::string& external_no);

  struct workload {
    bool idle = false;        ///< nothing is left to be pushed or to be pulled
    std::int64_t pushed = 0;  ///< documents the hotline has taken
    std::int64_t pages = 0;   ///< pages of a pull it was given
    std::int64_t mistreated = 0;
    std::array<std::int64_t, mischief_kinds> by_mischief{};
  };
  workload work();

  /// Runs on the stand-in's thread and returns what it returns.
  template <class F>
  auto look(F f) {
    std::promise<std::invoke_result_t<F, const ledger&>> answer;
    boost::asio::post(context_, [&] { answer.set_value(f(books())); });
    return answer.get_future().get();
  }

 private:
  class side;
  const ledger& books() const;

  boost::asio::io_context context_{1};
  std::atomic<std::uint16_t> hotline_port_{0};
  std::atomic<std::int64_t> now_ms_;
  std::atomic<bool> outage_{false};
  std::unique_ptr<side> side_;
};

}  // namespace hotline::test
