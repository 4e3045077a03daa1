#include "services/audit/sealer.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <utility>

namespace hotline::audit {

namespace asio = boost::asio;
using namespace asio::experimental::awaitable_operators;
using runtime::add;

namespace {

constexpr milliseconds failure_pause{250};
/// At the end: what is committed while we look is left to the next start.
constexpr int last_looks = 20;

}  // namespace

sealer::sealer(redis::client& redis, record_keeper& keeper, const clock& now,
               sealer_options options, audit_counters& counters, logger log)
    : redis_(redis),
      keeper_(keeper),
      now_(now),
      options_(std::move(options)),
      counters_(counters),
      log_(std::move(log)),
      digest_(options_.hash) {}

asio::awaitable<void> sealer::run(runtime::stop_signal& stopping) {
  // Side by side: however long the archives take, sealing goes on.
  co_await (seal_on(stopping) && keep_on(stopping));
  for (int i = 0; i < last_looks; ++i) {
    const auto sealed = co_await seal_once();
    if (!sealed || !*sealed) break;
  }
  co_await keep();
}

asio::awaitable<void> sealer::keep_on(runtime::stop_signal& stopping) {
  do {
    co_await keep();
  } while (co_await stopping.sleep_for(options_.keep_interval));
}

asio::awaitable<void> sealer::seal_on(runtime::stop_signal& stopping) {
  while (!stopping.raised()) {
    const auto sealed = co_await seal_once();
    if (!sealed) {
      add(counters_.failures);
      log_.error("not sealed reason=\"{}\"", to_string(sealed.error()));
      co_await stopping.sleep_for(failure_pause);
      continue;
    }
    if (!*sealed) co_await stopping.sleep_for(options_.interval);
  }
}

asio::awaitable<result<void>> sealer::learn_heads() {
  const auto heads = co_await store::read_heads(redis_, options_.data_set, options_.shards);
  heads_.resize(heads.size());
  for (std::size_t i = 0; i < heads.size(); ++i) {
    if (!heads[i] && !store::is_of_one_shard(heads[i].error())) co_return pass(heads[i]);
    if (!heads[i]) {
      leave_out(i, heads[i].error());
      continue;
    }
    is_set_back(i, heads_[i], *heads[i]);
    heads_[i] = *heads[i];
  }
  known_ = true;
  co_return result<void>{};
}

bool sealer::is_set_back(std::size_t shard, const std::optional<store::chain_head>& known,
                         const store::chain_head& head) {
  if (!known || head.entries >= known->entries) return false;
  add(counters_.set_back);
  log_.error("the audit chain went back shard={} entries={} known={}", options_.shards[shard],
             head.entries, known->entries);
  return true;
}

void sealer::leave_out(std::size_t shard, const failure& why) {
  add(counters_.failures);
  log_.error("shard not sealed shard={} reason=\"{}\"", options_.shards[shard], to_string(why));
  heads_[shard].reset();
}

asio::awaitable<result<bool>> sealer::seal_once() {
  if (!known_) {
    if (auto ok = co_await learn_heads(); !ok) co_return pass(ok);
  }
  std::vector<std::size_t> looked;
  std::vector<std::string> shards;
  std::vector<store::stream_place> behind;
  for (std::size_t i = 0; i < heads_.size(); ++i) {
    if (!heads_[i]) continue;
    looked.push_back(i);
    shards.push_back(options_.shards[i]);
    behind.push_back(heads_[i]->sealed);
  }
  const auto news =
      co_await store::read_behind(redis_, std::move(shards), std::move(behind), options_.run_max);
  std::vector<store::append_request> requests;
  std::vector<std::size_t> asked;
  bool more = false;
  for (std::size_t k = 0; k < looked.size(); ++k) {
    const auto i = looked[k];
    if (!news[k] && !store::is_of_one_shard(news[k].error())) co_return pass(news[k]);
    if (!news[k]) {
      leave_out(i, news[k].error());
      continue;
    }
    if (news[k]->empty()) continue;
    more = more || news[k]->size() == options_.run_max;
    requests.push_back({options_.shards[i], *heads_[i],
                        store::make_seal(digest_, options_.hash, options_.shards[i], *heads_[i],
                                         *news[k], now_.now())});
    asked.push_back(i);
  }
  if (requests.empty()) co_return false;
  const auto outcomes = co_await store::append_seals(redis_, requests);
  for (std::size_t k = 0; k < asked.size(); ++k) {
    const auto i = asked[k];
    if (outcomes[k] == store::append_outcome::appended) {
      add(counters_.entries);
      add(counters_.events,
          static_cast<std::uint64_t>(requests[k].seal.head.events - heads_[i]->events));
      heads_[i] = requests[k].seal.head;
      continue;
    }
    known_ = false;
    if (outcomes[k]) {
      add(counters_.overtaken);
    } else if (store::is_of_one_shard(outcomes[k].error())) {
      leave_out(i, outcomes[k].error());
    } else {
      co_return pass(outcomes[k]);
    }
  }
  co_return more;
}

asio::awaitable<result<void>> sealer::keep_once() {
  const auto ready = keeper_.ready();
  if (!ready) co_return pass(ready);
  if (!*ready) co_return result<void>{};
  // Another sealer may be ahead of us: what is signed is what Redis has. Sealing, which goes on
  // meanwhile, looks there again, too, for shards it has left out.
  auto known = heads_;
  const auto found = co_await store::read_heads(redis_, options_.data_set, options_.shards);
  known_ = false;
  known.resize(found.size());
  heads_.resize(found.size());
  std::vector<std::string> shards;
  std::vector<store::chain_head> heads;
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (!found[i] && !store::is_of_one_shard(found[i].error())) co_return pass(found[i]);
    if (!found[i]) continue;  // sealing says so
    // Told once: from now on this is the end that is known.
    if (is_set_back(i, known[i], *found[i])) heads_[i] = *found[i];
    shards.push_back(options_.shards[i]);
    heads.push_back(*found[i]);
  }
  if (!compared_) {
    add(counters_.set_back, keeper_.compare(shards, heads));
    compared_ = true;
  }
  const auto exported = keeper_.export_heads(shards, heads, now_.now());
  if (!exported) co_return pass(exported);
  add(counters_.heads, *exported);
  result<void> failed;
  for (std::size_t i = 0; i < shards.size(); ++i) {
    auto archived = co_await keeper_.archive(shards[i], heads[i]);
    if (!archived) failed = std::move(archived);  // the others go on
  }
  co_return failed;
}

asio::awaitable<void> sealer::keep() {
  const auto kept = co_await keep_once();
  if (kept) co_return;
  add(counters_.failures);
  log_.error("audit heads not written reason=\"{}\"", to_string(kept.error()));
}

}  // namespace hotline::audit
