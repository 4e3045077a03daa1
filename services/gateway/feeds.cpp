#include "services/gateway/feeds.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <utility>

#include "common/exchange/write_message.hpp"
#include "services/gateway/problems.hpp"

namespace hotline::gateway {

using boost::asio::awaitable;
using exchange::answer_kind;
using store::feed_status;

namespace {

constexpr std::chrono::seconds log_interval{60};
constexpr std::string_view retry_after_s = "5";

net::response response_of(const exchange::partner& to, int status, answer_kind kind,
                          std::string_view message, std::string_view ticket_no = {}) {
  auto written = exchange::write_answer(to, kind, message, ticket_no);
  net::response answer;
  answer.status = status;
  answer.content_type = std::move(written.content_type);
  answer.body = std::move(written.body);
  return answer;
}

/// "第 2、5 件", of places that count from 0.
std::string list_of(const std::vector<std::size_t>& places) {
  std::string text = "第 ";
  for (const std::size_t place : places) {
    if (place != places.front()) text += "、";
    text += std::to_string(place + 1);
  }
  return text + " 件";
}

}  // namespace

partner_desk* partner_parts::find(std::string_view name) {
  const auto found =
      std::ranges::find(desks, name, [](const partner_desk& one) { return one.partner().name(); });
  return found == desks.end() ? nullptr : &*found;
}

std::size_t body_limit(std::string_view path, std::size_t others_max) {
  return path.starts_with("/v1/feeds/") ? feed_bytes_max : others_max;
}

void feeds::add_to(api& routes) {
  if (parts_.partners == nullptr) return;
  routes.add({.verb = net::method::post,
              .pattern = "/v1/feeds/{partner}/events",
              .name = "take_feed",
              .summary = "对接方推送消息：以签名为凭，格式由对接配置约定",
              .needs_actor = false,
              .raw = true},
             [this](call c) { return take(std::move(c)); });
}

awaitable<outcome> feeds::take(call c) {
  const net::request& request = c.request;
  const std::string& name = c.params.at("partner");
  partner_desk* const desk = parts_.partners->find(name);
  if (desk == nullptr || !desk->partner().config().inbound().has_push()) {
    co_return std::unexpected(
        refuse_signature({}, exchange::signature_fault::unknown_key, request));
  }
  const exchange::partner& from = desk->partner();
  const auto now = parts_.now.now();
  const exchange::signed_request what{.method = net::to_string(request.verb),
                                      .target = request.target,
                                      .body = request.body,
                                      .headers = request.headers,
                                      .peer_address = request.peer};
  auto who =
      exchange::verify(from.config().inbound().signature(), parts_.partners->secrets, what, now);
  if (!who) co_return std::unexpected(refuse_signature(name, who.error(), request));

  runtime::document_origin origin;
  if (!who->nonce.empty()) {
    origin.nonce = {from_unix_ms(who->timestamp), std::move(who->nonce)};
  }
  const auto taken =
      co_await desk->intake.take_in(std::move(c.request.body), std::move(origin), now);
  if (!taken) co_return busy(from, taken.error());
  co_return answer_taken(from, *taken);
}

/// The same to everybody, whether the partner exists or not and whatever is wrong.
net::problem feeds::refuse_signature(std::string_view partner, exchange::signature_fault why,
                                     const net::request& request) {
  runtime::add(parts_.partners->counts.unsigned_);
  if (!partner.empty()) {
    const auto now = steady_now();
    const auto [last, first] = logged_.try_emplace(std::string(partner), now);
    if (first || now - last->second >= log_interval) {
      last->second = now;
      parts_.log.warn("feed refused partner={} signature={} address={} request_id={}", partner,
                      to_string(why), request.peer, request.request_id);
    }
  }
  return make_problem(401, wrong_signature, "签名无效。", "The signature is not valid.");
}

net::response feeds::answer_taken(const exchange::partner& to,
                                  const runtime::taken_document& taken) {
  using end = store::feed_answer::end;
  if (taken.too_many) {
    return refused(to, 413, "feed_too_many",
                   fmt::format("一次至多 {} 件，本次未接收", store::feed_entries_max));
  }
  if (taken.answer.how == end::nonce_used) {
    return refused(to, 409, "nonce_used", "随机数已使用，请重新签名后发送", answer_kind::again);
  }
  if (taken.unreadable) {
    runtime::add(parts_.partners->counts.not_mapped);
    return refused(to, 400, "feed_unreadable",
                   "无法读取，已转人工核对：" + exchange::to_string({*taken.unreadable}));
  }
  return answer_items(to, taken.answer);
}

net::response feeds::answer_items(const exchange::partner& to, const store::feed_answer& taken) {
  auto& counts = parts_.partners->counts;
  std::array<std::vector<std::size_t>, 5> places;  // by status
  for (std::size_t i = 0; i < taken.outcomes.size(); ++i) {
    places[static_cast<std::size_t>(taken.outcomes[i].status)].push_back(i);
  }
  const auto with = [&](feed_status status) -> const auto& {
    return places[static_cast<std::size_t>(status)];
  };
  runtime::add(counts.taken, with(feed_status::taken).size());
  runtime::add(counts.duplicates, with(feed_status::duplicate).size());
  runtime::add(counts.other_content, with(feed_status::other_content).size());
  runtime::add(counts.not_mapped, with(feed_status::not_mapped).size());

  if (const auto& others = with(feed_status::other_content); !others.empty()) {
    return refused(to, 409, "feed_other_content",
                   list_of(others) + "的编号曾以不同内容收到，未接收，已转人工核对");
  }
  const std::string ticket_no = taken.outcomes.size() == 1 ? taken.outcomes[0].ticket_no : "";
  if (const auto& unclear = with(feed_status::not_mapped); !unclear.empty()) {
    return response_of(to, 200, answer_kind::ok, "已收到，" + list_of(unclear) + "转人工核对",
                       ticket_no);
  }
  const bool again =
      !taken.outcomes.empty() && with(feed_status::duplicate).size() == taken.outcomes.size();
  return response_of(to, 200, again ? answer_kind::duplicate : answer_kind::ok,
                     again ? "此前已收到" : "已收到", ticket_no);
}

net::response feeds::refused(const exchange::partner& to, int status, std::string_view code,
                             std::string_view message, answer_kind kind) {
  parts_.counts.refused(code);
  return response_of(to, status, kind, message);
}

/// Nothing was taken in, or nobody knows: the same again is what helps.
net::response feeds::busy(const exchange::partner& to, const failure& why) {
  parts_.log.warn("feed not taken partner={} reason=\"{}\"", to.name(), hotline::to_string(why));
  auto answer = refused(to, 503, "feed_busy", "系统繁忙，未接收，请稍后重发", answer_kind::again);
  answer.headers.emplace_back("Retry-After", retry_after_s);
  return answer;
}

}  // namespace hotline::gateway
