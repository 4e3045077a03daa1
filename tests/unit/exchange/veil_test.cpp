// What a partner sent, for people who must not read whom it is about.
#include "common/exchange/veil.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "common/domain/free_text.hpp"
#include "tests/unit/exchange/exchange_kit.hpp"

namespace hotline::exchange {
namespace {

bool holds(const std::string& text, std::string_view what) {
  return text.find(what) != std::string::npos;
}

TEST_CASE("what is personal is masked, what the mapping does not know is taken out") {
  const auto shown = veil(shipped("jining-12345"), R"({"data":{"list":[{"action":"?",
    "workOrderCode":"JN1","workOrderContent":"工资，电话 13805310001","area":"火星","happy":7,
    "caller":{"name":"赵师傅","phone":"13805310001","nick":"老赵"},"files":[{"name":"a.jpg"}]}]}})");
  for (const char* kept : {"JN1", "工资，电话 138****0001", "火星", "a.jpg", "\"nick\"", "赵*"})
    CHECK_MESSAGE(holds(shown.text, kept), shown.text);
  for (const char* gone : {"赵师傅", "老赵", "13805310001", "7,"})
    CHECK_MESSAGE(!holds(shown.text, gone), shown.text);
  CHECK(holds(shown.text, std::string("\"happy\":\"") + std::string(domain::withheld_mark)));
  CHECK(std::ranges::count(shown.words, "赵师傅") == 1);
}

TEST_CASE("of a document of another shape only the structure is left") {
  const auto shown = veil(shipped("jining-12345"), R"({"caller":{"name":"赵师傅"},"n":[1,null]})");
  CHECK(holds(shown.text, "\"name\""));
  CHECK_FALSE(holds(shown.text, "赵"));
  CHECK_FALSE(holds(shown.text, "1"));
}

TEST_CASE("of what cannot be read nothing but its signs is left") {
  CHECK(veil(shipped("jining-12345"), "{\"name\":\"赵师傅\",").text == "{\"…\":\"…\",");
  CHECK(veil(shipped("shandong-12345"), "<a>赵\xFF</b>").text == "<…>…</…>");
  CHECK(veil(shipped("jining-12345"), "").text.empty());
  const auto large =
      veil(shipped("jining-12345"), "{\"name\":\"" + std::string(veiled_bytes_max, 'x') + "\"}");
  CHECK(large.text == "{\"…\":\"…");
}

}  // namespace
}  // namespace hotline::exchange
