// Telling one partner over a real Redis.
#pragma once

#include <doctest/doctest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json.hpp>
#include <map>

#include "services/transfer/http_outlet.hpp"
#include "services/transfer/sender.hpp"
#include "services/transfer/teller.hpp"
#include "tests/unit/transfer/stand_in.hpp"
#include "tests/unit/transfer/transfer_fixture.hpp"

namespace hotline::test {

namespace asio = boost::asio;
using namespace std::string_literals;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using transfer::http_outlet;
using transfer::sender;
using transfer::sender_options;

/// Everything one partner is told with.
struct line {
  line(transfer_fixture& f, const std::string& name)
      : link(f.link(name)),
        way(
            link.partner, f.kit.vault, f.file_links, f.files,
            [](std::string_view) { return "secret"; }, f.redis.context),
        returns(link.partner.config(), f.kit.tickets, f.kit.runner, f.access.province, f.clock),
        telling(f.redis.context.get_executor(), link, way, returns, f.clock,
                sender_options{.batch_max = 64, .poll = milliseconds(5)}, f.tasks, quiet_log()) {}

  transfer::partner_link& link;
  http_outlet way;
  transfer::take_back returns;
  sender telling;
};

/// The sender of each partner at work, until this ends.
class working {
 public:
  working(transfer_fixture& f, const std::vector<std::string>& names) : f_(f) {
    for (const auto& name : names) {
      lines_.push_back(std::make_unique<line>(f, name));
      ++running_;
      asio::co_spawn(f.redis.context, lines_.back()->telling.run(stopping_),
                     [this](std::exception_ptr leaked) {
                       CHECK_FALSE(leaked);
                       --running_;
                     });
    }
  }
  ~working() { stop(); }

  void stop() {
    stopping_.raise();
    run_until(f_.redis.context, [this] { return running_ == 0; });
  }

 private:
  transfer_fixture& f_;
  runtime::stop_signal stopping_{f_.redis.context.get_executor()};
  std::vector<std::unique_ptr<line>> lines_;
  int running_ = 0;
};

inline std::vector<std::string> ids_of(const stand_in& partner) {
  std::vector<std::string> ids;
  for (const auto& one : partner.asked) ids.push_back(*one.header("Message-Id"));
  return ids;
}

inline std::string said(const net::request& told, std::string_view field) {
  return std::string(boost::json::parse(told.body).as_object().at(field).as_string());
}

/// Answers with the statuses and bodies in turn, the last one for ever.
inline stand_in::answer_maker in_turn(std::vector<net::response> answers) {
  auto next = std::make_shared<std::size_t>(0);
  return [answers = std::move(answers), next](net::request) -> asio::awaitable<net::response> {
    const auto at = std::min((*next)++, answers.size() - 1);
    co_return answers[at];
  };
}

inline const net::response yes = answer_of(200, R"({"code":"0"})");
inline const net::response no = answer_of(200, R"({"code":"9","message":"要素不全"})");
inline const net::response down = answer_of(503, "");
inline const net::response broken = answer_of(500, "");

inline v1::Partner changed(const std::function<void(v1::Outbound&)>& change) {
  auto made = talkative_partner();
  change(*made.mutable_outbound());
  return made;
}

inline bool idle(transfer_fixture& f) { return f.run(f.link().queue.backlog()) == 0; }
inline std::int64_t letters(transfer_fixture& f) {
  return f.run(f.link().queue.dead_letters(0, 10))->total;
}

/// How often the message has failed, and when it is tried again.
inline std::pair<std::int64_t, instant> standing(transfer_fixture& f, const store::message_id& id) {
  const auto out = "{p:small}:out:" + id.ticket_no;
  const auto tries = f.exec("HGET", out, "t:" + std::to_string(id.version));
  const auto due = f.exec("ZSCORE", "{p:small}:sending", id.ticket_no);
  return {tries.is_nil() ? 0 : std::stoll(std::string(tries.string())),
          due.is_nil() ? instant() : from_unix_ms(std::stoll(std::string(due.string())))};
}

}  // namespace hotline::test
