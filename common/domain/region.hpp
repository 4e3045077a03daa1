// Which division does a place belong to? Reads what an operator types or a worker writes:
// "济宁邹城", "山东省济南市市中区经七路", "西海岸新区", "辽宁省大连市".
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/domain/organisation.hpp"

namespace hotline::domain {

enum class region_certainty {
  certain,    ///< an official or former name, or a short name right behind its city
  likely,     ///< a short name alone ("邹城"), or the better supported of several places
  ambiguous,  ///< several divisions fit equally: "市中区" without a city
  outside,    ///< a place in another province
  unknown,    ///< no place named, or only the province
};

struct region_match {
  region_certainty certainty = region_certainty::unknown;
  std::string code;                     ///< the division or zone; empty unless certain or likely
  std::vector<std::string> candidates;  ///< when ambiguous: every division that fits, ascending
  std::string matched;                  ///< the words (normalised) the answer rests on
};

/// Immutable; keeps its own copy of the names, so it may outlive the organisation it was built
/// from.
class region_recogniser {
 public:
  /// Learns the names of all working divisions and zones, and the aliases.
  explicit region_recogniser(const organisation& units);

  /// Looks at the first `text_bytes_max` bytes of any text; invalid UTF-8 is skipped over.
  region_match recognise(std::string_view text) const;

  static constexpr std::size_t text_bytes_max = 16 * 1024;

 private:
  enum class sort : std::uint8_t {
    full_name,   ///< official or former name, zone name, alias
    short_name,  ///< without 市/区/县
    province,    ///< 山东省: says nothing about the division
    outside,     ///< another province or a city there
    decoy,       ///< a word that only looks like a place: 高密度
  };
  struct name {
    sort kind = sort::decoy;
    std::vector<std::size_t> divisions;  ///< positions in divisions_; several share 市中
  };
  struct division {
    std::string code;
    std::size_t city = 0;  ///< position of its city; its own for a city
    bool is_county = false;
  };
  struct hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };
  struct piece;
  class tally;

  void learn(std::string_view text, sort kind, std::size_t division);
  void learn_word(std::string_view text, sort kind);
  const name* find(std::string_view text) const;

  bool follows_city(std::string_view before) const;
  bool place_expected(std::string_view text, std::size_t begin, std::size_t end) const;
  bool acceptable(std::string_view text, std::size_t begin, std::size_t end,
                  const name& found) const;
  piece read(std::string_view text, std::size_t begin, std::size_t end, const name& found) const;
  std::vector<piece> cut(std::string_view text) const;

  std::vector<division> divisions_;
  std::unordered_map<std::string, name, hash, std::equal_to<>> names_;
  std::size_t name_bytes_max_ = 0;
};

/// Full-width letters and digits become plain, white space goes, as names are compared.
std::string normalise_place(std::string_view text);

}  // namespace hotline::domain
