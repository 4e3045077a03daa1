#include "tests/unit/json/random_message.hpp"

#include <array>
#include <cstdint>
#include <limits>
#include <string_view>

#include "common/base/rfc3339.hpp"
#include "common/json/schema.hpp"

namespace hotline::json {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

template <class Int>
Int random_int(std::mt19937_64& random) {
  constexpr std::array edges{std::numeric_limits<Int>::min(), std::numeric_limits<Int>::max(),
                             Int{0}, Int{1}};
  if (random() % 4 == 0) return edges[random() % edges.size()];
  return static_cast<Int>(random() >> (random() % 64));
}

std::int64_t random_instant(std::mt19937_64& random) {
  std::uniform_int_distribution<std::int64_t> range(to_unix_ms(wire_instant_begin),
                                                    to_unix_ms(wire_instant_end) - 1);
  return range(random);
}

double random_real(std::mt19937_64& random) {
  return static_cast<double>(static_cast<std::int64_t>(random())) / 1e7;
}

std::string random_bytes(std::mt19937_64& random) {
  std::string out(random() % 9, '\0');
  for (char& c : out) c = static_cast<char>(random());
  return out;
}

void put(Message& m, const FieldDescriptor* f, std::mt19937_64& random, int depth_left) {
  const Reflection& r = *m.GetReflection();
  const bool list = f->is_repeated();
  const auto put_with = [&](auto set, auto add, const auto& value) {
    list ? (r.*add)(&m, f, value) : (r.*set)(&m, f, value);
  };
  switch (kind_of(*f)) {
    case value_kind::text:
    case value_kind::bytes: {
      std::string value =
          kind_of(*f) == value_kind::text ? random_text(random) : random_bytes(random);
      list ? r.AddString(&m, f, std::move(value)) : r.SetString(&m, f, std::move(value));
      return;
    }
    case value_kind::boolean:
      return put_with(&Reflection::SetBool, &Reflection::AddBool, random() % 2 == 0);
    case value_kind::int32:
      return put_with(&Reflection::SetInt32, &Reflection::AddInt32,
                      random_int<std::int32_t>(random));
    case value_kind::int64:
      return put_with(&Reflection::SetInt64, &Reflection::AddInt64,
                      random_int<std::int64_t>(random));
    case value_kind::uint32:
      return put_with(&Reflection::SetUInt32, &Reflection::AddUInt32,
                      random_int<std::uint32_t>(random));
    case value_kind::uint64:
      return put_with(&Reflection::SetUInt64, &Reflection::AddUInt64,
                      random_int<std::uint64_t>(random));
    case value_kind::real:
      return put_with(&Reflection::SetDouble, &Reflection::AddDouble, random_real(random));
    case value_kind::instant:
      return put_with(&Reflection::SetInt64, &Reflection::AddInt64, random_instant(random));
    case value_kind::enumeration: {
      const auto* type = f->enum_type();
      const int value = static_cast<int>(random() % static_cast<unsigned>(type->value_count()));
      return put_with(&Reflection::SetEnumValue, &Reflection::AddEnumValue,
                      type->value(value)->number());
    }
    case value_kind::message:
      if (depth_left == 0) return;
      return fill_randomly(list ? *r.AddMessage(&m, f) : *r.MutableMessage(&m, f), random,
                           depth_left - 1);
  }
}

}  // namespace

std::string random_text(std::mt19937_64& random) {
  constexpr std::array<std::string_view, 12> alphabet{"a",  "Z",  "7", " ",  "\n", "\t",
                                                      "\"", "\\", "/", "工", "é",  "😀"};
  std::string out;
  for (auto left = random() % 25; left > 0; --left) out += alphabet[random() % alphabet.size()];
  return out;
}

void fill_randomly(Message& message, std::mt19937_64& random, int depth_left) {
  const auto* type = message.GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    if (random() % 2 == 0) continue;
    const FieldDescriptor* field = type->field(i);
    for (auto left = field->is_repeated() ? random() % 4 : 1; left > 0; --left) {
      put(message, field, random, depth_left);
    }
  }
}

}  // namespace hotline::json
