#include "common/store/file_rules.hpp"

#include <array>
#include <span>

namespace hotline::store {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t name_bytes_max = 200;

/// What else files of a kind are called.
struct kin {
  std::string_view suffix;
  std::string_view other;
};

constexpr std::array kinds{
    kin{".jpg", ".jpeg"}, kin{".jpg", ".jfif"}, kin{".txt", ".csv"}, kin{".txt", ".log"},
    kin{".mp4", ".mov"},  kin{".mp4", ".m4a"},  kin{".mp4", ".m4v"}, kin{".mp4", ".3gp"},
    kin{".mp4", ".heic"}, kin{".mp4", ".heif"}, kin{".zip", ".ofd"}, kin{".zip", ".pptx"},
    kin{".doc", ".wps"},  kin{".xls", ".et"},   kin{".amr", ".awb"},
};

std::string lower_case(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

bool is_plain(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x20 && byte != 0x7F && c != '/' && c != '\\';
}

}  // namespace

bool is_file_name(std::string_view name) {
  if (name.empty() || name.size() > name_bytes_max || !std::ranges::all_of(name, is_plain))
    return false;
  if (name.find_first_not_of(" .") == name.npos) return false;
  // The second half of Latin-1's control characters; marks and turns of direction.
  for (std::size_t at = 0; at + 1 < name.size(); ++at) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(name[at + i]); };
    if (byte(0) == 0xC2 && byte(1) < 0xA0) return false;
    if (byte(0) != 0xE2 || at + 2 >= name.size()) continue;
    const bool turns = (byte(1) == 0x80 && byte(2) >= 0xAA && byte(2) <= 0xAE) ||
                       (byte(1) == 0x80 && byte(2) >= 0x8E && byte(2) <= 0x8F) ||
                       (byte(1) == 0x80 && byte(2) >= 0xA8 && byte(2) <= 0xA9) ||
                       (byte(1) == 0x81 && byte(2) >= 0xA6 && byte(2) <= 0xA9);
    if (turns) return false;
  }
  return true;
}

std::string name_with_suffix(std::string name, std::string_view suffix) {
  // Windows drops blanks and dots at the end, and with them what stands before would be the suffix.
  name.erase(name.find_last_not_of(" .") + 1);
  const auto dot = name.rfind('.');
  const auto given = dot == name.npos ? std::string() : lower_case(name.substr(dot));
  const bool fits = given == suffix || std::ranges::any_of(kinds, [&](const kin& one) {
                      return one.suffix == suffix && one.other == given;
                    });
  if (!fits) name += suffix;
  return name;
}

}  // namespace hotline::store
