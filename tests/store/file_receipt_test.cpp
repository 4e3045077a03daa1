// Receipts for files, and the rules for their names.
#include "common/store/file_receipt.hpp"

#include <doctest/doctest.h>

#include "common/store/file_rules.hpp"
#include "tests/store/store_fixture.hpp"

namespace hotline::test {
namespace {

using store::file_receipt;
using store::file_receipts;

file_receipt sample() {
  return {"zhao.li", std::string(64, 'a'), 1234, ".docx", monday + std::chrono::hours(24)};
}

TEST_CASE("a receipt says what it was given for, to who it was given, until it is over") {
  const file_receipts receipts(keys_for_tests());
  const auto made = sample();
  const auto reference = receipts.reference_of(made);
  CHECK(store::is_receipt(reference));
  CHECK(reference.size() <= 400);
  CHECK(receipts.read(reference, "zhao.li", monday) == made);
  CHECK(receipts.read(reference, "zhao.li", made.until - milliseconds(1)) == made);
  CHECK_FALSE(receipts.read(reference, "zhao.li", made.until));
  CHECK_FALSE(receipts.read(reference, "li", monday));
  CHECK_FALSE(receipts.read(reference, "", monday));
  CHECK(file_receipts(keys_for_tests()).read(reference, "zhao.li", monday) == made);
}

TEST_CASE("nothing of a receipt can be changed") {
  const file_receipts receipts(keys_for_tests());
  const auto reference = receipts.reference_of(sample());
  for (std::size_t at = 0; at < reference.size(); ++at) {
    auto changed = reference;
    changed[at] = changed[at] == '1' ? '2' : '1';
    CAPTURE(changed);
    CHECK_FALSE(receipts.read(changed, "zhao.li", monday));
  }
  for (const char* text : {"", "upload:", "upload:.", "upload:....", "sha256:x"}) {
    CHECK_FALSE(receipts.read(text, "", monday));
  }
}

TEST_CASE("a name has no path, nothing hidden, and ends in what the file is") {
  for (const char* good : {"合同.jpg", "a", "工资 表 (1).xlsx", "a..b"}) {
    CAPTURE(good);
    CHECK(store::is_file_name(good));
  }
  for (const char* bad : {"", ".", "..", " ", "a/b", "a\\b", "a\tb", "a\x7F", "a\u0085b",
                          "a\u202Egpj.exe", "a\u2066b", "a\u200Fb", "a\u2028b"}) {
    CAPTURE(bad);
    CHECK_FALSE(store::is_file_name(bad));
  }
  CHECK(store::is_file_name(std::string(200, 'a')));
  CHECK_FALSE(store::is_file_name(std::string(201, 'a')));
  struct row {
    const char *given, *suffix, *named;
  };
  for (const auto& r :
       {row{"a.jpg", ".jpg", "a.jpg"}, row{"a.JPEG", ".jpg", "a.JPEG"}, row{"a", ".pdf", "a.pdf"},
        row{"a.bat", ".txt", "a.bat.txt"}, row{"a.bat. .", ".txt", "a.bat.txt"},
        row{"a.csv", ".txt", "a.csv"}, row{"录音.heic", ".mp4", "录音.heic"}}) {
    CAPTURE(r.given);
    CHECK(store::name_with_suffix(r.given, r.suffix) == r.named);
  }
}

}  // namespace
}  // namespace hotline::test
