#include "common/net/router.hpp"

#include <algorithm>

#include "common/base/assert.hpp"
#include "common/net/problem.hpp"

namespace hotline::net {

namespace {

/// "/v1/tickets/" -> {"v1", "tickets", ""}
std::vector<std::string_view> split_path(std::string_view path) {
  std::vector<std::string_view> parts;
  parts.reserve(8);
  if (path.starts_with('/')) path.remove_prefix(1);
  for (;;) {
    const std::size_t slash = path.find('/');
    parts.push_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return parts;
    path.remove_prefix(slash + 1);
  }
}

response allow_answer(std::string allowed, method verb) {
  response out;
  if (verb == method::options) {
    out.status = 204;
  } else {
    problem p = problem_for(errc::invalid_argument);
    p.status = 405;
    p.code = "method_not_allowed";
    p.title_zh = "此地址不支持该请求方法。";
    p.title_en = "This resource does not know the method.";
    out = make_problem_response(p);
  }
  out.headers.emplace_back("Allow", std::move(allowed));
  return out;
}

}  // namespace

const std::string& route_params::at(std::string_view name) const {
  for (const auto& [key, value] : values_) {
    if (key == name) return value;
  }
  HL_ASSERT(false, "a handler asked for a parameter its pattern lacks");
}

void route_params::add(std::string name, std::string value) {
  values_.emplace_back(std::move(name), std::move(value));
}

router::segment router::parse_segment(std::string_view text, bool last) {
  if (!text.starts_with('{')) {
    HL_ASSERT(text.find_first_of("{}") == std::string_view::npos, "a stray brace in a pattern");
    return {segment::kind::literal, std::string(text), {}};
  }
  const std::size_t close = text.find('}');
  HL_ASSERT(close != std::string_view::npos && close > 1, "an unfinished parameter in a pattern");
  std::string_view name = text.substr(1, close - 1);
  const std::string_view tail = text.substr(close + 1);
  if (name.ends_with('*')) {
    HL_ASSERT(last && tail.empty() && name.size() > 1, "{name*} stands alone at the end");
    name.remove_suffix(1);
    return {segment::kind::rest, std::string(name), {}};
  }
  HL_ASSERT(tail.empty() || (tail.starts_with(':') && tail.size() > 1),
            "only :verb follows {name}");
  return {segment::kind::parameter, std::string(name),
          std::string(tail.empty() ? tail : tail.substr(1))};
}

std::vector<router::segment> router::parse_pattern(std::string_view pattern) {
  HL_ASSERT(pattern.starts_with('/'), "a pattern begins with '/'");
  const auto parts = split_path(pattern);
  std::vector<segment> segments;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    segments.push_back(parse_segment(parts[i], i + 1 == parts.size()));
  }
  return segments;
}

bool router::is_before(const route& a, const route& b) {
  const auto rank = [](const segment& s) {
    return s.what == segment::kind::parameter && !s.verb.empty() ? 1 : 2 * static_cast<int>(s.what);
  };
  return std::ranges::lexicographical_compare(
      a.segments, b.segments,
      [&](const segment& x, const segment& y) { return rank(x) < rank(y); });
}

bool router::same_shape(const route& a, const route& b) {
  return std::ranges::equal(a.segments, b.segments, [](const segment& x, const segment& y) {
    const bool literal = x.what == segment::kind::literal;
    return x.what == y.what && x.verb == y.verb && (!literal || x.text == y.text);
  });
}

void router::add(method verb, std::string pattern, std::string name, route_handler handler) {
  route added{infos_.size(), parse_pattern(pattern), std::move(handler)};
  for (const route& other : routes_) {
    HL_ASSERT(infos_[other.index].verb != verb || !same_shape(other, added),
              "two routes answer the same requests");
  }
  infos_.push_back({verb, std::move(pattern), std::move(name)});
  routes_.insert(std::ranges::upper_bound(routes_, added, is_before), std::move(added));
}

bool router::matches(const route& candidate, const std::vector<std::string_view>& path) {
  const auto& segments = candidate.segments;
  const bool open_ended = segments.back().what == segment::kind::rest;
  if (open_ended ? path.size() < segments.size() : path.size() != segments.size()) return false;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const segment& s = segments[i];
    if (s.what == segment::kind::rest) return true;
    if (s.what == segment::kind::literal) {
      if (path[i] != s.text) return false;
      continue;
    }
    const std::size_t colon = path[i].find(':');
    const std::string_view verb =
        colon == std::string_view::npos ? std::string_view() : path[i].substr(colon + 1);
    const bool bare = colon == std::string_view::npos;
    if (path[i].substr(0, colon).empty() || bare != s.verb.empty() || verb != s.verb) return false;
  }
  return true;
}

route_params router::params_of(const route& found, std::string_view path,
                               const std::vector<std::string_view>& parts) {
  route_params params;
  for (std::size_t i = 0; i < found.segments.size(); ++i) {
    const segment& s = found.segments[i];
    if (s.what == segment::kind::literal) continue;
    const auto begin = static_cast<std::size_t>(parts[i].data() - path.data());
    const bool rest = s.what == segment::kind::rest;
    params.add(s.text,
               std::string(rest ? path.substr(begin) : parts[i].substr(0, parts[i].find(':'))));
  }
  return params;
}

const router::route* router::find(method verb, const std::vector<std::string_view>& path) const {
  for (const route& candidate : routes_) {
    if (infos_[candidate.index].verb == verb && matches(candidate, path)) return &candidate;
  }
  return verb == method::head ? find(method::get, path) : nullptr;
}

std::string router::allowed(const std::vector<std::string_view>& path) const {
  std::vector<method> verbs;
  for (const route& candidate : routes_) {
    const method verb = infos_[candidate.index].verb;
    if (!matches(candidate, path)) continue;
    verbs.push_back(verb);
    if (verb == method::get) verbs.push_back(method::head);
  }
  if (verbs.empty()) return {};
  verbs.push_back(method::options);
  std::ranges::sort(verbs);
  const auto repeated = std::ranges::unique(verbs);
  verbs.erase(repeated.begin(), repeated.end());
  std::string list;
  for (const method verb : verbs) {
    if (!list.empty()) list += ", ";
    list += to_string(verb);
  }
  return list;
}

std::string_view router::match_name(method verb, std::string_view path) const {
  const route* found = find(verb, split_path(path));
  return found == nullptr ? std::string_view() : infos_[found->index].name;
}

boost::asio::awaitable<response> router::handle(request message) const {
  const method verb = message.verb;
  const auto parts = split_path(message.path);
  if (const route* found = find(verb, parts)) {
    route_params params = params_of(*found, message.path, parts);
    co_return co_await found->handler(std::move(message), std::move(params));
  }
  std::string allow = allowed(parts);
  if (!allow.empty()) co_return allow_answer(std::move(allow), verb);
  co_return make_problem_response(problem_for(errc::not_found), message.request_id);
}

}  // namespace hotline::net
