// What is sent to Redis: a verb and its arguments, any bytes.
#pragma once

#include <charconv>
#include <concepts>
#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace hotline::redis {

/// What counts as a number in a command; bool and characters do not, they are nearly always slips.
template <class T>
concept command_integer =
    std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char> &&
    !std::same_as<T, char8_t> && !std::same_as<T, char16_t> && !std::same_as<T, char32_t>;

/// `command cmd("XADD", key, "*", "e", bytes)`: binary safe, kept ready to send in one buffer.
/// Arguments are string_view-convertibles and integers.
class command {
 public:
  template <class... Args>
  explicit command(std::string_view verb, const Args&... args) {
    wire_.reserve(head_room + ((size_hint(verb) + ... + size_hint(args))));
    wire_.resize(head_room);
    add(verb);
    (add(args), ...);
  }

  command& add(std::string_view argument);

  template <command_integer T>
  command& add(T number) {
    char digits[std::numeric_limits<T>::digits10 + 3];
    const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    return add(std::string_view(digits, end));
  }

  /// The verb as it was given.
  std::string_view verb() const;
  /// The verb and every argument; for tests and diagnostics, it walks the buffer.
  std::vector<std::string_view> arguments() const;
  std::size_t argument_count() const { return count_; }

  /// Verbs that would make the other users of a shared connection wait (BLPOP, XREAD .. BLOCK) or
  /// change its protocol (SUBSCRIBE, MONITOR). WAIT is not among them: it belongs behind its write.
  bool unfit_for_sharing() const;

  /// The bytes for the socket (RESP: *2\r\n$3\r\nGET\r\n...).
  std::string_view wire() const;

 private:
  // Room for "*<argc>\r\n" before the first argument. It is written right-aligned, because Redis
  // accepts no leading zeros and argc is only known at the end.
  static constexpr std::size_t head_room = 12;

  static std::size_t size_hint(std::string_view argument) { return argument.size() + 16; }
  template <command_integer T>
  static std::size_t size_hint(T) {
    return std::numeric_limits<T>::digits10 + 16;
  }

  void write_head();

  std::string wire_;
  std::size_t count_ = 0;
  std::size_t start_ = head_room;
};

}  // namespace hotline::redis
