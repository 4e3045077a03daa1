// Numbers, names and bytes: what needs no Redis.
#include <doctest/doctest.h>

#include <random>

#include "common/domain/ticket_no.hpp"
#include "common/store/commit_floor.hpp"
#include "common/store/derived_changes.hpp"
#include "common/store/function_library.hpp"
#include "common/store/index_reader.hpp"
#include "common/store/keys.hpp"
#include "common/store/records.hpp"

namespace hotline::store {
namespace {

using std::chrono::year;

TEST_CASE("a ticket number has exactly one spelling") {
  const auto no = domain::parse_ticket_no("3708-20261123-00042");
  REQUIRE(no);
  CHECK(no->shard == "3708");
  CHECK(no->date == year(2026) / 11 / 23);
  CHECK(no->serial == 42);
  CHECK(domain::format_ticket_no(*no) == "3708-20261123-00042");
  CHECK(domain::format_ticket_no({"3700", year(2026) / 1 / 2, 123'456}) == "3700-20260102-123456");
  CHECK(domain::shard_of_ticket("3708-20261123-00042") == "3708");

  for (const auto* bad :
       {"", "3708", "3708-20261123-0042", "3708-20261123-000042", "3708-20261123-00000",
        "3708-20261123-", "370-20261123-000421", "3708-20261323-00042", "3708-20260230-00042",
        "3708_20261123-00042", "3708-20261123-0004a", "3708-20261123-00042 ",
        " 3708-20261123-00042", "3708-20261123-1234567890", "３708-20261123-00042",
        "3708-20261123--0042"}) {
    CAPTURE(bad);
    CHECK_FALSE(domain::is_ticket_no(bad));
    CHECK(domain::parse_ticket_no(bad).error().code == errc::invalid_argument);
  }
}

TEST_CASE("every key of a shard carries its hash tag") {
  const std::string no = "3708-20261123-00042";
  CHECK(ticket_key(no) == "{3708}:ticket:3708-20261123-00042");
  CHECK(history_key(no) == "{3708}:history:3708-20261123-00042");
  CHECK(events_key("3708") == "{3708}:events");
  CHECK(head_key("3708") == "{3708}:head");
  CHECK(idempotency_key(year(2026) / 11 / 23) == "{0000}:idem:20261123");
  CHECK(derived_key("3708", "queue:370883") == "{3708}:queue:370883");
  CHECK(dead_letters_key("3708", "dispatch") == "{3708}:dead:dispatch");

  const auto parts = parse_key("{3708}:queue:370883");
  REQUIRE(parts);
  CHECK(parts->shard == "3708");
  CHECK(parts->family == "queue");
  CHECK(parts->name == "370883");
  CHECK(parts->rest == "queue:370883");
  CHECK(parse_key("{3708}:timers")->name.empty());
  for (const auto* other : {"", "{3708}:", "{meta}:dataset", "{p:12345}:ref:1", "3708:x"}) {
    CHECK_FALSE(parse_key(other));
  }
}

v1::Ticket some_ticket() {
  v1::Ticket ticket;
  ticket.set_no("3708-20261123-00042");
  ticket.set_version(3);
  ticket.set_desk("370000");
  return ticket;
}

TEST_CASE("a ticket's bytes read back as the ticket") {
  const auto bytes = encode_ticket(some_ticket());
  CHECK(bytes.starts_with("T10000000003"));
  const auto ticket = decode_ticket("3708-20261123-00042", bytes);
  REQUIRE(ticket);
  CHECK(ticket->SerializeAsString() == some_ticket().SerializeAsString());
}

TEST_CASE("no flipped bit of a ticket goes unnoticed, nor one under another key") {
  const std::string no = "3708-20261123-00042";
  const auto bytes = encode_ticket(some_ticket());
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    auto flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    CAPTURE(bit);
    const auto ticket = decode_ticket(no, flipped);
    REQUIRE_FALSE(ticket);
    CHECK(ticket.error().code == errc::corrupt_data);
    CHECK(ticket.error().detail.find(no) != std::string::npos);
  }
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CHECK_FALSE(decode_ticket(no, std::string_view(bytes).substr(0, size)));
  }
  CHECK_FALSE(decode_ticket("3708-20261123-00043", bytes));
}

TEST_CASE("an event's bytes are an Event to any reader, and none of them may change") {
  v1::Event event;
  event.set_ticket_no("3708-20261123-00042");
  event.set_version(1);
  event.set_kind(v1::EVENT_KIND_ACCEPTED);
  const auto bytes = encode_event(event);

  v1::Event plain;
  REQUIRE(plain.ParseFromString(bytes));
  CHECK(plain.ticket_no() == event.ticket_no());
  const auto decoded = decode_event(bytes);
  REQUIRE(decoded);
  CHECK(decoded->SerializeAsString() == event.SerializeAsString());

  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    auto flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    CAPTURE(bit);
    CHECK_FALSE(decode_event(flipped));
  }
  CHECK_FALSE(decode_event(""));
  CHECK_FALSE(decode_event(event.SerializeAsString()));
}

TEST_CASE("scores are written plainly and read back exactly") {
  std::mt19937_64 random(7);
  for (int i = 0; i < 10'000; ++i) {
    const auto score = static_cast<double>(random() % 200'000'000'000'000) - 1e13;
    const auto text = format_score(score);
    CHECK(text.find_first_not_of("-0123456789.") == std::string::npos);
    CHECK(parse_score(text) == score);
  }
  CHECK(format_score(8e13) == "80000000000000");
  CHECK(parse_score("8.1795395600000e+13") == 81'795'395'600'000.0);
  CHECK_FALSE(parse_score(""));
  CHECK_FALSE(parse_score("1x"));
}

TEST_CASE("the difference of two derivations is what a commit writes") {
  const std::vector<domain::index_entry> before{{"all", 1}, {"open:a", 2}, {"timers", 3}};
  const std::vector<domain::index_entry> after{{"all", 1}, {"open:b", 2}, {"timers", 4}};
  const std::vector<derived_change> expected{
      {"open:a", std::nullopt}, {"open:b", 2}, {"timers", 4}};
  CHECK(derived_changes(before, after) == expected);
  CHECK(derived_changes({}, before) == all_derived(before));
  CHECK(derived_changes(after, after).empty());
  CHECK(derived_changes({{"z", 1}}, {{"a", 1}}) ==
        std::vector<derived_change>{{"a", 1}, {"z", std::nullopt}});
}

TEST_CASE("a cursor survives the way to a client and back, anything else is refused") {
  const index_cursor cursor{30'000'000'000'001, "3708-20261123-00042"};
  const auto text = format_cursor(cursor);
  CHECK(parse_cursor(text) == cursor);
  for (const auto* bad : {"", "~", "1~", "x~3708-20261123-00042", "inf~3708-20261123-00042",
                          "nan~3708-20261123-00042", "1.0~3708-20261123-00042", "1~3708"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_cursor(bad));
  }
}

TEST_CASE("the floor only rises") {
  const auto floor = std::make_unique<commit_floor>();
  CHECK(floor->of("3708") == 0);
  floor->seen("3708", 7);
  floor->seen("3708", 5);
  floor->seen("3700", 1);
  CHECK(floor->of("3708") == 7);
  CHECK(floor->all() == std::map<std::string, std::int64_t>{{"3700", 1}, {"3708", 7}});
}

TEST_CASE("the function library is part of the program and knows its schema") {
  const auto source = function_library_source();
  CHECK(source.starts_with("#!lua name=hotline\n"));
  CHECK(function_library_schema(source) >= 1);
  CHECK(function_library_schema("#!lua name=hotline\n-- schema 12\n") == 12);
  CHECK(function_library_schema("") == 0);
  CHECK(function_library_hash(source).size() == 64);
}

TEST_CASE("the kind of an event is seen without reading it, and nothing is seen in rubbish") {
  v1::Event event;
  event.set_ticket_no("3708-20261123-00042");
  event.set_version(3);
  event.set_at(1'795'399'200'000);
  for (int kind = v1::EventKind_MIN; kind <= v1::EventKind_MAX; ++kind) {
    if (!v1::EventKind_IsValid(kind)) continue;
    event.set_kind(static_cast<v1::EventKind>(kind));
    CHECK(peek_event_kind(encode_event(event)) == kind);
  }
  const auto whole = encode_event(event);
  for (std::size_t cut = 0; cut < 30; ++cut) {
    CHECK(peek_event_kind(whole.substr(0, cut)) == v1::EVENT_KIND_UNSPECIFIED);
  }
  CHECK(peek_event_kind(std::string(100, '\xff')) == v1::EVENT_KIND_UNSPECIFIED);
}

}  // namespace
}  // namespace hotline::store
