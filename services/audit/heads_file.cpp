#include "services/audit/heads_file.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <fstream>
#include <iterator>
#include <optional>
#include <utility>

#include "common/base/rfc3339.hpp"
#include "common/crypto/digest.hpp"

namespace hotline::audit {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr std::string_view signature_mark = ",\"signature\":\"";
/// Longer than any line: a head is some 110 bytes, and there is one for each shard.
constexpr std::uint64_t tail_bytes = 4U << 20U;

std::string fingerprint(std::string_view line) {
  crypto::digest digest(v1::HASH_SUITE_SHA_256);
  return crypto::to_hex(crypto::as_bytes(digest.of(line)));
}

std::optional<std::string> from_hex(std::string_view text) {
  const auto digit = [](char c) -> int {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
  };
  if (text.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = digit(text[i]);
    const int low = digit(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes += static_cast<char>(high * 16 + low);
  }
  return bytes;
}

std::string_view text_of(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  const auto* text = value ? value->if_string() : nullptr;
  return text ? std::string_view(text->data(), text->size()) : std::string_view();
}

std::int64_t number_of(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  const auto* number = value ? value->if_int64() : nullptr;
  return number ? *number : -1;
}

std::optional<store::signed_head> head_of(const json::value& value, instant at) {
  const auto* object = value.if_object();
  if (!object) return std::nullopt;
  store::signed_head head;
  head.shard = text_of(*object, "shard");
  head.entries = number_of(*object, "entries");
  head.events = number_of(*object, "events");
  head.at = at;
  const auto hash = from_hex(text_of(*object, "hash"));
  if (head.shard.empty() || head.entries < 1 || head.events < 0 || !hash ||
      hash->size() != head.hash.size()) {
    return std::nullopt;
  }
  std::ranges::transform(*hash, head.hash.begin(),
                         [](char c) { return static_cast<unsigned char>(c); });
  return head;
}

struct parsed_line {
  std::vector<store::signed_head> heads;
  std::string previous;
  std::string key;
  std::string signature;
  std::string_view covered;
};

std::optional<parsed_line> parse_line(std::string_view line) {
  boost::system::error_code bad;
  const auto value = json::parse({line.data(), line.size()}, bad);
  const auto* object = bad ? nullptr : value.if_object();
  const auto end = line.rfind(signature_mark);
  if (!object || end == std::string_view::npos) return std::nullopt;
  parsed_line parsed;
  parsed.covered = line.substr(0, end);
  parsed.previous = text_of(*object, "previous");
  const auto key = from_hex(text_of(*object, "key"));
  const auto signature = from_hex(text_of(*object, "signature"));
  const auto at = read_rfc3339(text_of(*object, "at"));
  const auto* list = object->if_contains("heads");
  const auto* heads = list ? list->if_array() : nullptr;
  if (!key || !signature || !at || !heads) return std::nullopt;
  for (const auto& one : *heads) {
    auto head = head_of(one, *at);
    if (!head) return std::nullopt;
    parsed.heads.push_back(*std::move(head));
  }
  parsed.key = *key;
  parsed.signature = *signature;
  return parsed;
}

}  // namespace

std::string heads_line(const std::vector<store::signed_head>& heads, instant at,
                       std::string_view line_before, const crypto::signing_key& key) {
  std::string line = "{\"at\":\"";
  append_rfc3339(line, at);
  line += "\",\"heads\":[";
  for (const auto& head : heads) {
    if (!line.ends_with('[')) line += ',';
    line += fmt::format(R"({{"shard":"{}","entries":{},"events":{},"hash":"{}"}})", head.shard,
                        head.entries, head.events, crypto::to_hex(crypto::as_bytes(head.hash)));
  }
  line += fmt::format(R"(],"previous":"{}","key":"{}")",
                      line_before.empty() ? std::string() : fingerprint(line_before),
                      crypto::to_hex(key.public_key()));
  const auto signature = crypto::to_hex(key.sign(line));
  return line.append(signature_mark).append(signature).append("\"}");
}

result<heads_reading> read_heads_file(const fs::path& path,
                                      const std::vector<std::string>& public_keys) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return fail(errc::io_error, fmt::format("{} cannot be read", path.string()));
  heads_reading reading;
  std::string line;
  std::string before;
  while (std::getline(in, line)) {
    ++reading.lines;
    const auto source = fmt::format("{}:{}", path.filename().string(), reading.lines);
    const auto complain = [&](std::string_view what) {
      reading.problems.push_back(fmt::format("{}: {}", source, what));
    };
    const auto parsed = parse_line(line);
    const bool complete = !in.eof();
    if (!complete) {
      complain("the line is incomplete");
    } else if (!parsed) {
      complain("no line of signed heads");
    } else if (std::ranges::find(public_keys, parsed->key) == public_keys.end()) {
      complain("signed with a key that is not ours");
    } else if (!crypto::verify(parsed->key, parsed->covered, parsed->signature)) {
      complain("the signature does not fit: the line was changed");
    } else {
      if (parsed->previous != (before.empty() ? std::string() : fingerprint(before)))
        complain("the line before it was changed, or lines before it are missing");
      for (auto head : parsed->heads) {
        head.source = source;
        reading.heads.push_back(std::move(head));
      }
    }
    before = line;
  }
  if (in.bad()) return fail(errc::io_error, fmt::format("{} cannot be read", path.string()));
  return reading;
}

result<heads_file> heads_file::open(const fs::path& path) {
  auto opened = append_file::open(path);
  if (!opened) return pass(opened);
  heads_file made(*std::move(opened));
  std::ifstream in(path, std::ios::binary);
  const std::uint64_t size = made.file_.size();
  const std::uint64_t start = size > tail_bytes ? size - tail_bytes : 0;
  in.seekg(static_cast<std::streamoff>(start));
  const std::string tail{std::istreambuf_iterator<char>(in), {}};
  if (in.bad()) return fail(errc::io_error, fmt::format("{} cannot be read", path.string()));
  const auto end = tail.rfind('\n');
  const std::size_t whole = end == std::string::npos ? 0 : end + 1;
  if (whole < tail.size()) {
    if (auto ok = made.file_.cut(start + whole); !ok) return pass(ok);
  }
  if (whole > 0) {
    const auto begin = whole < 2 ? std::string::npos : tail.rfind('\n', whole - 2);
    const std::size_t first = begin == std::string::npos ? 0 : begin + 1;
    made.last_line_ = tail.substr(first, whole - 1 - first);
  }
  return made;
}

std::vector<store::signed_head> heads_file::last_heads() const {
  auto parsed = parse_line(last_line_);
  return parsed ? std::move(parsed->heads) : std::vector<store::signed_head>();
}

result<void> heads_file::append(const std::vector<store::signed_head>& heads, instant at,
                                const crypto::signing_key& key) {
  auto line = heads_line(heads, at, last_line_, key);
  if (auto ok = file_.append(line + "\n"); !ok) return ok;
  last_line_ = std::move(line);
  return {};
}

}  // namespace hotline::audit
