#include "common/net/request_check.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "common/net/http_target.hpp"

namespace hotline::net {

namespace {

using status = std::expected<void, http_fault>;

constexpr std::string_view line_end = "\r\n";

constexpr std::array<bool, 256> token_chars = [] {
  std::array<bool, 256> set{};
  for (int c = '0'; c <= '9'; ++c) set[static_cast<std::size_t>(c)] = true;
  for (int c = 'A'; c <= 'Z'; ++c) set[static_cast<std::size_t>(c)] = true;
  for (int c = 'a'; c <= 'z'; ++c) set[static_cast<std::size_t>(c)] = true;
  for (const char c : std::string_view("!#$%&'*+-.^_`|~"))
    set[static_cast<unsigned char>(c)] = true;
  return set;
}();

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return token_chars[static_cast<unsigned char>(c)];
  });
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view trim(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

status check_bytes(std::string_view head) {
  for (std::size_t i = 0; i < head.size(); ++i) {
    const auto byte = static_cast<unsigned char>(head[i]);
    if (byte >= 0x20 && byte < 0x7f) continue;
    if (byte >= 0x80) return std::unexpected(http_fault::non_ascii);
    if (byte == '\t') continue;
    if (byte == '\r' && i + 1 < head.size() && head[i + 1] == '\n') {
      ++i;
      continue;
    }
    const bool line = byte == '\r' || byte == '\n';
    return std::unexpected(line ? http_fault::line_ending : http_fault::control_byte);
  }
  return {};
}

/// Takes one line, without its CR LF, off the front.
std::string_view take_line(std::string_view& rest) {
  const std::size_t end = rest.find(line_end);
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end + line_end.size());
  return line;
}

class head_reader {
 public:
  explicit head_reader(const head_rules& rules) : rules_(rules) {}

  std::expected<request_head, http_fault> read(std::string_view head) {
    if (auto ok = check_bytes(head); !ok) return std::unexpected(ok.error());
    if (auto ok = read_request_line(take_line(head)); !ok) return std::unexpected(ok.error());
    out_.message.headers.reserve(16);
    for (auto line = take_line(head); !line.empty(); line = take_line(head)) {
      if (auto ok = read_field(line); !ok) return std::unexpected(ok.error());
    }
    if (auto ok = check_whole(); !ok) return std::unexpected(ok.error());
    return std::move(out_);
  }

 private:
  status read_request_line(std::string_view line) {
    const std::size_t first = line.find(' ');
    const std::size_t last = line.rfind(' ');
    if (first == std::string_view::npos || first == last) {
      return std::unexpected(line.empty() ? http_fault::line_ending : http_fault::request_line);
    }
    const std::string_view name = line.substr(0, first);
    const std::string_view target = line.substr(first + 1, last - first - 1);
    if (!is_token(name) || target.empty() || target.find_first_of(" \t") != target.npos) {
      return std::unexpected(http_fault::request_line);
    }
    if (auto ok = read_version(line.substr(last + 1)); !ok) return ok;
    const auto verb = parse_method(name);
    if (!verb) return std::unexpected(http_fault::unknown_method);
    if (target.size() > rules_.target_bytes_max) {
      return std::unexpected(http_fault::target_too_long);
    }
    auto decoded = decode_target(target);
    if (!decoded) return std::unexpected(decoded.error());
    out_.message.verb = *verb;
    out_.message.target = target;
    out_.message.path = std::move(decoded->path);
    out_.message.query = std::move(decoded->query);
    return {};
  }

  status read_version(std::string_view version) {
    const bool shaped = version.size() == 8 && version.starts_with("HTTP/") &&
                        is_digit(version[5]) && version[6] == '.' && is_digit(version[7]);
    if (!shaped) return std::unexpected(http_fault::request_line);
    if (version != "HTTP/1.1" && version != "HTTP/1.0") return std::unexpected(http_fault::version);
    is_1_0_ = version.back() == '0';
    out_.keep_alive = !is_1_0_;
    return {};
  }

  status read_field(std::string_view line) {
    if (line.front() == ' ' || line.front() == '\t') {
      return std::unexpected(http_fault::header_folding);
    }
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
      return std::unexpected(http_fault::header_syntax);
    }
    if (out_.message.headers.size() == rules_.header_count_max) {
      return std::unexpected(http_fault::header_count);
    }
    const std::string_view name = line.substr(0, colon);
    const std::string_view raw = line.substr(colon + 1);
    const std::string_view value = trim(raw);
    out_.message.headers.emplace_back(name, value);
    return read_known_field(name, raw, value);
  }

  status read_known_field(std::string_view name, std::string_view raw, std::string_view value) {
    switch (name.size()) {
      case 4:
        if (equal_field_names(name, "host")) return read_host(value);
        break;
      case 6:
        if (equal_field_names(name, "expect")) return read_expect(value);
        if (equal_field_names(name, "cookie")) return once(seen_cookie_);
        if (equal_field_names(name, "origin")) return once(seen_origin_);
        break;
      case 8:
        if (equal_field_names(name, "if-match")) return once(seen_if_match_);
        break;
      case 10:
        if (equal_field_names(name, "connection")) return read_connection(value);
        break;
      case 12:
        if (equal_field_names(name, "content-type")) return once(seen_content_type_);
        break;
      case 13:
        if (equal_field_names(name, "authorization")) return once(seen_authorization_);
        break;
      case 14:
        if (equal_field_names(name, "content-length")) return read_content_length(value);
        break;
      case 15:
        if (equal_field_names(name, "idempotency-key")) return once(seen_idempotency_key_);
        break;
      case 16:
        if (equal_field_names(name, "content-encoding")) return read_content_encoding(value);
        break;
      case 17:
        if (equal_field_names(name, "transfer-encoding")) return read_transfer_encoding(raw);
        break;
      default: break;
    }
    return {};
  }

  static status once(bool& seen) {
    if (seen) return std::unexpected(http_fault::repeated_header);
    seen = true;
    return {};
  }

  status read_host(std::string_view value) {
    if (seen_host_) return std::unexpected(http_fault::host_count);
    seen_host_ = true;
    const auto name = host_name(value);
    if (!name) return std::unexpected(http_fault::host_syntax);
    const bool ours = rules_.allowed_hosts.empty() ||
                      std::ranges::any_of(rules_.allowed_hosts, [&](const std::string& host) {
                        return equal_field_names(host, *name);
                      });
    if (!ours) return std::unexpected(http_fault::host_unknown);
    return {};
  }

  /// The host without its port, or nothing when the value is not host[:port].
  static std::optional<std::string_view> host_name(std::string_view value) {
    const bool bracketed = value.starts_with('[');
    const std::size_t end = bracketed ? value.find(']') : value.find(':');
    if (bracketed && end == std::string_view::npos) return std::nullopt;
    const std::string_view name = value.substr(0, bracketed ? end + 1 : end);
    const std::string_view port = value.substr(name.size());
    const auto inside = bracketed ? name.substr(1, name.size() - 2) : name;
    const bool named = !inside.empty() && std::ranges::all_of(inside, [bracketed](char c) {
      const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c);
      return letter || c == '.' || (bracketed ? c == ':' : c == '-' || c == '_');
    });
    const bool ported =
        port.empty() || (port.front() == ':' && port.size() >= 2 && port.size() <= 6 &&
                         std::ranges::all_of(port.substr(1), is_digit));
    if (!named || !ported) return std::nullopt;
    return name;
  }

  status read_expect(std::string_view value) {
    if (out_.expects_continue || !equal_field_names(value, "100-continue")) {
      return std::unexpected(http_fault::expectation);
    }
    out_.expects_continue = true;
    return {};
  }

  status read_connection(std::string_view value) {
    while (!value.empty()) {
      const std::size_t end = std::min(value.find(','), value.size());
      if (equal_field_names(trim(value.substr(0, end)), "close")) out_.keep_alive = false;
      value.remove_prefix(std::min(end + 1, value.size()));
    }
    return {};
  }

  status read_content_length(std::string_view value) {
    const bool plain = !value.empty() && std::ranges::all_of(value, is_digit) &&
                       (value.size() == 1 || value.front() != '0');
    if (seen_length_ || !plain) return std::unexpected(http_fault::content_length);
    seen_length_ = true;
    constexpr std::size_t digits_that_fit = std::numeric_limits<std::uint64_t>::digits10;
    if (value.size() > digits_that_fit) return std::unexpected(http_fault::body_too_large);
    for (const char c : value) {
      out_.content_length = out_.content_length * 10 + static_cast<std::uint64_t>(c - '0');
    }
    return {};
  }

  static status read_content_encoding(std::string_view value) {
    if (equal_field_names(value, "identity")) return {};
    return std::unexpected(http_fault::content_encoding);
  }

  /// Byte for byte: every other spelling of "chunked" is one that some proxy does not recognise.
  status read_transfer_encoding(std::string_view raw) {
    const bool exact = raw == " chunked" || raw == "chunked";
    if (seen_chunked_ || !exact || is_1_0_) return std::unexpected(http_fault::transfer_encoding);
    seen_chunked_ = true;
    return {};
  }

  status check_whole() {
    if (!seen_host_) return std::unexpected(http_fault::host_count);
    if (seen_chunked_ && seen_length_) return std::unexpected(http_fault::framing_conflict);
    if (seen_chunked_) out_.framing = body_framing::chunked;
    if (out_.content_length > 0) out_.framing = body_framing::length;
    if (out_.framing == body_framing::none) out_.expects_continue = false;
    switch (out_.message.verb) {
      case method::get:
      case method::head:
      case method::delete_:
      case method::options:
        if (out_.framing != body_framing::none) {
          return std::unexpected(http_fault::body_not_allowed);
        }
        break;
      case method::post:
      case method::put:
      case method::patch: break;
    }
    if (is_1_0_) out_.expects_continue = false;
    return {};
  }

  const head_rules& rules_;
  request_head out_;
  bool is_1_0_ = false;
  bool seen_host_ = false;
  bool seen_length_ = false;
  bool seen_chunked_ = false;
  bool seen_cookie_ = false;
  bool seen_origin_ = false;
  bool seen_if_match_ = false;
  bool seen_content_type_ = false;
  bool seen_authorization_ = false;
  bool seen_idempotency_key_ = false;
};

}  // namespace

std::expected<std::optional<std::size_t>, http_fault> head_scanner::scan(std::string_view bytes,
                                                                         const head_rules& rules) {
  const std::size_t end = std::min(bytes.size(), rules.head_bytes_max);
  for (; scanned_ < end; ++scanned_) {
    const auto byte = static_cast<unsigned char>(bytes[scanned_]);
    const bool after_cr = scanned_ > 0 && bytes[scanned_ - 1] == '\r';
    if (after_cr != (byte == '\n')) return std::unexpected(http_fault::line_ending);
    if (byte == '\n' && bytes.substr(0, scanned_ + 1).ends_with("\r\n\r\n")) return ++scanned_;
    if (byte < 0x20 && byte != '\t' && byte != '\r' && byte != '\n') {
      return std::unexpected(http_fault::control_byte);
    }
    if (byte >= 0x80) return std::unexpected(http_fault::non_ascii);
  }
  if (end < rules.head_bytes_max) return std::nullopt;
  const bool one_line = bytes.substr(0, end).find('\n') == std::string_view::npos;
  return std::unexpected(one_line ? http_fault::target_too_long : http_fault::head_too_large);
}

std::expected<request_head, http_fault> check_request_head(std::string_view head,
                                                           const head_rules& rules) {
  if (head.size() > rules.head_bytes_max) return std::unexpected(http_fault::head_too_large);
  if (!head.ends_with("\r\n\r\n")) return std::unexpected(http_fault::line_ending);
  return head_reader(rules).read(head);
}

}  // namespace hotline::net
