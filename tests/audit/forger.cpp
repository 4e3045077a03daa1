#include "tests/audit/forger.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "common/domain/ticket_no.hpp"
#include "common/store/keys.hpp"

namespace hotline::test {
namespace {

constexpr const char* audit_stream = "{0000}:audit";

std::string shard_of(const std::string& no) { return std::string(domain::shard_of_ticket(no)); }

expectation at_ticket(std::string what, const std::string& no, std::int64_t version) {
  expectation wanted;
  wanted.what = std::move(what);
  wanted.shard = shard_of(no);
  wanted.ticket = no;
  wanted.version = version;
  return wanted;
}

expectation at_entry(std::string what, const std::string& shard, std::int64_t entry) {
  expectation wanted;
  wanted.what = std::move(what);
  wanted.shard = shard;
  wanted.entry = entry;
  return wanted;
}

expectation at_record(std::string what, store::tampering kind, const std::string& id) {
  expectation wanted;
  wanted.what = std::move(what);
  wanted.shard = "0000";
  wanted.kind = kind;
  wanted.text = "audit record " + id + " ";
  return wanted;
}

bool names_version(const store::seal_report& report, const expectation& wanted,
                   std::int64_t version) {
  return std::ranges::any_of(report.problems, [&](const store::seal_problem& p) {
    return p.shard == wanted.shard && p.ticket_no == *wanted.ticket &&
           std::ranges::find(p.versions, version) != p.versions.end();
  });
}

bool names_entry(const store::seal_report& report, const expectation& wanted, std::int64_t entry) {
  return std::ranges::any_of(report.problems, [&](const store::seal_problem& p) {
    return p.shard == wanted.shard && p.ticket_no.empty() && p.entry == entry &&
           (!wanted.kind || p.kind == *wanted.kind);
  });
}

}  // namespace

bool expectation::met_by(const store::seal_report& report) const {
  if (ticket)
    return names_version(report, *this, *version) &&
           (!other_version || names_version(report, *this, *other_version));
  if (entry)
    return names_entry(report, *this, *entry) &&
           (!other_entry || names_entry(report, *this, *other_entry));
  return std::ranges::any_of(report.problems, [&](const store::seal_problem& p) {
    return p.shard == shard && p.kind == kind && p.text.find(text) != std::string::npos;
  });
}

expectation forger::forge() {
  using act = expectation (forger::*)();
  static constexpr act acts[] = {
      &forger::edit_event,      &forger::delete_event,   &forger::swap_events,
      &forger::cut_history,     &forger::insert_event,   &forger::delete_history,
      &forger::invent_ticket,   &forger::swap_histories, &forger::edit_entry,
      &forger::edit_entry_hash, &forger::delete_entry,   &forger::cut_chain,
      &forger::swap_entries,    &forger::rewrite_chain,  &forger::insert_entry,
      &forger::edit_record,     &forger::delete_record,  &forger::insert_record,
      &forger::cut_records,     &forger::swap_records,
  };
  return (this->*acts[below(std::size(acts))])();
}

void forger::put_back() {
  for (const auto& [key, dump] : kept_) {
    if (dump.empty()) {
      f_.exec("DEL", key);
    } else {
      f_.exec("RESTORE", key, 0, dump, "REPLACE");
    }
  }
  kept_.clear();
}

void forger::remember(const std::string& key) {
  kept_.try_emplace(key, std::string(f_.exec("DUMP", key).string()));
}

std::vector<std::string> forger::list_of(const std::string& key) {
  std::vector<std::string> values;
  const auto answer = f_.exec("LRANGE", key, 0, -1);
  for (const auto& value : answer.array()) values.emplace_back(value.string());
  return values;
}

void forger::write_list(const std::string& key, const std::vector<std::string>& values) {
  remember(key);
  f_.exec("DEL", key);
  redis::command push("RPUSH", key);
  for (const auto& value : values) push.add(value);
  if (!values.empty()) f_.run(f_.redis.client->exec(std::move(push))).value();
}

std::vector<forger::entry> forger::stream_of(const std::string& key) {
  std::vector<entry> entries;
  const auto answer = f_.exec("XRANGE", key, "-", "+");
  for (const auto& item : answer.array()) {
    entry one;
    one.id = item.at(0).string();
    for (const auto& field : item.at(1).array()) one.fields.emplace_back(field.string());
    entries.push_back(std::move(one));
  }
  return entries;
}

void forger::write_stream(const std::string& key, const std::vector<entry>& entries) {
  remember(key);
  f_.exec("DEL", key);
  std::vector<redis::command> adds;
  for (const auto& one : entries) {
    auto& add = adds.emplace_back("XADD", key, one.id);
    for (const auto& field : one.fields) add.add(field);
  }
  for (const auto& answer : f_.run(f_.redis.client->exec_all(std::move(adds)))) answer.value();
}

std::string forger::flipped(std::string bytes) {
  auto& byte = bytes[below(bytes.size())];
  byte = static_cast<char>(byte ^ (1 << below(8)));
  return bytes;
}

expectation forger::edit_event() {
  const auto& no = any_ticket();
  auto events = list_of(store::history_key(no));
  const auto at = below(events.size());
  events[at] = flipped(events[at]);
  write_list(store::history_key(no), events);
  return at_ticket("an event is edited", no, static_cast<std::int64_t>(at) + 1);
}

expectation forger::delete_event() {
  const auto& no = any_ticket();
  auto events = list_of(store::history_key(no));
  const auto at = below(events.size());
  events.erase(events.begin() + static_cast<std::ptrdiff_t>(at));
  write_list(store::history_key(no), events);
  return at_ticket("an event is deleted", no, static_cast<std::int64_t>(at) + 1);
}

expectation forger::swap_events() {
  const auto& no = any_ticket();
  auto events = list_of(store::history_key(no));
  const auto one = below(events.size());
  const auto other = (one + 1 + below(events.size() - 1)) % events.size();
  std::swap(events[one], events[other]);
  write_list(store::history_key(no), events);
  auto wanted = at_ticket("two events are swapped", no, static_cast<std::int64_t>(one) + 1);
  wanted.other_version = static_cast<std::int64_t>(other) + 1;
  return wanted;
}

expectation forger::cut_history() {
  const auto& no = any_ticket();
  auto events = list_of(store::history_key(no));
  const auto size = below(events.size());
  events.resize(size);
  write_list(store::history_key(no), events);
  return at_ticket("a history is cut", no, static_cast<std::int64_t>(size) + 1);
}

expectation forger::insert_event() {
  const auto& no = any_ticket();
  auto events = list_of(store::history_key(no));
  const auto at = below(events.size() + 1);
  events.insert(events.begin() + static_cast<std::ptrdiff_t>(at),
                flipped(events[below(events.size())]));
  write_list(store::history_key(no), events);
  return at_ticket("an event is inserted", no, static_cast<std::int64_t>(at) + 1);
}

expectation forger::delete_history() {
  const auto& no = any_ticket();
  write_list(store::history_key(no), {});
  return at_ticket("a history is deleted", no, 1);
}

expectation forger::invent_ticket() {
  const auto no =
      fmt::format("{}-20261123-{:05}", below(2) == 0 ? "3708" : "3700", 50 + below(900));
  write_list(store::history_key(no), list_of(store::history_key(any_ticket())));
  return at_ticket("a ticket is invented", no, 1);
}

expectation forger::swap_histories() {
  const auto one = below(f_.numbers.size());
  const auto other = (one + 1 + below(f_.numbers.size() - 1)) % f_.numbers.size();
  const auto first = store::history_key(f_.numbers[one]);
  const auto second = store::history_key(f_.numbers[other]);
  const auto events = list_of(first);
  write_list(first, list_of(second));
  write_list(second, events);
  return at_ticket("two histories are swapped", f_.numbers[one], 1);
}

expectation forger::edit_entry() {
  const auto shard = shard_of(any_ticket());
  auto entries = stream_of(store::seal_key(shard));
  const auto at = below(entries.size());
  entries[at].fields[1] = flipped(entries[at].fields[1]);
  write_stream(store::seal_key(shard), entries);
  return at_entry("an entry of the chain is edited", shard, static_cast<std::int64_t>(at) + 1);
}

expectation forger::edit_entry_hash() {
  const auto shard = shard_of(any_ticket());
  auto entries = stream_of(store::seal_key(shard));
  const auto at = below(entries.size());
  entries[at].fields[3] = flipped(entries[at].fields[3]);
  write_stream(store::seal_key(shard), entries);
  return at_entry("a hash of the chain is edited", shard, static_cast<std::int64_t>(at) + 1);
}

expectation forger::delete_entry() {
  const auto shard = shard_of(any_ticket());
  const auto key = store::seal_key(shard);
  const auto at = below(stream_of(key).size()) + 1;
  remember(key);
  f_.exec("XDEL", key, fmt::format("{}-0", at));
  return at_entry("an entry of the chain is deleted", shard, static_cast<std::int64_t>(at));
}

expectation forger::cut_chain() {
  const auto shard = shard_of(any_ticket());
  auto entries = stream_of(store::seal_key(shard));
  const auto size = below(entries.size());
  entries.resize(size);
  const bool cleverly = below(2) == 0;
  write_stream(store::seal_key(shard), entries);
  if (cleverly) make_consistent(shard, entries);
  auto wanted = at_entry(cleverly ? "a chain is cut, and its end put right" : "a chain is cut",
                         shard, static_cast<std::int64_t>(size) + 1);
  wanted.kind = store::tampering::chain_cut;
  return wanted;
}

expectation forger::swap_entries() {
  const auto shard = shard_of(any_ticket());
  auto entries = stream_of(store::seal_key(shard));
  const auto one = below(entries.size());
  const auto other = (one + 1 + below(entries.size() - 1)) % entries.size();
  std::swap(entries[one].fields, entries[other].fields);
  write_stream(store::seal_key(shard), entries);
  auto wanted = at_entry("two entries are swapped", shard, static_cast<std::int64_t>(one) + 1);
  wanted.other_entry = static_cast<std::int64_t>(other) + 1;
  return wanted;
}

/// An event is changed, its seal too, and every hash from there on computed anew.
expectation forger::rewrite_chain() {
  const auto& no = any_ticket();
  const auto shard = shard_of(no);
  auto events = list_of(store::history_key(no));
  const auto version = below(events.size());
  crypto::digest digest(v1::HASH_SUITE_SHA_256);
  const auto before = digest.of(events[version]);
  events[version] = flipped(events[version]);
  write_list(store::history_key(no), events);
  auto entries = stream_of(store::seal_key(shard));
  std::int64_t entry_no = 0;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    auto entry = store::decode_seal(entries[i].fields[1]).value();
    for (auto& item : entry.items) {
      if (item.hash != before) continue;
      item.hash = digest.of(events[version]);
      entry_no = static_cast<std::int64_t>(i) + 1;
    }
    entries[i].fields[1] = store::encode_seal(entry);
  }
  make_consistent(shard, entries);
  expectation wanted;
  wanted.what = "an event is edited and the chain rewritten";
  wanted.shard = shard;
  wanted.kind = store::tampering::chain_rewritten;
  wanted.text = "are not those that were signed";
  // The part between two signed heads that has the entry.
  std::int64_t from = 1;
  for (const auto& head : f_.verify_options().heads)
    if (head.shard == shard && head.entries < entry_no) from = std::max(from, head.entries + 1);
  wanted.entry = from;
  return wanted;
}

expectation forger::insert_entry() {
  const auto shard = shard_of(any_ticket());
  auto entries = stream_of(store::seal_key(shard));
  auto at = below(entries.size() - 1);
  const auto copied = below(entries.size());
  const entry copy = entries[copied];
  entries.insert(entries.begin() + static_cast<std::ptrdiff_t>(at), copy);
  if (copied == at) ++at;  // before or behind its equal is the same
  make_consistent(shard, entries);
  expectation wanted;
  wanted.what = "an entry is inserted and the chain rewritten";
  wanted.shard = shard;
  wanted.kind = store::tampering::chain_rewritten;
  std::int64_t from = 1;
  for (const auto& head : f_.verify_options().heads)
    if (head.shard == shard && head.entries <= static_cast<std::int64_t>(at))
      from = std::max(from, head.entries + 1);
  wanted.entry = from;
  return wanted;
}

expectation forger::edit_record() {
  auto records = stream_of(audit_stream);
  const auto at = below(records.size());
  records[at].fields[1] = flipped(records[at].fields[1]);
  write_stream(audit_stream, records);
  return at_record("an audit record is edited", store::tampering::record_differs, records[at].id);
}

expectation forger::delete_record() {
  const auto records = stream_of(audit_stream);
  const auto at = below(records.size());
  remember(audit_stream);
  f_.exec("XDEL", audit_stream, records[at].id);
  return at_record("an audit record is deleted", store::tampering::record_missing, records[at].id);
}

expectation forger::insert_record() {
  auto records = stream_of(audit_stream);
  const auto at = below(records.size());
  // Just before another one; a smaller sequence or an earlier millisecond.
  const auto next = store::parse_place(records[at].id).value();
  const auto id = next.sequence > 0 ? store::stream_place{next.ms - 1, 777}
                                    : store::stream_place{next.ms - 1, 777 + below(100)};
  const auto text = store::format_place(id);
  records.push_back({text, {"e", records[at].fields[1]}});
  std::ranges::sort(records, {}, [](const entry& e) { return store::parse_place(e.id).value(); });
  write_stream(audit_stream, records);
  return at_record("an audit record is inserted", store::tampering::record_unsealed, text);
}

expectation forger::cut_records() {
  auto records = stream_of(audit_stream);
  const auto size = below(records.size());
  const auto id = records[size].id;
  if (below(2) == 0) {
    records.resize(size);  // the newest are gone
  } else {
    records.erase(records.begin(), records.begin() + static_cast<std::ptrdiff_t>(size) + 1);
  }
  write_stream(audit_stream, records);
  return at_record("audit records are cut off", store::tampering::record_missing, id);
}

expectation forger::swap_records() {
  auto records = stream_of(audit_stream);
  const auto one = below(records.size());
  const auto other = (one + 1 + below(records.size() - 1)) % records.size();
  std::swap(records[one].fields, records[other].fields);
  write_stream(audit_stream, records);
  return at_record("two audit records are swapped", store::tampering::record_differs,
                   records[other].id);
}

void forger::make_consistent(const std::string& shard, std::vector<entry>& entries) {
  crypto::digest digest(v1::HASH_SUITE_SHA_256);
  auto hash = store::seal_genesis(f_.guard.data_set(), shard);
  std::int64_t number = 0;
  std::int64_t total = 0;
  std::string last = "0-0";
  for (auto& one : entries) {
    auto entry = store::decode_seal(one.fields[1]).value();
    entry.number = ++number;
    total += static_cast<std::int64_t>(entry.items.size());
    entry.total = total;
    last = store::format_place(entry.last);
    one.id = fmt::format("{}-0", number);
    one.fields[1] = store::encode_seal(entry);
    hash = store::seal_hash(digest, hash, one.fields[1]);
    one.fields[3] = std::string(crypto::as_bytes(hash));
  }
  write_stream(store::seal_key(shard), entries);
  const auto head = store::seal_head_key(shard);
  remember(head);
  f_.exec("DEL", head);
  if (number > 0)
    f_.exec("HSET", head, "n", number, "h", crypto::as_bytes(hash), "id", last, "e", total);
}

}  // namespace hotline::test
