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
  std::vector<std::size_t> broken;  ///< cells that hold an error of the office program ("#N/A")
};

using table = std::vector<table_row>;

inline constexpr std::size_t table_rows_max = 100'000;
inline constexpr std::size_t table_columns_max = 64;

/// What a CSV may be written in. Lists of users are UTF-8 only: a name that was guessed wrongly
/// would stay.
enum class csv_charset { utf8, utf8_or_gb18030 };

/// CSV (RFC 4180), with or without a byte order mark; commas, semicolons or tabs, whichever the
/// first line that has any has. invalid_argument, in Chinese, names the line: other encodings, open
/// quotes, sizes.
result<table> read_csv(std::string_view text, csv_charset charset = csv_charset::utf8);

/// The first sheet of an Office Open XML workbook (ISO/IEC 29500). invalid_argument: not one, or
/// larger than the limits.
result<table> read_xlsx(const std::filesystem::path& file);

/// By the ending of its name: .csv or .xlsx. What is wrong is told without the name of the file.
result<table> read_table(const std::filesystem::path& file,
                         csv_charset charset = csv_charset::utf8);

}  // namespace hotline::program
