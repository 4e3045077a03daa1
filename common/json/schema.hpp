// What the codec needs to know of each message type, looked up once at start instead of for every
// field of every request.
#pragma once

#include <google/protobuf/descriptor.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace hotline::json {

/// How a value is written in JSON.
enum class value_kind : std::uint8_t {
  text,
  bytes,  ///< base64
  boolean,
  int32,
  int64,
  uint32,
  uint64,
  real,
  instant,      ///< an int64 of UTC milliseconds, as RFC 3339 text
  enumeration,  ///< the full name of the value
  message,
};

/// The values of one enumeration.
class enum_names {
 public:
  explicit enum_names(const google::protobuf::EnumDescriptor& type);
  /// The number of a name; nullptr when there is none. Exact: upper case, full name.
  const int* number(std::string_view name) const;
  /// Empty for a number without a name.
  std::string_view name(int number) const;

 private:
  std::vector<std::pair<std::string_view, int>> by_name_;
  std::vector<std::pair<int, std::string_view>> by_number_;
};

class message_fields;

struct field_entry {
  const google::protobuf::FieldDescriptor* descriptor;
  std::string_view name;
  std::string printed_name;  ///< "\"name\":"
  value_kind kind;
  bool repeated;
  bool has_presence;                               ///< zero and absent are told apart
  std::size_t position;                            ///< in message_fields::fields()
  const google::protobuf::OneofDescriptor* oneof;  ///< nullptr: may always be set
  const enum_names* names;                         ///< of an enumeration
  const message_fields* fields;                    ///< of a message
};

/// The fields of one message type.
class message_fields {
 public:
  /// In the order of their numbers.
  std::span<const field_entry> fields() const { return fields_; }
  const field_entry* find(std::string_view name) const;

 private:
  friend class schema;
  std::vector<field_entry> fields_;
  std::vector<const field_entry*> by_name_;  ///< by length, then bytes
};

/// Fields a message may have at most: the reader keeps one bit for each.
inline constexpr std::size_t fields_max = 128;

/// Immutable after construction, shared by all threads.
class schema {
 public:
  /// Knows the given types and everything they contain. Types the API has no use for (maps, float,
  /// groups) are a broken invariant.
  explicit schema(std::span<const google::protobuf::Descriptor* const> roots);

  /// The type must be one of the roots or contained in one.
  const message_fields& of(const google::protobuf::Descriptor* type) const;

 private:
  const message_fields* learn(const google::protobuf::Descriptor& type);
  const enum_names* learn(const google::protobuf::EnumDescriptor& type);
  field_entry make_entry(const google::protobuf::FieldDescriptor& field);

  std::unordered_map<const google::protobuf::Descriptor*, std::unique_ptr<message_fields>>
      messages_;
  std::unordered_map<const google::protobuf::EnumDescriptor*, std::unique_ptr<enum_names>> enums_;
};

/// Which way a field is written; see value_kind.
value_kind kind_of(const google::protobuf::FieldDescriptor& field);

}  // namespace hotline::json
