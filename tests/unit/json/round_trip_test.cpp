// Properties that hold for every message and every text, tried with seeded random ones.
#include <doctest/doctest.h>
#include <google/protobuf/util/message_differencer.h>

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "tests/unit/json/random_message.hpp"
#include "tests/unit/json/test_codec.hpp"

namespace hotline::json {
namespace {

using google::protobuf::Message;
using google::protobuf::util::MessageDifferencer;

std::vector<std::unique_ptr<Message>> one_of_each() {
  std::vector<std::unique_ptr<Message>> out;
  out.push_back(std::make_unique<v1::Ticket>());
  out.push_back(std::make_unique<v1::Event>());
  out.push_back(std::make_unique<v1::Command>());
  out.push_back(std::make_unique<v1::HistoryPage>());
  out.push_back(std::make_unique<v1::Board>());
  out.push_back(std::make_unique<v1::ClockView>());
  out.push_back(std::make_unique<google::protobuf::UninterpretedOption>());
  return out;
}

TEST_CASE("every message comes back from its text, and the text from the message") {
  const codec c = make_test_codec();
  std::mt19937_64 random(12351);
  for (int round = 0; round < 300; ++round) {
    for (const auto& prototype : one_of_each()) {
      const std::unique_ptr<Message> message(prototype->New());
      fill_randomly(*message, random, 4);
      const std::string text = c.write(*message);
      const std::unique_ptr<Message> back(prototype->New());
      const auto read = c.read(text, *back);
      CAPTURE(text);
      if (!read) FAIL(to_failure(read.error()).detail);
      REQUIRE(MessageDifferencer::Equals(*message, *back));
      REQUIRE(c.write(*back) == text);
      REQUIRE(c.check(*message).has_value());
    }
  }
}

std::string mutate(std::string text, std::mt19937_64& random) {
  constexpr std::string_view spice =
      "{}[]\",:\\/ \n\x01\x7F\xC2\xE2\xFF"
      "0-1.eEtfnu";
  for (auto left = 1 + random() % 4; left > 0; --left) {
    const auto at = text.empty() ? 0 : random() % text.size();
    switch (random() % 5) {
      case 0: text.insert(at, 1, spice[random() % spice.size()]); break;
      case 1: text.erase(at, 1 + random() % 8); break;
      case 2:
        if (!text.empty()) text[at] = static_cast<char>(random());
        break;
      case 3: text.insert(at, text.substr(at / 2, random() % 40)); break;
      default: text.resize(at);
    }
  }
  return text;
}

TEST_CASE("a damaged text is a message or a fault with a known kind, never anything else") {
  const codec c = make_test_codec();
  std::mt19937_64 random(20261123);
  int good = 0;
  int bad = 0;
  for (int round = 0; round < 20'000; ++round) {
    v1::Event event;
    fill_randomly(event, random, 2);
    v1::Event back;
    const auto read = c.read(mutate(c.write(event), random), back);
    if (read) {
      ++good;
      // What was accepted is clean: it survives another journey unchanged.
      v1::Event again;
      REQUIRE(c.read(c.write(back), again).has_value());
      REQUIRE(MessageDifferencer::Equals(back, again));
    } else {
      ++bad;
      REQUIRE_FALSE(to_string(read.error().kind).empty());
    }
  }
  CHECK(good > 100);
  CHECK(bad > 10'000);
}

}  // namespace
}  // namespace hotline::json
