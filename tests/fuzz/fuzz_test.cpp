// The fuzz targets over seeds and random mutations of them: the same inputs in every run.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "tests/fuzz/targets.hpp"

namespace hotline::fuzz {
namespace {

std::vector<std::string> samples() {
  std::vector<std::string> all;
  const std::filesystem::path directory(HOTLINE_CONFIG_DIR "/partners/samples");
  for (const auto& file : std::filesystem::directory_iterator(directory)) {
    std::ifstream in(file.path(), std::ios::binary);
    all.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  REQUIRE(all.size() >= 4);
  return all;
}

class mutator {
 public:
  mutator(std::vector<std::string> seeds, std::vector<std::string> words)
      : seeds_(std::move(seeds)), words_(std::move(words)) {}

  std::string next() {
    std::string text = pick(seeds_);
    for (std::size_t n = 1 + random_() % 4; n > 0; --n) change(text);
    return text;
  }

 private:
  const std::string& pick(const std::vector<std::string>& from) {
    return from[random_() % from.size()];
  }

  void change(std::string& text) {
    const std::size_t at = text.empty() ? 0 : random_() % text.size();
    const std::size_t length = 1 + random_() % 16;
    switch (random_() % 6) {
      case 0: text.erase(at, length); break;
      case 1: text.insert(at, pick(words_)); break;
      case 2: text.insert(at, 1, static_cast<char>(random_())); break;
      case 3: text.insert(at, text.substr(at, length)); break;
      case 4: text.resize(at); break;
      default:
        if (!text.empty()) text[at] = static_cast<char>(random_());
    }
  }

  std::vector<std::string> seeds_;
  std::vector<std::string> words_;
  std::mt19937_64 random_{12351};
};

/// How many of so many inputs were taken; a broken promise aborts.
int taken(bool (*target)(std::string_view), mutator inputs, int times) {
  int count = 0;
  for (int i = 0; i < times; ++i) count += target(inputs.next()) ? 1 : 0;
  return count;
}

/// Inputs that are all refused, or all taken, would find nothing.
void run(bool (*target)(std::string_view), const mutator& inputs, int times) {
  const int count = taken(target, inputs, times);
  CHECK(count > times / 100);
  CHECK(count < times);
}

const std::vector<std::string> json_words = {"{",    "}",   "[",           "]",       ",",      ":",
                                             "null", "1e9", "\"\\u0000\"", "\"a\":1", "\\ud800"};
const std::vector<std::string> xml_words = {
    "<a>",       "</a>", "<!DOCTYPE x>", "&x;",      "&#0;",     "&amp;",
    "<![CDATA[", "]]>",  "<!--",         "<?xml ?>", " a=\"1\"", "<?pi ",
    "?>",        "-->",  " b=\"<!--\"",  "\"",       "'"};

}  // namespace

TEST_CASE("JSON") {
  run(json, {{R"({"a":[1,-2.5e3,true,null,"x\n中"],"b":{"c":{}}})", "[]", "\"x\""}, json_words},
      100'000);
}

TEST_CASE("XML") {
  run(xml, {{"<r a=\"1\"><c>x &amp; y</c><c/><d>中</d></r>", "<a/>"}, xml_words}, 100'000);
}

TEST_CASE("GB18030") {
  run(gb18030,
      {{"\xB9\xA4\xBB\xE1 a \x95\x34\xB2\x35", "\x81\x30\x81\x30"}, {"\x81", "\x30", "\xFE\xFE"}},
      50'000);
}

TEST_CASE("signature fields") {
  const int count =
      taken(signature,
            {{"10.1.2.3\nX-Key-Id: k1\nX-Timestamp: 1795406400000\nX-Nonce: nonce-0001\n"
              "X-Signature: 00\n\nbody"},
             {"\n", ": ", "X-Key-Id: k1\n", "::1", "-", "9"}},
            30'000);
  CHECK(count == 0);
}

TEST_CASE("bodies that are signed") {
  const int times = 5'000;
  CHECK(taken(signing, {samples(), json_words}, times) == times);
}

TEST_CASE("answers and lists of the shipped partners") {
  std::vector<std::string> words = json_words;
  words.insert(words.end(), xml_words.begin(), xml_words.end());
  words.insert(words.end(), {"10000", "20000", "00", "workOrderCode", "\"state\":"});
  run(answer,
      {{R"({"code":"10000","message":"ok","data":{"workOrderCode":"JN-1"}})",
        R"({"code":"0","msg":"ok","data":{"caseNo":"FY-1"}})",
        R"({"data":{"list":[{"workOrderCode":"JN-1","state":"2"},{"workOrderCode":"JN-2"}]}})",
        "<?xml version=\"1.0\" encoding=\"GB18030\"?><Response><Head><ErrorFlag>00</ErrorFlag>"
        "<ErrorMsg>\xB3\xC9\xB9\xA6</ErrorMsg><NextCursor>7</NextCursor></Head></Response>"},
       words},
      20'000);
}

TEST_CASE("messages of the shipped partners") {
  std::vector<std::string> words = json_words;
  words.insert(words.end(), xml_words.begin(), xml_words.end());
  run(message, {samples(), words}, 5'000);
}

}  // namespace hotline::fuzz
