// What clients ask for: topics, and what they missed.
#include <fmt/core.h>

#include <utility>

#include "services/gateway/live/feed.hpp"
#include "services/gateway/problems.hpp"

namespace hotline::gateway::live {

using boost::asio::awaitable;

namespace {

const google::protobuf::RepeatedPtrField<std::string>& topics_of(const v1::LiveRequest& request) {
  if (request.has_resume()) return request.resume().topics();
  return request.has_unsubscribe() ? request.unsubscribe().topics() : request.subscribe().topics();
}

std::string_view field_of(const v1::LiveRequest& request) {
  if (request.has_resume()) return "resume";
  return request.has_unsubscribe() ? "unsubscribe" : "subscribe";
}

v1::LiveProblem live_problem(const net::problem& p, std::string field, const std::string& topic) {
  v1::LiveProblem out;
  out.set_code(p.code);
  out.set_title_zh(p.title_zh);
  out.set_title_en(p.title_en);
  out.set_field(std::move(field));
  out.set_topic(topic);
  return out;
}

net::problem bad_position() {
  return make_problem(400, "field_malformed", "position 无效，应原样取自收到的消息。",
                      "The position is not one this API gave.");
}

net::problem bad_topic() {
  return make_problem(400, "field_malformed",
                      "主题无效，应为 board:单位、unit:单位、queue:单位、ticket:工单号或 mine。",
                      "Not a topic: board:<unit>, unit:<unit>, queue:<unit>, ticket:<no> or mine.");
}

}  // namespace

awaitable<result<void>> feed::serve_inbox() {
  asked_ = false;
  auto requests = std::exchange(inbox_, {});
  for (auto& late : deferred_) requests.push_back(std::move(late));
  deferred_.clear();
  std::set<std::string> numbers;
  for (const auto& one : requests) {
    if (one.request.has_unsubscribe()) continue;
    for (const auto& name : topics_of(one.request)) {
      const auto t = parse_topic(name);
      if (t && t->kind == topic_kind::ticket) numbers.insert(t->name);
    }
  }
  const auto tickets = co_await load(std::move(numbers));
  if (!tickets) {
    // They wait until tickets can be read again; what came meanwhile is behind them.
    for (auto& one : inbox_) requests.push_back(std::move(one));
    inbox_ = std::move(requests);
    co_return pass(tickets);
  }
  for (const auto& one : requests) {
    if (!one.who->ended()) serve(one, *tickets);
  }
  co_return result<void>();
}

void feed::serve(const asked& one, const loaded_tickets& tickets) {
  session& who = *one.who;
  const v1::LiveRequest& request = one.request;
  --who.waiting;
  if (request.has_ack()) {
    if (open_position(*parts_.seal, request.ack().position())) return;
    return tell_problem(who, request.id(), live_problem(bad_position(), "ack.position", ""));
  }
  const auto topics = check_topics(who, request, tickets);
  if (!topics) return;
  if (request.has_unsubscribe()) {
    for (const topic& t : *topics) {
      unindex(index_key(t, who.actor()), &who);
      who.remove(t);
    }
    return confirm(who, request.id(), false);
  }
  if (request.has_resume()) return resume(one, *topics);
  subscribe(who, *topics);
  confirm(who, request.id(), false);
}

/// All topics of a request, or none and the client is told why.
std::optional<std::vector<topic>> feed::check_topics(session& who, const v1::LiveRequest& request,
                                                     const loaded_tickets& tickets) {
  std::vector<topic> topics;
  std::set<std::string> keys;
  for (const auto& [key, shown] : who.topics()) keys.insert(key);
  const auto& names = topics_of(request);
  const auto refuse = [&](const net::problem& p, int i) {
    if (parts_.on_refused) parts_.on_refused(who.actor(), p);
    auto field = fmt::format("{}.topics[{}]", field_of(request), i);
    tell_problem(who, request.id(), live_problem(p, std::move(field), names.Get(i)));
    return std::nullopt;
  };
  for (int i = 0; i < names.size(); ++i) {
    auto t = parse_topic(names.Get(i));
    if (!t) return refuse(bad_topic(), i);
    if (!request.has_unsubscribe()) {
      if (const auto p = why_not(who, *t, tickets)) return refuse(*p, i);
      keys.insert(index_key(*t, who.actor()));
      if (keys.size() > options_.topics_max) {
        return refuse(make_problem(422, "too_many_subscriptions", "订阅数超过上限。",
                                   "There are too many subscriptions on this socket."),
                      i);
      }
    }
    topics.push_back(*std::move(t));
  }
  return topics;
}

std::optional<net::problem> feed::why_not(const session& who, const topic& t,
                                          const loaded_tickets& tickets) const {
  const auto land = parts_.province();
  switch (t.kind) {
    case topic_kind::mine: return std::nullopt;
    case topic_kind::ticket: {
      const auto found = tickets.find(t.name);
      const bool told =
          found != tickets.end() && may_be_told(land->org, who.actor(), found->second);
      if (told) return std::nullopt;
      return not_found();
    }
    case topic_kind::board:
    case topic_kind::unit:
    case topic_kind::queue:
      if (!land->org.contains(t.name)) return not_found();
      if (may_watch_unit(land->org, who.actor(), t.name)) return std::nullopt;
      return forbidden("unit.subtree", "不能查看本单位范围以外的内容。",
                       "The unit is not in the actor's part of the tree.");
  }
  return not_found();
}

void feed::subscribe(session& who, const std::vector<topic>& topics) {
  for (const topic& t : topics) {
    if (who.add(t)) index(index_key(t, who.actor()), &who);
  }
  want_complaints(who);
}

void feed::resume(const asked& one, const std::vector<topic>& topics) {
  session& who = *one.who;
  const auto& words = one.request.resume();
  if (!cursor_seal::is_form(words.position())) {
    auto problem = live_problem(bad_position(), "resume.position", "");
    return tell_problem(who, one.request.id(), std::move(problem));
  }
  // One of another data set, or made up, is unknown like one that is too old.
  const auto at = open_position(*parts_.seal, words.position());
  const reach found = at ? ring_.look(*at) : reach::lost;
  if (found == reach::future && steady_now() - one.since < options_.future_wait) {
    ++who.waiting;
    return deferred_.push_back(one);
  }
  subscribe(who, topics);
  if (found != reach::kept) {
    confirm(who, one.request.id(), false);
    return tell_resync(who, v1::RESYNC_REASON_POSITION);
  }
  bool more = false;
  auto missed = ring_.behind(*at, options_.missed_events_max, more);
  if (more) {
    confirm(who, one.request.id(), false);
    return tell_resync(who, v1::RESYNC_REASON_TOO_MUCH);
  }
  who.resuming = true;
  confirm(who, one.request.id(), true);
  resumed_.push_back({one.who, std::move(missed)});
}

void feed::confirm(session& who, const std::string& id, bool resumed) {
  v1::LiveMessage message;
  auto& answer = *message.mutable_subscribed();
  answer.set_id(id);
  answer.set_resumed(resumed);
  for (const auto& [key, shown] : who.topics()) answer.add_topics(shown);
  tell(who, std::move(message), true);
}

}  // namespace hotline::gateway::live
