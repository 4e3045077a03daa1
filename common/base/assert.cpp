#include "common/base/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace hotline {

void assertion_failed(const char* condition, const char* message, const char* file, int line) {
  std::fprintf(stderr, "broken invariant at %s:%d: %s (%s)\n", file, line, message, condition);
  std::abort();
}

}  // namespace hotline
