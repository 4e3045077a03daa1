#include "common/store/function_library.hpp"

#include <charconv>

#include "common/store/digest.hpp"

namespace hotline::store {

int function_library_schema(std::string_view source) {
  constexpr std::string_view mark = "\n-- schema ";
  const auto at = source.find(mark);
  if (at == std::string_view::npos) return 0;
  int schema = 0;
  const char* first = source.data() + at + mark.size();
  std::from_chars(first, source.data() + source.size(), schema);
  return schema;
}

std::string function_library_hash(std::string_view source) { return to_hex(sha256(source)); }

}  // namespace hotline::store
