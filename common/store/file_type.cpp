#include "common/store/file_type.hpp"

#include <algorithm>
#include <array>

#include "common/exchange/charset.hpp"

namespace hotline::store {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view word_old = "application/msword";
constexpr std::string_view excel_old = "application/vnd.ms-excel";
constexpr std::string_view word_new =
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
constexpr std::string_view excel_new =
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

struct signature {
  std::string_view first_bytes;
  std::string_view type;
};

constexpr std::array signatures{
    signature{"\x89PNG\r\n\x1A\n"sv, "image/png"},
    signature{"\xFF\xD8\xFF"sv, "image/jpeg"},
    signature{"GIF87a"sv, "image/gif"},
    signature{"GIF89a"sv, "image/gif"},
    signature{"%PDF-"sv, "application/pdf"},
    signature{"ID3"sv, "audio/mpeg"},
    signature{"\xFF\xFB"sv, "audio/mpeg"},  // without tags: MPEG 1 and 2, layer III
    signature{"\xFF\xF3"sv, "audio/mpeg"},
    signature{"\xFF\xF2"sv, "audio/mpeg"},
    signature{"#!AMR\n"sv, "audio/amr"},
    signature{"#!AMR-WB\n"sv, "audio/amr"},
};

bool has(std::string_view bytes, std::string_view text) { return bytes.find(text) != bytes.npos; }

/// Office files are zip archives of parts whose names say which kind it is.
std::string_view type_of_zip(std::string_view bytes) {
  if (!has(bytes, "[Content_Types].xml")) return "application/zip";
  if (has(bytes, "word/")) return word_new;
  if (has(bytes, "xl/")) return excel_new;
  return "application/zip";
}

/// Compound files of old Office: the names of their streams are UTF-16.
std::string_view type_of_compound(std::string_view bytes) {
  if (has(bytes, "W\0o\0r\0d\0D\0o\0c\0u\0m\0e\0n\0t\0"sv)) return word_old;
  if (has(bytes, "W\0o\0r\0k\0b\0o\0o\0k\0"sv) || has(bytes, "B\0o\0o\0k\0"sv)) return excel_old;
  return {};
}

bool is_text(std::string_view bytes) {
  const bool printable = std::ranges::all_of(bytes, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte >= 0x20 && byte != 0x7F) || c == '\t' || c == '\r' || c == '\n';
  });
  return !bytes.empty() && printable &&
         (exchange::to_utf8(bytes, v1::CHARSET_UTF8) ||
          exchange::to_utf8(bytes, v1::CHARSET_GB18030));
}

}  // namespace

std::string_view type_of_file(std::string_view bytes) {
  for (const auto& [first_bytes, type] : signatures) {
    if (bytes.starts_with(first_bytes)) return type;
  }
  if (bytes.starts_with("PK\x03\x04"sv)) return type_of_zip(bytes);
  if (bytes.starts_with("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"sv)) return type_of_compound(bytes);
  if (bytes.starts_with("RIFF") && bytes.substr(0, 12).ends_with("WAVE")) return "audio/wav";
  constexpr std::size_t box_type_at = 4;
  if (bytes.size() > box_type_at && bytes.substr(box_type_at).starts_with("ftyp"))
    return "video/mp4";
  return is_text(bytes) ? "text/plain" : std::string_view();
}

std::string_view suffix_of_type(std::string_view type) {
  constexpr std::array suffixes{
      std::pair{"image/png"sv, ".png"sv},
      std::pair{"image/jpeg"sv, ".jpg"sv},
      std::pair{"image/gif"sv, ".gif"sv},
      std::pair{"application/pdf"sv, ".pdf"sv},
      std::pair{word_old, ".doc"sv},
      std::pair{excel_old, ".xls"sv},
      std::pair{word_new, ".docx"sv},
      std::pair{excel_new, ".xlsx"sv},
      std::pair{"application/zip"sv, ".zip"sv},
      std::pair{"audio/mpeg"sv, ".mp3"sv},
      std::pair{"audio/wav"sv, ".wav"sv},
      std::pair{"audio/amr"sv, ".amr"sv},
      std::pair{"video/mp4"sv, ".mp4"sv},
      std::pair{"text/plain"sv, ".txt"sv},
  };
  for (const auto& [known, suffix] : suffixes) {
    if (known == type) return suffix;
  }
  return {};
}

}  // namespace hotline::store
