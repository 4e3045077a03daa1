// Numbers in free text: what is starred out and what is not.
#include "common/domain/free_text.hpp"

#include <doctest/doctest.h>

#include <array>
#include <random>
#include <string>
#include <utility>

#include "common/domain/form.hpp"

namespace hotline::domain {
namespace {

using row = std::pair<const char*, const char*>;

TEST_CASE("mobile numbers are starred however they are written") {
  for (const auto& [text, shown] : {
           row{"13805310001", "138****0001"},
           row{"电话13805310001，家住邹城", "电话138****0001，家住邹城"},
           row{"138-0531-0001", "138****0001"},
           row{"138 0531 0001", "138****0001"},
           row{"138 - 0531 - 0001", "138****0001"},
           row{"138.0531.0001", "138****0001"},
           row{"+86 13805310001", "+138****0001"},
           row{"+86-138-0531-0001", "+138****0001"},
           row{"008613805310001", "138****0001"},
           row{"8613805310001", "138****0001"},
           row{"013805310001", "138****0001"},
           row{"１３８０５３１０００１", "138****0001"},
           row{"１３８－０５３１－０００１", "138****0001"},
           row{"138—0531—0001", "138****0001"},
           row{"13805310001/13905310002", "138****0001/139****0002"},
           row{"13805310001 13905310002", "138****0001 139****0002"},
           row{"他19905310001她", "他199****0001她"},
           row{"2026-11-23 13805310001", "2026-11-23 138****0001"},
           row{"qq13805310001x", "qq138****0001x"},
       }) {
    CHECK_MESSAGE(mask_free_text(text) == shown, text);
  }
}

TEST_CASE("landline numbers with their area code are starred") {
  for (const auto& [text, shown] : {
           row{"0537-5212351", "053****2351"},
           row{"053186012351", "053*****2351"},
           row{"(0531)86012351", "(053*****2351"},
           row{"（0531）86012351", "（053*****2351"},
           row{"0531 8601 2351", "053*****2351"},
           row{"010-65230000", "010****0000"},
           row{"+86 531 86012351", "+531****2351"},
       }) {
    CHECK_MESSAGE(mask_free_text(text) == shown, text);
  }
}

TEST_CASE("identity numbers with a right check character are starred, others are not") {
  // The two examples of GB 11643.
  const std::string digit_end = "440524188001010014";
  const std::string digits17 = "11010519491231002";
  REQUIRE(is_identity_no(digit_end));
  REQUIRE(is_identity_no(digits17 + "X"));
  const std::string starred = "1****************X";
  CHECK(mask_free_text("身份证440524188001010014。") == "身份证4****************4。");
  CHECK(mask_free_text(digits17 + "X") == starred);
  CHECK(mask_free_text(digits17 + "x") == starred);
  CHECK(mask_free_text(digits17.substr(0, 6) + " " + digits17.substr(6, 8) + " " +
                       digits17.substr(14) + "x") == starred);
  CHECK(mask_free_text(digits17 + " x") == starred);
  CHECK(mask_free_text("４４０５２４１８８００１０１００１４") == "4****************4");
  CHECK(mask_free_text("440524188001010015") == "440524188001010015");
}

TEST_CASE("what is no such number stays") {
  for (const char* text : {"",
                           "工地瓦工，公司拖欠工资三年",
                           "3708-20261123-00001",
                           "2026-11-23 09:00",
                           "12351",
                           "12345",
                           "欠薪 30000 元",
                           "4008001234",
                           "138053100",
                           "138053100011",
                           "20261123138053100011",
                           "11 人，23 天",
                           "2026年11月23日",
                           "ＡＢＣ",
                           "+",
                           "x",
                           "（",
                           "0",
                           "第 1 项 2 目 3 款",
                           "370883",
                           "9137080012345678XY",
                           "\xEF\xBC",
                           "\xE4"}) {
    CHECK_MESSAGE(mask_free_text(text) == text, text);
  }
}

TEST_CASE("no mobile number survives in random surroundings, and masking twice changes nothing") {
  std::mt19937_64 random(7);
  const std::array<std::string, 12> around = {"电话", " ",  "，", "a",  "。", "（",
                                              "）",   "\n", "x",  "元", "#",  ":"};
  for (int i = 0; i < 20'000; ++i) {
    std::string number = "1";
    number += static_cast<char>('3' + random() % 7);
    for (int k = 0; k < 9; ++k) number += static_cast<char>('0' + random() % 10);
    std::string text;
    for (std::size_t k = random() % 4; k > 0; --k) text += around[random() % around.size()];
    text += number;
    for (std::size_t k = random() % 4; k > 0; --k) text += around[random() % around.size()];
    const auto shown = mask_free_text(text);
    REQUIRE_MESSAGE(shown.find(number) == std::string::npos, text);
    REQUIRE_MESSAGE(mask_free_text(shown) == shown, text);
  }
}

TEST_CASE("what is withheld goes whole, however it is spaced, and nothing else goes") {
  const std::vector<std::string> words = {"赵大明", "钢山街道8号", "12351"};
  struct cut {
    std::string text;
    std::string shown;
  };
  for (const auto& [text, shown] :
       {cut{"赵大明", "〔隐去〕"}, cut{"赵　大 明和赵大", "〔隐去〕和赵大"},
        cut{"住钢山街道 8 号", "住〔隐去〕"}, cut{"拨 12351", "拨 〔隐去〕"},
        cut{"拨 138-0531-0001 或 110", "拨 〔隐去〕 或 110"}, cut{"", ""},
        cut{"欠薪 2 万", "欠薪 2 万"}, cut{"赵大明赵大明", "〔隐去〕"}}) {
    CHECK_MESSAGE(withhold_in_text(text, words) == shown, text);
  }
  CHECK(withhold_in_text("赵大明", {}) == "赵大明");
}

TEST_CASE("whatever is shown masked is known as a mask, and plain words are not") {
  for (const char* value : {"13805310001", "053186012351", "0531860123", "11010519491231002X"}) {
    CHECK_MESSAGE(holds_mask("见 " + mask_free_text(value) + "。"), value);
    CHECK_MESSAGE(holds_mask(withhold_in_text(value, {})), value);
    CHECK_FALSE(holds_mask(value));
  }
  for (const char* text :
       {"", "**重要**", "评分 5*4", "****", "a****b", "138***0001", "12 **** 34"}) {
    CHECK_FALSE_MESSAGE(holds_mask(text), text);
  }
}

}  // namespace
}  // namespace hotline::domain
