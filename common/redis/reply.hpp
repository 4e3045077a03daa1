// What Redis answered, as a value of our own.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace hotline::redis {

/// One RESP2 reply. Cheap to move. An accessor of another kind than the reply has gives a neutral
/// value (0, empty), so that a surprising answer from outside never stops the program; look at the
/// kind where it matters.
class reply {
 public:
  enum class kind { nil, integer, string, error, array };

  /// A nil: "no such key", or a blocking read that found nothing.
  reply() = default;
  static reply of_integer(std::int64_t value) { return reply(value); }
  /// Bulk strings (any bytes) and status replies ("OK") alike.
  static reply of_string(std::string bytes) { return reply(std::move(bytes)); }
  /// Only inside arrays: an error as the whole answer becomes a failure instead.
  static reply of_error(std::string text) { return reply(error_text{std::move(text)}); }
  static reply of_array(std::vector<reply> items) { return reply(std::move(items)); }

  kind type() const { return static_cast<kind>(value_.index()); }
  bool is_nil() const { return type() == kind::nil; }
  bool is_integer() const { return type() == kind::integer; }
  bool is_string() const { return type() == kind::string; }
  bool is_error() const { return type() == kind::error; }
  bool is_array() const { return type() == kind::array; }

  /// The integer, or 0.
  std::int64_t integer() const {
    const auto* value = std::get_if<std::int64_t>(&value_);
    return value ? *value : 0;
  }
  /// The bytes of a string or the text of an error, or empty. Valid as long as the reply.
  std::string_view string() const;
  /// The bytes without a copy; the reply keeps an empty string.
  std::string take_string();

  /// The items, or none.
  const std::vector<reply>& array() const;
  /// The items without a copy; the reply keeps an empty array.
  std::vector<reply> take_array();
  /// array()[index], or a nil where there is no such item.
  const reply& at(std::size_t index) const;
  std::size_t size() const { return array().size(); }

  friend bool operator==(const reply&, const reply&) = default;

 private:
  struct error_text {
    std::string text;
    friend bool operator==(const error_text&, const error_text&) = default;
  };
  // In the order of `kind`.
  using value =
      std::variant<std::monostate, std::int64_t, std::string, error_text, std::vector<reply>>;

  explicit reply(value v) : value_(std::move(v)) {}

  value value_;
};

}  // namespace hotline::redis
