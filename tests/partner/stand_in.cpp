#include "tests/partner/stand_in.hpp"

#include <fmt/core.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <numeric>
#include <stdexcept>
#include <thread>

#include "common/base/log.hpp"
#include "common/net/http_client.hpp"
#include "common/net/http_server.hpp"
#include "tests/partner/bad_line.hpp"
#include "tests/partner/outbox.hpp"
#include "tests/partner/partner_door.hpp"
#include "tests/partner/partner_tongue.hpp"

namespace hotline::test {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::milliseconds pause{5};
constexpr std::chrono::milliseconds patience{10'000};
constexpr std::chrono::milliseconds short_patience{3};
constexpr double impatience = 0.02;  ///< how often it hangs up before it is answered
constexpr std::size_t events_per_document_max = 5;

bool counts(const v1::Partner& config) {
  for (const auto& field : config.inbound().fields())
    if (field.ours() == "sequence") return true;
  return false;
}

net::server_options on_loopback() {
  net::server_options options;
  options.body_bytes_max = 1024 * 1024;
  options.connections_per_peer_max = 1000;
  options.requests_per_connection_max = 1'000'000;
  return options;
}

exchange::secret_source shared_secrets() {
  return [](std::string_view file) { return stand_in::secret_of(file); };
}

}  // namespace

/// Everything of the stand-in that lives on its thread.
class stand_in::side {
 public:
  side(stand_in& owner, const v1::Partner& config, const domain::province& land,
       stand_in_options options)
      : owner_(owner),
        config_(config),
        options_(std::move(options)),
        tongue_(config_, land, shared_secrets()),
        choices_(options_.seed, options_.mischief, options_.mischief_per_message),
        books_(options_.number_prefix),
        out_(counts(config_), tongue_.holds_several() ? events_per_document_max : 1, choices_),
        door_({.config = config_,
               .tongue = tongue_,
               .mischief = choices_,
               .books = books_,
               .pages = pages_,
               .now = [this] { return now(); },
               .outage = [this] { return owner_.outage_.load(); },
               .heard = [this](const auto& told, const auto& no) { react(told, no); },
               .declines = options_.declines,
               .late = options_.late}),
        server_(owner.context_, on_loopback(),
                [this](net::request r) { return door_.answer(std::move(r)); },
                {make_null_sink(), "partner"}) {
    if (const auto listening = server_.listen(); !listening)
      throw std::runtime_error(to_string(listening.error()));
    line_ = std::make_unique<bad_line>(owner.context_, server_.port());
    server_.start();
    for (int i = 0; i < options_.connections; ++i)
      asio::co_spawn(owner.context_, push(), asio::detached);
    thread_ = std::thread([this] { owner_.context_.run(); });
  }

  ~side() {
    asio::post(owner_.context_, [this] {
      stopping_ = true;
      line_->stop();
    });
    asio::co_spawn(owner_.context_, end(), asio::detached);
    thread_.join();
  }

  std::uint16_t port() const { return line_->port(); }
  const v1::Partner& config() const { return config_; }
  const ledger& books() const { return books_; }
  void forget_last(const std::string& external_no) { books_.forget_last(external_no); }

  void say(v1::PartnerEvent event) {
    event.set_partner(config_.name());
    if (event.occurred_at() == 0) event.set_occurred_at(to_unix_ms(now()));
    for (auto& file : *event.mutable_attachments())
      if (file.reference().starts_with('/'))
        file.set_reference(moved_url("http://stand-in" + file.reference(), port()));
    books_.say(event, now());
    // What it ends itself it is not told.
    if (event.kind() == v1::PARTNER_EVENT_KIND_WITHDRAW)
      books_.set_final_state(event.external_no(), word_of(v1::STATE_WITHDRAWN));
    if (event.kind() == v1::PARTNER_EVENT_KIND_VISIT_RESULT &&
        event.visit().solved() == v1::SOLVED_YES)
      books_.set_final_state(event.external_no(), word_of(v1::STATE_CLOSED));
    if (config_.inbound().has_pull()) {
      pages_.push_back(std::move(event));
    } else {
      out_.add(std::move(event));
    }
  }

  workload work() const {
    const auto& bad = door_.mistreated();
    return {.idle = out_.empty() && door_.pulled() == pages_.size(),
            .pushed = pushed_,
            .pages = door_.pages_given(),
            .mistreated = std::accumulate(bad.begin(), bad.end(), std::int64_t{0}),
            .by_mischief = bad};
  }

 private:
  std::string word_of(v1::State state) const {
    for (const auto& word : config_.states())
      if (word.state() == state) return word.theirs();
    return {};
  }

  instant now() const { return from_unix_ms(owner_.now_ms_.load()); }

  asio::awaitable<void> end() {
    co_await server_.stop(std::chrono::milliseconds(100));
    owner_.context_.stop();
  }

  asio::awaitable<void> wait(std::chrono::milliseconds time) {
    asio::steady_timer timer(owner_.context_, time);
    co_await timer.async_wait(asio::use_awaitable);
  }

  void react(const v1::PartnerEvent& told, const std::string& external_no) {
    if (!options_.will) return;
    for (auto& event : options_.will(told, external_no, books_.tickets().at(external_no))) {
      event.set_external_no(external_no);
      say(std::move(event));
    }
  }

  /// One connection that pushes, and a second one for what it pushes twice at once.
  asio::awaitable<void> push() {
    std::uint16_t port = 0;
    std::unique_ptr<net::http_client> first;
    std::unique_ptr<net::http_client> second;
    while (!stopping_) {
      if (port != owner_.hotline_port_ || !first) {
        port = owner_.hotline_port_;
        first = std::make_unique<net::http_client>(owner_.context_, "127.0.0.1", port);
        second = std::make_unique<net::http_client>(owner_.context_, "127.0.0.1", port);
      }
      auto events = port == 0 ? std::vector<v1::PartnerEvent>() : out_.take();
      if (events.empty()) {
        co_await wait(pause);
        continue;
      }
      if (co_await deliver(*first, *second, events)) {
        out_.done(events);
        ++pushed_;
      } else {
        out_.again(std::move(events));
        co_await wait(pause);
      }
    }
  }

  asio::awaitable<bool> deliver(net::http_client& first, net::http_client& second,
                                const std::vector<v1::PartnerEvent>& events) {
    using namespace asio::experimental::awaitable_operators;
    const std::string body = tongue_.write(events);
    const std::string name = events.front().serial();
    const bool impatient = choices_.happens(name + "#" + std::to_string(++nonces_), impatience);
    if (!impatient && choices_.happens(name, options_.repetition)) {
      const auto [one, other] =
          co_await (post(first, body, events, patience) && post(second, body, events, patience));
      co_return one&& other;
    }
    co_return co_await post(first, body, events, impatient ? short_patience : patience);
  }

  /// True: the hotline has it. A refusal of what it says is a breach; that it is not let in (a
  /// clock that has jumped meanwhile) or not answered is tried again.
  asio::awaitable<bool> post(net::http_client& http, const std::string& body,
                             const std::vector<v1::PartnerEvent>& events,
                             std::chrono::milliseconds limit) {
    const std::string target = "/v1/feeds/" + config_.name() + "/events";
    auto headers =
        tongue_.signed_headers(target, body, now(), fmt::format("nonce-{:08}", ++nonces_));
    const auto got = co_await http.send(net::method::post, target, std::move(headers), body, limit);
    if (!got || got->status >= 500 || got->status == 401 || got->status == 429) co_return false;
    const auto answer = tongue_.read_answer(got->status, got->body);
    if (answer.outcome != exchange::partner_answer::verdict::accepted) {
      books_.add_breach(fmt::format("{}: the hotline answers {} {} {}", events.front().serial(),
                                    got->status, answer.code, answer.message));
      co_return true;
    }
    if (events.size() == 1) books_.learn_number(events[0].external_no(), answer.external_no);
    co_return true;
  }

  stand_in& owner_;
  v1::Partner config_;
  stand_in_options options_;
  partner_tongue tongue_;
  mischief_source choices_;
  ledger books_;
  outbox out_;
  std::vector<v1::PartnerEvent> pages_;
  partner_door door_;
  net::http_server server_;
  std::unique_ptr<bad_line> line_;
  std::int64_t pushed_ = 0;
  std::int64_t nonces_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

stand_in::stand_in(const v1::Partner& config, const domain::province& land, instant now,
                   stand_in_options options)
    : now_ms_(to_unix_ms(now)),
      side_(std::make_unique<side>(*this, config, land, std::move(options))) {}

stand_in::~stand_in() = default;

const ledger& stand_in::books() const { return side_->books(); }

std::string stand_in::secret_of(std::string_view file) {
  return fmt::format("a secret shared by both sides, kept in {}", file);
}

v1::Partner stand_in::config() const {
  v1::Partner config = side_->config();
  config.clear_inactive();
  config.set_internal(true);
  const auto port = side_->port();
  if (config.inbound().has_pull()) {
    auto& pull = *config.mutable_inbound()->mutable_pull();
    pull.set_url(moved_url(pull.url(), port));
  }
  if (config.outbound().has_url())
    config.mutable_outbound()->set_url(moved_url(config.outbound().url(), port));
  if (config.has_reconciliation()) {
    auto& list = *config.mutable_reconciliation();
    list.set_list_url(moved_url(list.list_url(), port));
  }
  return config;
}

void stand_in::say(v1::PartnerEvent event) {
  look([&](const ledger&) {
    side_->say(std::move(event));
    return true;
  });
}

void stand_in::forget_last(const std::string& external_no) {
  look([&](const ledger&) {
    side_->forget_last(external_no);
    return true;
  });
}

stand_in::workload stand_in::work() {
  return look([&](const ledger&) { return side_->work(); });
}

}  // namespace hotline::test
