// The bytes of an entry: each value has one encoding, and no bytes crash the reader.
#include <doctest/doctest.h>

#include <random>

#include "common/domain/ticket_no.hpp"
#include "common/store/records.hpp"
#include "common/store/seal_entry.hpp"
#include "tests/store/store_fixture.hpp"

namespace hotline::store {
namespace {

crypto::hash_value filled(unsigned char byte) {
  crypto::hash_value hash;
  hash.fill(byte);
  return hash;
}

seal_entry ticket_entry() {
  seal_entry entry;
  entry.number = 300;
  entry.at = test::monday;
  entry.first = {1'795'395'600'000, 3};
  entry.last = {1'795'395'600'250, 0};
  entry.total = 1'000;
  entry.items.push_back({20'780, 42, 3, {}, filled(1)});
  entry.items.push_back({20'779, 999'999'999, 1, {}, filled(2)});
  entry.items.push_back({0, 0, 0, {}, filled(3)});
  return entry;
}

seal_entry record_entry() {
  seal_entry entry;
  entry.number = 1;
  entry.at = test::monday;
  entry.suite = v1::HASH_SUITE_SM3;
  entry.kind = sealed_kind::audit_records;
  entry.first = {5, 1};
  entry.last = {9, 0};
  entry.total = 3;
  entry.items.push_back({0, 0, 0, {5, 1}, filled(1)});
  entry.items.push_back({0, 0, 0, {5, 2}, filled(2)});
  entry.items.push_back({0, 0, 0, {9, 0}, filled(3)});
  return entry;
}

TEST_CASE("an entry reads back as it was written, in few bytes") {
  for (const auto& entry : {ticket_entry(), record_entry()}) {
    const auto body = encode_seal(entry);
    const auto read = decode_seal(body);
    REQUIRE(read);
    CHECK(*read == entry);
  }
  seal_entry many = ticket_entry();
  many.items.clear();
  for (std::uint32_t i = 1; i <= 500; ++i) many.items.push_back({20'780, i, 2, {}, filled(7)});
  CHECK(encode_seal(many).size() < 500 * 37);
}

TEST_CASE("changed, cut or longer bytes are refused or say something else") {
  for (const auto& entry : {ticket_entry(), record_entry()}) {
    const auto body = encode_seal(entry);
    for (std::size_t size = 0; size < body.size(); ++size)
      CHECK_FALSE(decode_seal(std::string_view(body).substr(0, size)));
    CHECK_FALSE(decode_seal(body + "x"));
    for (std::size_t bit = 0; bit < body.size() * 8; ++bit) {
      auto flipped = body;
      flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
      const auto read = decode_seal(flipped);
      if (!read) continue;
      CHECK_FALSE(*read == entry);
      CHECK(encode_seal(*read) == flipped);
    }
  }
}

TEST_CASE("random bytes are no entry") {
  std::mt19937 random(7);
  for (int i = 0; i < 20'000; ++i) {
    std::string body(random() % 120, '\0');
    for (char& c : body) c = static_cast<char>(random());
    if (body.size() > 3) {
      body[0] = 1;
      body[1] = static_cast<char>(1 + random() % 2);
      body[2] = static_cast<char>(random() % 2);
    }
    const auto read = decode_seal(body);
    if (read) CHECK(encode_seal(*read) == body);
  }
}

TEST_CASE("the place of an event is read from its bytes") {
  const auto step = test::new_ticket();
  const auto bytes = encode_event(step.events.front());
  const auto place = place_of_event("3708", bytes);
  CHECK(place.version == 1);
  CHECK(ticket_no_of("3708", place) == "3708-20261123-00001");
  CHECK(place_of_event("3701", bytes).version == 0);
  CHECK(place_of_event("3708", "").version == 0);
  CHECK(place_of_event("3708", "no event at all").version == 0);
  CHECK(place_of_event("3708", std::string_view(bytes).substr(0, 10)).version == 0);
  CHECK(ticket_no_of("3708", place_of_event("3708", "")) == "");
}

TEST_CASE("ids of streams") {
  CHECK(parse_place("12-3") == stream_place{12, 3});
  CHECK(format_place({12, 3}) == "12-3");
  for (const char* wrong :
       {"", "-", "12", "12-", "-3", "12-3x", "a-3", "12--3", "99999999999999999999-1"})
    CHECK_FALSE(parse_place(wrong));
}

TEST_CASE("a chain begins with its data set and its shard") {
  CHECK(seal_genesis("a", "3708") != seal_genesis("b", "3708"));
  CHECK(seal_genesis("a", "3708") != seal_genesis("a", "3701"));
}

}  // namespace
}  // namespace hotline::store
