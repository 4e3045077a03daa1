// JSON of the API to protobuf messages and back: strict, fast, and with errors that name the field.
// The rules are in README.md of this folder.
#pragma once

#include <google/protobuf/message.h>

#include <cstddef>
#include <expected>
#include <span>
#include <string>
#include <string_view>

#include "common/json/fault.hpp"
#include "common/json/schema.hpp"

namespace hotline::json {

/// Objects and lists within each other.
inline constexpr std::size_t nesting_max = 16;

/// Immutable after construction: one codec serves all threads.
class codec {
 public:
  /// For messages of the given types and everything they contain.
  explicit codec(std::span<const google::protobuf::Descriptor* const> roots) : schema_(roots) {}

  /// Reads one JSON object into `out`, which should be empty: fields that are there are kept, lists
  /// grow. After a fault `out` holds what was read so far. The caller bounds the size of the text.
  std::expected<void, fault> read(std::string_view text, google::protobuf::Message& out) const;

  /// Appends the message as compact JSON. Fields with their default value are left out unless they
  /// have presence. Enumeration numbers without a name are written as numbers.
  void write(const google::protobuf::Message& message, std::string& out) const;
  std::string write(const google::protobuf::Message& message) const;

  /// For a message that came as protobuf bytes: holds it to the rules JSON would have been held to
  /// (no unknown fields, known enumeration values, characters, instants).
  std::expected<void, fault> check(const google::protobuf::Message& message) const;

  const schema& types() const { return schema_; }

 private:
  schema schema_;
};

}  // namespace hotline::json
