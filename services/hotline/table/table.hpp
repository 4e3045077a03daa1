// Tables out of office files: rows of text cells with the line they stand in.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/error.hpp"

namespace hotline::program {

struct table_row {
  std::size_t line = 0;  ///< counts from 1, as the office program shows it
  std::vector<std::string> cells;
};

using table = std::vector<table_row>;

inline constexpr std::size_t table_rows_max = 100'000;
inline constexpr std::size_t table_columns_max = 64;

/// CSV (RFC 4180) in UTF-8, with or without a byte order mark; commas, semicolons or tabs,
/// whichever the first line has. invalid_argument names the line: other encodings, open quotes,
/// sizes.
result<table> read_csv(std::string_view text);

/// The first sheet of an Office Open XML workbook (ISO/IEC 29500). invalid_argument: not one, or
/// larger than the limits.
result<table> read_xlsx(const std::filesystem::path& file);

/// By the ending of its name: .csv or .xlsx.
result<table> read_table(const std::filesystem::path& file);

}  // namespace hotline::program
