#include "common/store/seal_verifier.hpp"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "common/domain/ticket_no.hpp"
#include "common/redis/reply_error.hpp"
#include "common/store/keys.hpp"
#include "common/store/seal_archive.hpp"

namespace hotline::store {
namespace {

using boost::asio::awaitable;

constexpr std::size_t seals_a_page = 500;
constexpr std::size_t events_a_page = 2'000;
constexpr int keys_a_scan = 1'000;

bool is_wrong_type(const failure& f) { return redis::is_error_reply(f, "WRONGTYPE"); }

/// "3, 7–9"
std::string ranges(const std::vector<std::int64_t>& versions) {
  std::string text;
  for (std::size_t i = 0; i < versions.size();) {
    std::size_t end = i;
    while (end + 1 < versions.size() && versions[end + 1] == versions[end] + 1) ++end;
    if (!text.empty()) text += ", ";
    text += end == i ? fmt::format("{}", versions[i])
                     : fmt::format("{}–{}", versions[i], versions[end]);
    i = end + 1;
  }
  return text;
}

}  // namespace

seal_verifier::seal_verifier(redis::client& redis, seal_verify_options options)
    : redis_(redis), options_(std::move(options)) {}

awaitable<result<seal_report>> seal_verifier::run() {
  report_.heads = static_cast<std::int64_t>(options_.heads.size());
  for (const auto& shard : options_.shards) {
    const auto checked = co_await check_tickets_shard(shard);
    if (!checked) co_return pass(checked);
  }
  if (const auto checked = co_await find_unknown_histories(); !checked) co_return pass(checked);
  auto left = std::move(unexplained_);
  for (auto& [shard, open] : left) {
    const auto checked = co_await explain(shard, std::move(open));
    if (!checked) co_return pass(checked);
  }
  if (const auto checked = co_await check_records(); !checked) co_return pass(checked);
  co_return std::move(report_);
}

/// The whole chain: what the archive has, then what is in Redis.
seal_verifier::step seal_verifier::walk(std::string shard, chain_walk& chain) {
  std::vector<std::string> one{shard};
  const auto ends = co_await read_heads(redis_, options_.data_set, std::move(one));
  const auto& known = ends.front();
  if (!known && !is_of_one_shard(known.error())) co_return pass(known);
  if (!known) report({tampering::chain_unreadable, shard, 0, {}, {}, known.error().detail});
  const chain_head end = known ? *known : chain_head();
  archive_reader archive(archive_path(options_.archive, shard));
  if (auto read = walk_archive(shard, archive, chain); !read) co_return read;
  for (std::int64_t next = 1;;) {
    const auto seals = co_await read_seals(redis_, shard, next, seals_a_page);
    if (!seals && !is_of_one_shard(seals.error())) co_return pass(seals);
    if (!seals) report({tampering::chain_unreadable, shard, next, {}, {}, seals.error().detail});
    if (!seals || seals->empty()) break;
    // What is no more in Redis may have moved to the archive since that was read.
    if (seals->front().number > chain.last() + 1) {
      archive.resume();
      if (auto read = walk_archive(shard, archive, chain); !read) co_return read;
    }
    for (const auto& seal : *seals) add_seal(seal, chain);
    next = seals->back().number + 1;
    if (options_.progress) options_.progress(report_);
  }
  chain.finish(end);
  positions_[shard] = {chain.last(), std::max(chain.sealed(), end.sealed)};
  co_return result<void>{};
}

result<void> seal_verifier::walk_archive(const std::string& shard, archive_reader& archive,
                                         chain_walk& chain) {
  if (options_.archive.empty()) return {};
  while (true) {
    const auto seal = archive.next();
    if (!seal && seal.error().code != errc::corrupt_data) return pass(seal);
    if (!seal)
      report({tampering::chain_unreadable, shard, chain.last() + 1, {}, {}, seal.error().detail});
    if (!seal || !*seal) return {};
    add_seal(**seal, chain);
  }
}

void seal_verifier::add_seal(const stored_seal& seal, chain_walk& chain) {
  if (seal.number > chain.last()) ++report_.entries;
  chain.add(seal);
}

seal_verifier::step seal_verifier::check_tickets_shard(std::string shard) {
  sealed_index index;
  chain_walk chain(
      shard, seal_genesis(options_.data_set, shard), heads_of(shard), reporter(),
      [&](const seal_entry& entry, bool sound) {
        for (const auto& item : entry.items) {
          ++report_.events;
          if (item.version == 0) {
            report({tampering::event_foreign,
                    shard,
                    entry.number,
                    {},
                    {},
                    fmt::format("entry {} of shard {} seals something that is no event "
                                "of a ticket of the shard",
                                entry.number, shard)});
            continue;
          }
          index.add({code_of(item), item.version, entry.number, item.hash, entry.suite, sound});
        }
      });
  if (const auto walked = co_await walk(shard, chain); !walked) co_return walked;
  index.sort();
  auto& known = known_[shard];
  while (true) {
    std::vector<std::span<const sealed_event>> tickets;
    while (tickets.size() < options_.batch) {
      const auto ticket = index.next_ticket();
      if (ticket.empty()) break;
      known.push_back(ticket.front().ticket);
      tickets.push_back(ticket);
    }
    if (tickets.empty()) break;
    const auto checked = co_await check_histories(shard, std::move(tickets));
    if (!checked) co_return checked;
    if (options_.progress) options_.progress(report_);
  }
  co_return co_await check_repeated(std::move(shard));
}

seal_verifier::step seal_verifier::check_histories(
    std::string shard, std::vector<std::span<const sealed_event>> tickets) {
  std::vector<redis::command> reads;
  for (const auto& ticket : tickets) {
    reads.emplace_back("LRANGE", history_key(ticket_no_of(shard, ticket.front().ticket)), 0, -1);
  }
  const auto answers = co_await redis_.exec_all(std::move(reads));
  for (std::size_t i = 0; i < tickets.size(); ++i) {
    if (!answers[i] && !is_wrong_type(answers[i].error())) co_return pass(answers[i]);
    static const std::vector<redis::reply> nothing;
    check_history(shard, tickets[i], answers[i] ? answers[i]->array() : nothing);
  }
  co_return result<void>{};
}

bool seal_verifier::is_sealed_as(const sealed_event& event,
                                 const std::vector<redis::reply>& history) {
  const auto bytes = history[static_cast<std::size_t>(event.version - 1)].string();
  return digest_of(event.suite).of(bytes) == event.hash;
}

/// What was put back is counted with the shard, so a repetition beyond that is somebody else's.
seal_verifier::step seal_verifier::check_repeated(std::string shard) {
  auto found = std::exchange(repeated_, {});
  if (found.empty()) co_return result<void>{};
  const auto answer = co_await redis_.exec(redis::command("HGET", head_key(shard), "restored"));
  if (!answer) co_return pass(answer);
  std::size_t restored = 0;
  const auto text = answer->string();
  std::from_chars(text.data(), text.data() + text.size(), restored);
  if (found.size() <= restored) {
    report_.repeated += std::ssize(found);
    co_return result<void>{};
  }
  for (auto& one : found) report(std::move(one));
  co_return result<void>{};
}

void seal_verifier::check_history(const std::string& shard, std::span<const sealed_event> sealed,
                                  const std::vector<redis::reply>& history) {
  ++report_.tickets;
  const std::string no = ticket_no_of(shard, sealed.front().ticket);
  const auto length = static_cast<std::int64_t>(history.size());
  std::vector<std::int64_t> differ;
  std::vector<std::int64_t> missing;
  std::int64_t entry_of_differing = 0;
  std::int64_t entry_of_missing = 0;
  std::int64_t expected = 1;
  for (const auto& event : sealed) {
    for (; expected < event.version && expected <= length; ++expected)
      unexplained_[shard].push_back({shard, no, expected});
    if (event.version < expected) {
      seal_problem twice{
          tampering::event_twice,
          shard,
          event.entry,
          no,
          {event.version},
          fmt::format("version {} of ticket {} is sealed twice, the second time in entry {}",
                      event.version, no, event.entry)};
      if (event.version <= length && is_sealed_as(event, history)) {
        repeated_.push_back(std::move(twice));
      } else {
        report(std::move(twice));
      }
      continue;
    }
    expected = event.version + 1;
    if (event.version > length) {
      if (missing.empty()) entry_of_missing = event.entry;
      missing.push_back(event.version);
      continue;
    }
    if (!event.sound || is_sealed_as(event, history)) continue;
    if (differ.empty()) entry_of_differing = event.entry;
    differ.push_back(event.version);
  }
  for (; expected <= length; ++expected) unexplained_[shard].push_back({shard, no, expected});
  if (!differ.empty()) {
    auto text = fmt::format("ticket {}: version {} of its history is not what entry {} sealed", no,
                            ranges(differ), entry_of_differing);
    report({tampering::event_differs, shard, entry_of_differing, no, std::move(differ),
            std::move(text)});
  }
  if (!missing.empty()) {
    auto text = fmt::format("ticket {}: version {} is gone from its history (sealed in entry {})",
                            no, ranges(missing), entry_of_missing);
    report({tampering::event_missing, shard, entry_of_missing, no, std::move(missing),
            std::move(text)});
  }
}

seal_verifier::step seal_verifier::find_unknown_histories() {
  std::string cursor = "0";
  do {
    const auto answer = co_await redis_.exec(redis::command(
        "SCAN", cursor, "MATCH", "{[0-9][0-9][0-9][0-9]}:history:*", "COUNT", keys_a_scan));
    if (!answer) co_return pass(answer);
    cursor = answer->at(0).string();
    std::vector<std::string> unknown;
    for (const auto& key : answer->at(1).array()) {
      const auto parts = parse_key(key.string());
      // Names that are none of a ticket are what `hotline verify` finds.
      if (!parts || !domain::is_ticket_no(parts->name)) continue;
      const auto shard = known_.find(parts->shard);
      const auto no = domain::parse_ticket_no(parts->name);
      sealed_item place;
      place.day =
          static_cast<std::int32_t>(std::chrono::sys_days(no->date).time_since_epoch().count());
      place.serial = no->serial;
      if (shard == known_.end() || !std::ranges::binary_search(shard->second, code_of(place)))
        unknown.emplace_back(parts->name);
    }
    const auto checked = co_await check_unknown(std::move(unknown));
    if (!checked) co_return checked;
  } while (cursor != "0");
  co_return result<void>{};
}

seal_verifier::step seal_verifier::check_unknown(std::vector<std::string> numbers) {
  std::vector<redis::command> reads;
  for (const auto& no : numbers) reads.emplace_back("LLEN", history_key(no));
  const auto lengths = co_await redis_.exec_all(std::move(reads));
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (!lengths[i]) {
      if (is_wrong_type(lengths[i].error())) continue;  // `hotline verify` finds that
      co_return pass(lengths[i]);
    }
    const std::string shard(domain::shard_of_ticket(numbers[i]));
    for (std::int64_t version = 1; version <= lengths[i]->integer(); ++version)
      unexplained_[shard].push_back({shard, numbers[i], version});
  }
  co_return result<void>{};
}

seal_verifier::step seal_verifier::explain(std::string shard, std::vector<unexplained> open) {
  std::set<std::pair<std::string, std::int64_t>> explained;
  const auto add = [&](const sealed_item& item) {
    if (item.version > 0) explained.emplace(ticket_no_of(shard, item), item.version);
  };
  // The outbox first: what leaves it meanwhile has been sealed by then.
  position at = positions_[shard];
  while (true) {
    std::vector<std::string> shards{shard};
    std::vector<stream_place> behind{at.sealed};
    const auto pages =
        co_await read_behind(redis_, std::move(shards), std::move(behind), events_a_page);
    const auto& items = pages.front();
    if (!items && is_of_one_shard(items.error())) break;
    if (!items) co_return pass(items);
    for (const auto& item : *items) add(place_of_event(shard, item.bytes));
    if (items->empty()) break;
    at.sealed = items->back().id;
  }
  while (true) {
    const auto seals = co_await read_seals(redis_, shard, at.entries + 1, seals_a_page);
    // What is wrong with the chain was said when it was walked.
    if (!seals && is_of_one_shard(seals.error())) break;
    if (!seals) co_return pass(seals);
    for (const auto& seal : *seals) {
      const auto entry = decode_seal(seal.body);
      if (!entry) continue;
      for (const auto& item : entry->items) add(item);
    }
    if (seals->empty()) break;
    at.entries = seals->back().number;
  }
  std::map<std::string, std::vector<std::int64_t>> inserted;
  for (const auto& one : open) {
    if (explained.contains({one.no, one.version})) {
      ++report_.waiting;
    } else {
      inserted[one.no].push_back(one.version);
    }
  }
  for (auto& [no, versions] : inserted) {
    std::ranges::sort(versions);
    auto text = fmt::format(
        "ticket {}: version {} of its history was never sealed: inserted, or "
        "taken out of the outbox before it was sealed",
        no, ranges(versions));
    report({tampering::event_unsealed, shard, 0, no, std::move(versions), std::move(text)});
  }
  co_return result<void>{};
}

chain_walk::reporter seal_verifier::reporter() {
  return [this](seal_problem found) { report(std::move(found)); };
}

void seal_verifier::report(seal_problem found) {
  ++report_.counts[found.kind];
  if (report_.problems.size() < options_.problems_max) report_.problems.push_back(std::move(found));
}

std::vector<signed_head> seal_verifier::heads_of(std::string_view shard) const {
  std::vector<signed_head> heads;
  std::ranges::copy_if(options_.heads, std::back_inserter(heads),
                       [&](const signed_head& head) { return head.shard == shard; });
  return heads;
}

crypto::digest& seal_verifier::digest_of(v1::HashSuite suite) {
  return suite == v1::HASH_SUITE_SM3 ? sm3_ : sha256_;
}

}  // namespace hotline::store
