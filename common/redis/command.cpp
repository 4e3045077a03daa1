#include "common/redis/command.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "common/base/assert.hpp"

namespace hotline::redis {

namespace {

bool same_word(std::string_view a, std::string_view upper) {
  return std::ranges::equal(a, upper, [](char x, char y) {
    return (x >= 'a' && x <= 'z' ? static_cast<char>(x - 'a' + 'A') : x) == y;
  });
}

// Reads "$<length>\r\n<bytes>\r\n" at the front of `wire`, which this file has written itself.
std::string_view take_argument(std::string_view& wire) {
  std::size_t length = 0;
  const auto digits_end = std::from_chars(wire.data() + 1, wire.data() + wire.size(), length).ptr;
  const auto head = static_cast<std::size_t>(digits_end - wire.data()) + 2;
  const auto argument = wire.substr(head, length);
  wire.remove_prefix(head + length + 2);
  return argument;
}

}  // namespace

command& command::add(std::string_view argument) {
  char head[24];
  head[0] = '$';
  char* end = std::to_chars(head + 1, head + sizeof head - 2, argument.size()).ptr;
  *end++ = '\r';
  *end++ = '\n';
  wire_.append(head, end);
  wire_.append(argument);
  wire_.append("\r\n", 2);
  ++count_;
  write_head();
  return *this;
}

void command::write_head() {
  constexpr std::size_t count_max = 99'999'999;  // what fits into head_room
  HL_ASSERT(count_ <= count_max, "a command with that many arguments");
  char* at = wire_.data() + head_room;
  *--at = '\n';
  *--at = '\r';
  for (std::size_t rest = count_; rest > 0; rest /= 10) {
    *--at = static_cast<char>('0' + rest % 10);
  }
  *--at = '*';
  start_ = static_cast<std::size_t>(at - wire_.data());
}

std::string_view command::wire() const { return std::string_view(wire_).substr(start_); }

std::string_view command::verb() const {
  auto rest = std::string_view(wire_).substr(head_room);
  return take_argument(rest);
}

std::vector<std::string_view> command::arguments() const {
  std::vector<std::string_view> all;
  all.reserve(count_);
  for (auto rest = std::string_view(wire_).substr(head_room); !rest.empty();) {
    all.push_back(take_argument(rest));
  }
  return all;
}

bool command::unfit_for_sharing() const {
  static constexpr std::array<std::string_view, 15> verbs = {
      "BLPOP",      "BRPOP",    "BLMOVE", "BRPOPLPUSH", "BLMPOP",
      "BZPOPMIN",   "BZPOPMAX", "BZMPOP", "SUBSCRIBE",  "PSUBSCRIBE",
      "SSUBSCRIBE", "MONITOR",  "HELLO",  "SYNC",       "PSYNC"};
  const auto name = verb();
  const bool reads_streams = same_word(name, "XREAD") || same_word(name, "XREADGROUP");
  if (reads_streams) {
    return std::ranges::any_of(arguments(), [](auto word) { return same_word(word, "BLOCK"); });
  }
  return std::ranges::any_of(verbs, [&](auto word) { return same_word(name, word); });
}

}  // namespace hotline::redis
