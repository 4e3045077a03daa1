// Files that are there as a whole or not at all, also after a crash.
#pragma once

#include <filesystem>
#include <string_view>

#include "common/base/error.hpp"

namespace hotline {

/// Writes beside `path`, syncs, and renames: replaces what is there. io_error: the system's words.
result<void> write_durably(const std::filesystem::path& path, std::string_view bytes);

}  // namespace hotline
