// The feed's clients: how they come, are looked after and go.
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "services/gateway/live/feed.hpp"
#include "services/gateway/problems.hpp"

namespace hotline::gateway::live {

namespace asio = boost::asio;
using asio::awaitable;

namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

bool is_wide(const std::string& key) { return !key.starts_with("ticket:"); }

v1::LiveProblem live_problem(const net::problem& p) {
  v1::LiveProblem out;
  out.set_code(p.code);
  out.set_title_zh(p.title_zh);
  out.set_title_en(p.title_en);
  out.set_field(p.field);
  return out;
}

}  // namespace

feed::feed(asio::any_io_executor executor, feed_parts parts, feed_options options)
    : parts_(std::move(parts)),
      options_(options),
      tail_(parts_.redis),
      codec_(make_live_codec()),
      ring_(options.events_kept),
      complaints_(parts_.index, parts_.tickets, parts_.log),
      round_timer_(executor),
      watch_timer_(executor),
      next_round_(steady_now()) {}

feed::~feed() {
  for (const auto& who : sessions_) who->detach();
  parts_.counts.sockets -= static_cast<std::int64_t>(sessions_.size());
}

void feed::join(std::shared_ptr<net::ws_session> socket, client who) {
  auto made = std::make_shared<session>(socket, std::move(who), steady_now());
  const std::weak_ptr<session> known = made;
  // What is called back asks whether the session is still there: the feed holds it as long as the
  // socket lives.
  const auto held = [known](auto what) {
    if (const auto one = known.lock()) what(one);
  };
  socket->listen(
      {.on_message =
           [this, held](std::string_view message) {
             held([&](const session_ptr& one) { receive(one, message); });
           },
       .on_drained = [this, held] { held([this](const session_ptr& one) { caught_up(one); }); },
       .on_closed = [this, held] { held([this](const session_ptr& one) { leave(one); }); }});
  made->place = sessions_.size();
  sessions_.push_back(made);
  ++parts_.counts.sockets;
  if (stopping_) return say_bye(*made, v1::BYE_REASON_STOPPING);
  v1::LiveMessage hello;
  auto& welcome = *hello.mutable_welcome();
  welcome.set_at(to_unix_ms(parts_.now.now()));
  welcome.set_rehearsal(options_.rehearsal);
  welcome.set_beat_ms(static_cast<std::int32_t>(options_.beat.count()));
  welcome.set_topics_max(static_cast<std::int32_t>(options_.topics_max));
  tell(*made, std::move(hello), false);
}

void feed::receive(const session_ptr& who, std::string_view message) {
  if (who->ended()) return;
  v1::LiveRequest request;
  if (const auto read = codec_.read(message, request); !read) {
    return tell_problem(*who, "", live_problem(problem_for_fault(read.error())));
  }
  if (request.body_case() == v1::LiveRequest::BODY_NOT_SET) {
    auto problem = live_problem(make_problem(400, "body_malformed", "消息没有说明要做什么。",
                                             "The message does not say what is asked for."));
    return tell_problem(*who, request.id(), std::move(problem));
  }
  if (who->waiting >= options_.requests_waiting_max) {
    return who->end(nullptr, net::ws_close::policy);
  }
  ++who->waiting;
  asked_ = true;
  inbox_.push_back({who, std::move(request), steady_now()});
  round_timer_.cancel();
}

void feed::caught_up(const session_ptr& who) {
  if (who->ended()) return;
  who->drained();
  who->resuming = false;
  tell_resync(*who, v1::RESYNC_REASON_SLOW);
}

void feed::leave(const session_ptr& who) {
  who->end(nullptr, net::ws_close::normal);
  forget_topics(*who);
  const auto place = who->place;
  sessions_[place] = sessions_.back();
  sessions_[place]->place = place;
  sessions_.pop_back();
  --parts_.counts.sockets;
}

void feed::forget_topics(session& who) {
  const auto topics = who.topics();
  for (const auto& [key, shown] : topics) {
    unindex(key, &who);
    who.remove_key(key);
  }
}

void feed::index(const std::string& key, session* who) {
  if (index_[key].insert(who).second && is_wide(key)) ++wide_topics_;
}

void feed::unindex(const std::string& key, session* who) {
  const auto found = index_.find(key);
  if (found == index_.end() || found->second.erase(who) == 0) return;
  if (is_wide(key)) --wide_topics_;
  if (found->second.empty()) index_.erase(found);
}

awaitable<void> feed::watch() {
  while (!stopping_) {
    watch_timer_.expires_after(options_.check);
    co_await watch_timer_.async_wait(as_result);
    const auto now = steady_now();
    // Nobody leaves the list in here: goodbyes take effect when the socket has closed.
    for (std::size_t i = 0; i < sessions_.size() && !stopping_; ++i) {
      look_after(sessions_[i], now);
    }
  }
}

void feed::look_after(const session_ptr& who, std::chrono::steady_clock::time_point now) {
  if (who->ended()) return;
  if (!who->valid()) return say_bye(*who, v1::BYE_REASON_RIGHTS);
  if (now - who->sent_at() >= options_.beat) {
    tell(*who, {}, !who->topics().empty());
  }
}

/// The organisation has changed: what may not be watched any more is given up.
void feed::recheck_topics() {
  for (const auto& who : sessions_) {
    const auto topics = who->topics();
    for (const auto& [key, shown] : topics) {
      const auto t = parse_topic(shown);
      const bool of_unit = t && t->kind != topic_kind::mine && t->kind != topic_kind::ticket;
      if (!of_unit || may_watch_unit(land_->org, who->actor(), t->name)) continue;
      unindex(key, who.get());
      who->remove_key(key);
      auto problem = live_problem(forbidden("unit.subtree", "不能再查看该单位的内容。",
                                            "The unit may not be watched any more."));
      problem.set_topic(shown);
      tell_problem(*who, "", std::move(problem));
    }
  }
}

/// Until a client has been told what it missed it gets no new place.
void feed::tell(session& who, v1::LiveMessage message, bool with_position) {
  if (with_position && following_ && !who.resuming) {
    message.set_position(seal_position(*parts_.seal, ring_.end()));
  }
  if (who.send(write_message(codec_, message), steady_now())) ++parts_.counts.messages;
}

void feed::tell_resync(session& who, v1::ResyncReason reason) {
  ++parts_.counts.resyncs;
  v1::LiveMessage message;
  message.mutable_resync()->set_reason(reason);
  tell(who, std::move(message), true);
}

void feed::tell_problem(session& who, const std::string& id, v1::LiveProblem problem) {
  v1::LiveMessage message;
  problem.set_id(id);
  *message.mutable_problem() = std::move(problem);
  tell(who, std::move(message), false);
}

void feed::say_bye(session& who, v1::ByeReason reason) {
  v1::LiveMessage message;
  message.mutable_bye()->set_reason(reason);
  const bool rights = reason == v1::BYE_REASON_RIGHTS;
  who.end(write_message(codec_, message),
          rights ? net::ws_close::policy : net::ws_close::going_away, rights);
  forget_topics(who);
}

void feed::stop() {
  stopping_ = true;
  round_timer_.cancel();
  watch_timer_.cancel();
  for (const auto& who : sessions_) say_bye(*who, v1::BYE_REASON_STOPPING);
}

}  // namespace hotline::gateway::live
