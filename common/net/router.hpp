// From method and path to handler. Routes can be listed, so that /openapi.json is checked against
// them.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "common/net/http_message.hpp"

namespace hotline::net {

/// What the path gave for the `{name}` parts of a pattern, decoded, in order.
class route_params {
 public:
  /// The value of a part of the pattern. Asking for one the pattern lacks is a programming error.
  const std::string& at(std::string_view name) const;
  bool empty() const { return values_.empty(); }
  void add(std::string name, std::string value);

 private:
  field_list values_;
};

using route_handler = std::function<boost::asio::awaitable<response>(request, route_params)>;

/// A route as it was added, for listings.
struct route_info {
  method verb;
  std::string pattern;  ///< "/v1/tickets/{no}:sign"
  std::string name;     ///< stable name of the operation, e.g. "sign_ticket"
};

class router {
 public:
  /// Patterns consist of segments: a literal, `{name}` (one segment, not empty, without ':'),
  /// `{name}:verb` (the same followed by a custom verb), or, as the last one, `{name*}` (the rest
  /// of the path, also empty). Literals win over parameters. A malformed pattern, or the same
  /// method and shape twice, is a programming error.
  void add(method verb, std::string pattern, std::string name, route_handler handler);

  /// Calls the handler of the route. No such path: 404; the path with another method: 405 with
  /// Allow. HEAD is answered by the GET route, OPTIONS by Allow alone.
  boost::asio::awaitable<response> handle(request message) const;

  /// The name of the route that would answer, or empty; for metrics and limits.
  std::string_view match_name(method verb, std::string_view path) const;

  /// All routes in the order they were added.
  const std::vector<route_info>& routes() const { return infos_; }

 private:
  struct segment {
    enum class kind { literal, parameter, rest } what;
    std::string text;  // the literal, or the name of the parameter
    std::string verb;  // of `{name}:verb`
  };
  struct route {
    std::size_t index;  // into infos_
    std::vector<segment> segments;
    route_handler handler;
  };

  static segment parse_segment(std::string_view text, bool last);
  static std::vector<segment> parse_pattern(std::string_view pattern);
  static bool is_before(const route& a, const route& b);
  static bool same_shape(const route& a, const route& b);
  static bool matches(const route& candidate, const std::vector<std::string_view>& path);
  static route_params params_of(const route& found, std::string_view path,
                                const std::vector<std::string_view>& parts);
  const route* find(method verb, const std::vector<std::string_view>& path) const;
  std::string allowed(const std::vector<std::string_view>& path) const;

  std::vector<route_info> infos_;
  std::vector<route> routes_;  // the most specific first
};

}  // namespace hotline::net
