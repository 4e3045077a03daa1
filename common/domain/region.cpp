#include "common/domain/region.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "common/domain/region_text.hpp"
#include "common/domain/region_words.hpp"

namespace hotline::domain {
namespace {

// How much one mention counts for.
constexpr int full_name_weight = 3;
constexpr int short_name_weight = 1;
constexpr int behind_city_bonus = 2;  // 济宁邹城

constexpr std::string_view city_suffix = "市";

/// An alias without 市, 区 or 县 (胶南) is weighed like a short name.
bool is_formal(std::string_view name) {
  return name.ends_with(city_suffix) || name.ends_with("区") || name.ends_with("县");
}

bool is_road(std::string_view after) {
  using namespace std::string_view_literals;
  constexpr std::string_view not_roads[] = {"路边"sv, "路灯"sv, "路政"sv, "路网"sv, "街头"sv};
  return starts_with_any(after, road_suffixes()) && !starts_with_any(after, not_roads);
}

bool is_origin(std::string_view before, std::string_view after) {
  return ends_with_any(before, origin_prefixes()) || starts_with_any(after, origin_suffixes());
}

}  // namespace

/// A stretch of the text read as a place or as a decoy.
struct region_recogniser::piece {
  std::size_t begin = 0;
  std::size_t end = 0;
  const name* found = nullptr;
  sort kind = sort::decoy;  ///< a road named after a place becomes a decoy
  int weight = 0;
};

/// Sums up the mentions of one text, in reading order.
class region_recogniser::tally {
 public:
  tally(const std::vector<division>& divisions, std::string_view text)
      : divisions_(divisions), text_(text) {}

  void add(const piece& mention);
  region_match judge();

 private:
  struct vote {
    int weight = 0;
    bool certain = false;
    std::string_view words;  ///< of the first mention
  };
  struct open_name {
    std::vector<std::size_t> divisions;
    int weight = 0;
    std::string_view words;
  };

  void add_outside(const piece& mention);
  void add_division(std::size_t which, const piece& mention, bool behind_city);
  void settle_open_names();
  std::vector<std::size_t> within_city(const std::vector<std::size_t>& divisions,
                                       std::size_t city) const;
  std::map<std::size_t, int> city_weights() const;
  region_match choose_in_city(std::size_t city) const;
  region_match answer(std::size_t which, bool certain) const;
  region_match several(std::vector<std::size_t> divisions, std::string_view words) const;

  const std::vector<division>& divisions_;
  std::string_view text_;
  std::map<std::size_t, vote> votes_;
  std::vector<open_name> open_names_;
  int outside_ = 0;
  bool outside_formal_ = false;
  std::string_view outside_words_;
  std::optional<std::size_t> city_;  ///< the city the text is speaking of
  std::size_t chain_begin_ = 0;      ///< where the unbroken run of places began
  std::size_t last_end_ = std::string_view::npos;
  bool last_outside_ = false;
};

void region_recogniser::tally::add_outside(const piece& mention) {
  outside_ += mention.weight;
  outside_formal_ = outside_formal_ || mention.weight == full_name_weight;
  if (outside_words_.empty())
    outside_words_ = text_.substr(mention.begin, mention.end - mention.begin);
  city_.reset();
  last_outside_ = true;
}

std::vector<std::size_t> region_recogniser::tally::within_city(
    const std::vector<std::size_t>& divisions, std::size_t city) const {
  std::vector<std::size_t> inside;
  for (const std::size_t which : divisions)
    if (divisions_[which].city == city) inside.push_back(which);
  return inside;
}

void region_recogniser::tally::add_division(std::size_t which, const piece& mention,
                                            bool behind_city) {
  vote& entry = votes_[which];
  entry.weight += mention.weight + (behind_city ? behind_city_bonus : 0);
  entry.certain = entry.certain || behind_city || mention.kind == sort::full_name;
  if (entry.words.empty()) entry.words = text_.substr(chain_begin_, mention.end - chain_begin_);
  city_ = divisions_[which].city;
}

void region_recogniser::tally::add(const piece& mention) {
  const bool adjacent = mention.begin == last_end_;
  if (!adjacent) chain_begin_ = mention.begin;
  // What stands right behind a place outside belongs to it: 天津市河东区.
  const bool outside = mention.kind == sort::outside || (adjacent && last_outside_);
  last_end_ = mention.end;
  last_outside_ = outside && mention.kind != sort::decoy;
  if (mention.kind == sort::decoy || mention.kind == sort::province) return;
  if (outside) return add_outside(mention);

  std::vector<std::size_t> meant = mention.found->divisions;
  // 临港区 and the like are words for a kind of zone, whichever city lists one.
  const division& first = divisions_[meant.front()];
  const bool zone_word =
      mention.kind == sort::short_name && !first.is_county && first.city != meant.front();
  if (city_ && (meant.size() > 1 || zone_word)) {
    meant = within_city(meant, *city_);
    if (meant.empty()) return;  // 青岛高新区 is none of the listed zones: Qingdao it is
  }
  if (meant.size() == 1) {
    const division& place = divisions_[meant.front()];
    const bool behind_city = adjacent && city_ == place.city && place.city != meant.front();
    add_division(meant.front(), mention, behind_city);
  } else {
    open_names_.push_back({std::move(meant), mention.weight,
                           text_.substr(mention.begin, mention.end - mention.begin)});
  }
}

std::map<std::size_t, int> region_recogniser::tally::city_weights() const {
  std::map<std::size_t, int> weights;
  for (const auto& [which, entry] : votes_) weights[divisions_[which].city] += entry.weight;
  return weights;
}

/// A name several divisions share, met before its city was: 市中区（济南）.
void region_recogniser::tally::settle_open_names() {
  const auto cities = city_weights();
  std::vector<open_name> still_open;
  for (open_name& one : open_names_) {
    std::vector<std::size_t> fitting;
    for (const auto& [city, weight] : cities)
      for (const std::size_t which : within_city(one.divisions, city)) fitting.push_back(which);
    if (fitting.size() == 1) {
      vote& entry = votes_[fitting.front()];
      entry.weight += one.weight;
      if (entry.words.empty()) entry.words = one.words;
    } else if (cities.empty() || !fitting.empty()) {
      still_open.push_back(std::move(one));
    }
  }
  open_names_ = std::move(still_open);
}

region_match region_recogniser::tally::answer(std::size_t which, bool certain) const {
  const vote& entry = votes_.at(which);
  return {.certainty = certain ? region_certainty::certain : region_certainty::likely,
          .code = divisions_[which].code,
          .candidates = {},
          .matched = std::string(entry.words)};
}

region_match region_recogniser::tally::several(std::vector<std::size_t> divisions,
                                               std::string_view words) const {
  region_match match{.certainty = region_certainty::ambiguous,
                     .code = {},
                     .candidates = {},
                     .matched = std::string(words)};
  for (const std::size_t which : divisions) match.candidates.push_back(divisions_[which].code);
  std::sort(match.candidates.begin(), match.candidates.end());
  return match;
}

/// The best supported county of the city, the city itself when no county was named.
region_match region_recogniser::tally::choose_in_city(std::size_t city) const {
  std::vector<std::size_t> best;
  int best_weight = 0;
  bool rivals = false;
  for (const auto& [which, entry] : votes_) {
    if (divisions_[which].city != city || which == city) continue;
    rivals = rivals || best_weight > 0;
    if (entry.weight > best_weight) best.clear();
    if (entry.weight >= best_weight) best.push_back(which);
    best_weight = std::max(best_weight, entry.weight);
  }
  if (best.empty()) return answer(city, votes_.at(city).certain);
  if (best.size() > 1) return several(best, votes_.at(best.front()).words);
  return answer(best.front(), votes_.at(best.front()).certain && !rivals);
}

region_match region_recogniser::tally::judge() {
  settle_open_names();
  const auto cities = city_weights();
  std::vector<std::size_t> best;
  int best_weight = 0;
  for (const auto& [city, weight] : cities) {
    if (weight > best_weight) best.clear();
    if (weight >= best_weight) best.push_back(city);
    best_weight = std::max(best_weight, weight);
  }
  // 深圳 said in passing, however often, does not outweigh 沂源县 said once.
  const bool formal = std::any_of(votes_.begin(), votes_.end(),
                                  [](const auto& entry) { return entry.second.certain; });
  if (outside_ > best_weight && (outside_formal_ || !formal))
    return {.certainty = region_certainty::outside,
            .code = {},
            .candidates = {},
            .matched = std::string(outside_words_)};
  if (best.empty()) {
    if (open_names_.empty()) return {};
    return several(open_names_.front().divisions, open_names_.front().words);
  }
  if (best.size() > 1) {
    std::vector<std::size_t> rivals;
    for (const std::size_t city : best)
      for (const auto& [which, entry] : votes_)
        if (divisions_[which].city == city) rivals.push_back(which);
    return several(rivals, votes_.at(rivals.front()).words);
  }
  region_match match = choose_in_city(best.front());
  const bool contested = cities.size() > 1 || outside_ > 0;
  if (contested && match.certainty == region_certainty::certain)
    match.certainty = region_certainty::likely;
  return match;
}

region_recogniser::region_recogniser(const organisation& units) {
  std::unordered_map<std::string_view, std::size_t> by_code;
  for (const v1::Unit& unit : units.units()) {
    if (unit.inactive() || !is_union(unit.level())) continue;
    if (unit.level() == v1::Unit::PROVINCE) {
      learn_word(unit.name(), sort::province);
      learn_word(unit.short_name(), sort::province);
      continue;
    }
    const std::size_t which = divisions_.size();
    const auto city = by_code.find(unit.parent());
    divisions_.push_back({.code = unit.code(),
                          .city = city == by_code.end() ? which : city->second,
                          .is_county = unit.level() == v1::Unit::COUNTY});
    by_code.emplace(unit.code(), which);
    learn(unit.name(), sort::full_name, which);
    learn(unit.short_name(), sort::short_name, which);
    for (const std::string& alias : unit.aliases())
      learn(alias, is_formal(alias) ? sort::full_name : sort::short_name, which);
  }
  for (const v1::Alias& alias : units.aliases())
    if (const auto unit = by_code.find(alias.code()); unit != by_code.end())
      learn(alias.text(), is_formal(alias.text()) ? sort::full_name : sort::short_name,
            unit->second);
  for (const auto word : outside_provinces()) learn_word(word, sort::outside);
  for (const auto word : outside_cities()) learn_word(word, sort::outside);
  for (const auto word : decoy_words()) learn_word(word, sort::decoy);
}

void region_recogniser::learn(std::string_view text, sort kind, std::size_t division) {
  std::string plain = normalise_place(text);
  if (plain.empty()) return;
  name_bytes_max_ = std::max(name_bytes_max_, plain.size());
  const auto [entry, fresh] = names_.try_emplace(std::move(plain));
  name& known = entry->second;
  known.kind = fresh ? kind : std::min(known.kind, kind);
  if (std::find(known.divisions.begin(), known.divisions.end(), division) == known.divisions.end())
    known.divisions.push_back(division);
}

void region_recogniser::learn_word(std::string_view text, sort kind) {
  std::string plain = normalise_place(text);
  if (plain.empty()) return;
  name_bytes_max_ = std::max(name_bytes_max_, plain.size());
  names_.try_emplace(std::move(plain), name{.kind = kind, .divisions = {}});
}

const region_recogniser::name* region_recogniser::find(std::string_view text) const {
  const auto found = names_.find(text);
  return found == names_.end() ? nullptr : &found->second;
}

/// True when the text ends with the name of a city or of the province.
bool region_recogniser::follows_city(std::string_view before) const {
  for (std::size_t begin = before.size(); begin > 0;) {
    begin = previous_character(before, begin);
    if (before.size() - begin > name_bytes_max_) return false;
    const name* found = find(before.substr(begin));
    if (!found) continue;
    if (found->kind == sort::province) return true;
    for (const std::size_t which : found->divisions)
      if (divisions_[which].city == which) return true;
  }
  return false;
}

/// Whether an ordinary word may be a place here: at the start, behind a city, after 在.
bool region_recogniser::place_expected(std::string_view text, std::size_t begin,
                                       std::size_t end) const {
  const std::string_view before = text.substr(0, begin);
  // 市中, 市南, 市北 arise wherever 市 meets 中, 南, 北: 青岛市南京路.
  const bool overlaps_city = text.substr(begin).starts_with(city_suffix);
  if (overlaps_city && !before.ends_with(city_suffix) && !is_boundary(text, end)) return false;
  return begin == 0 || is_boundary(text, previous_character(text, begin)) || follows_city(before) ||
         ends_with_any(before, place_prepositions());
}

bool region_recogniser::acceptable(std::string_view text, std::size_t begin, std::size_t end,
                                   const name& found) const {
  if (found.kind != sort::short_name) return true;
  if (is_careful_name(text.substr(begin, end - begin)) && !place_expected(text, begin, end))
    return false;
  // 栖霞区 is in Nanjing; ours is 栖霞市. Behind its own city an outdated 县 is forgiven.
  const std::string_view after = text.substr(end);
  const bool other_kind = after.starts_with("区") || after.starts_with("县");
  const bool county = divisions_[found.divisions.front()].is_county;
  return !(county && other_kind) || follows_city(text.substr(0, begin));
}

region_recogniser::piece region_recogniser::read(std::string_view text, std::size_t begin,
                                                 std::size_t end, const name& found) const {
  piece one{.begin = begin, .end = end, .found = &found, .kind = found.kind, .weight = 0};
  const std::string_view before = text.substr(0, begin);
  const std::string_view after = text.substr(end);
  const bool full_form = found.kind == sort::full_name || found.kind == sort::province ||
                         text.substr(begin, end - begin).ends_with(city_suffix);
  if (!full_form && is_road(after)) one.kind = sort::decoy;
  if (found.kind == sort::outside) {
    if (is_origin(before, after)) one.kind = sort::decoy;
    if (after.starts_with(city_suffix)) one.end += city_suffix.size();
    const std::string_view words = text.substr(begin, one.end - begin);
    const bool formal =
        words.ends_with(city_suffix) || words.ends_with("省") || words.ends_with("自治区");
    one.weight = formal ? full_name_weight : short_name_weight;
  } else {
    one.weight = found.kind == sort::full_name ? full_name_weight : short_name_weight;
  }
  return one;
}

/// Reads the text so that known words cover as much of it as possible; among equals a place of
/// ours is preferred, then the reading that begins earlier. That finds 济南|市中区 where the
/// longest first word would find 济南市|中区.
std::vector<region_recogniser::piece> region_recogniser::cut(std::string_view text) const {
  constexpr std::size_t points_per_byte = 4;
  struct step {
    std::size_t score = 0;
    std::optional<piece> taken;
    std::size_t next = 0;
  };
  std::vector<step> best(text.size() + 1);
  for (std::size_t begin = text.size(); begin > 0;) {
    begin = previous_character(text, begin);
    const std::size_t skip = begin + character_bytes(text, begin);
    best[begin] = {.score = best[skip].score, .taken = {}, .next = skip};
    for (std::size_t end = skip; end <= text.size() && end - begin <= name_bytes_max_;
         end += character_bytes(text, end)) {
      const name* found = find(text.substr(begin, end - begin));
      if (found && acceptable(text, begin, end, *found)) {
        const piece one = read(text, begin, end, *found);
        const std::size_t ours = one.kind < sort::province ? 1 : 0;
        const std::size_t score =
            points_per_byte * (one.end - one.begin) + ours + best[one.end].score;
        if (score >= best[begin].score) best[begin] = {score, one, one.end};
      }
      if (end == text.size()) break;
    }
  }
  std::vector<piece> pieces;
  for (std::size_t at = 0; at < text.size(); at = best[at].next)
    if (best[at].taken) pieces.push_back(*best[at].taken);
  return pieces;
}

region_match region_recogniser::recognise(std::string_view text) const {
  const std::string plain = normalise_place(text.substr(0, text_bytes_max));
  tally votes(divisions_, plain);
  for (const piece& one : cut(plain)) votes.add(one);
  return votes.judge();
}

}  // namespace hotline::domain
