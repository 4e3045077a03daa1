// Tables out of office files.
#include "services/hotline/table/table.hpp"

#include <doctest/doctest.h>
#include <zip.h>

#include <map>
#include <random>

#include "tests/support/redis_fixture.hpp"

namespace hotline::program {
namespace {

std::string shown(const result<table>& rows) {
  if (!rows) return std::string(to_string(rows.error().code)) + ": " + rows.error().detail;
  std::string out;
  for (const table_row& row : *rows) {
    out += std::to_string(row.line) + ":";
    for (const auto& cell : row.cells) out += "[" + cell + "]";
    out += "\n";
  }
  return out;
}

TEST_CASE("CSV is read as RFC 4180 has it") {
  CHECK(shown(read_csv("a,b\r\nc,d\r\n")) == "1:[a][b]\n2:[c][d]\n");
  CHECK(shown(read_csv("a,b\nc,d")) == "1:[a][b]\n2:[c][d]\n");
  CHECK(shown(read_csv("\xEF\xBB\xBF用户名,姓名\n")) == "1:[用户名][姓名]\n");
  CHECK(shown(read_csv("\"a,\"\"b\"\"\",c\n")) == "1:[a,\"b\"][c]\n");
  CHECK(shown(read_csv("\"a\nb\",c\nd,e\n")) == "1:[a\nb][c]\n3:[d][e]\n");
  CHECK(shown(read_csv("a,b\rc,d\r")) == "1:[a][b]\n2:[c][d]\n");
  CHECK(shown(read_csv("a;b\nc;d,e\n")) == "1:[a][b]\n2:[c][d,e]\n");
  CHECK(shown(read_csv("a\tb\n")) == "1:[a][b]\n");
  CHECK(shown(read_csv("a,,\n,,\n\nb,,c\n")) == "1:[a][][]\n4:[b][][c]\n");
  CHECK(shown(read_csv("")).empty());
}

TEST_CASE("what is no CSV is refused with its line") {
  CHECK(shown(read_csv("a,b\n\"c,d\n")).starts_with("invalid_argument: 第 2 行：引号没有闭合"));
  CHECK(shown(read_csv("a,b\n\"c\"d,e\n")).starts_with("invalid_argument: 第 2 行：右引号"));
  CHECK(shown(read_csv("\xD3\xC3\xBB\xA7")).starts_with("invalid_argument: 不是 UTF-8"));
  CHECK(shown(read_csv(std::string(100, ','))).starts_with("invalid_argument: 第 1 行：列数"));
}

TEST_CASE("CSV as Chinese Excel saves it is read where the caller says so") {
  constexpr auto lenient = csv_charset::utf8_or_gb18030;
  CHECK(shown(read_csv("\xD3\xC3\xBB\xA7,a\n", lenient)) == "1:[用户][a]\n");
  CHECK(shown(read_csv("用户,a\n", lenient)) == "1:[用户][a]\n");
  CHECK(shown(read_csv("a,\xFF\n", lenient)).starts_with("invalid_argument: 既不是 UTF-8"));
  CHECK(shown(read_csv(std::string_view("\xFF\xFE"
                                        "a\0,\0",
                                        6),
                       lenient))
            .find("UTF-16") != std::string::npos);
  CHECK(shown(read_csv("PK\x03\x04", lenient)).find("xlsx") != std::string::npos);
}

TEST_CASE("a title above the headings does not choose the separator") {
  CHECK(shown(read_csv("十一月台账\na\tb\n")) == "1:[十一月台账]\n2:[a][b]\n");
}

TEST_CASE("random bytes never break the reader") {
  std::mt19937 random(20261123);
  constexpr std::string_view alphabet = "ab,\"\r\n\t;用";
  for (int i = 0; i < 5'000; ++i) {
    std::string text;
    for (auto n = random() % 40; n > 0; --n) text += alphabet[random() % alphabet.size()];
    const auto rows = read_csv(text);
    if (!rows) CHECK(rows.error().code == errc::invalid_argument);
  }
}

/// A workbook of these parts.
std::string write_zip(const std::string& directory,
                      const std::map<std::string, std::string>& parts) {
  const std::string file = directory + "/users.xlsx";
  int error = 0;
  zip_t* archive = zip_open(file.c_str(), ZIP_CREATE | ZIP_TRUNCATE, &error);
  REQUIRE(archive != nullptr);
  for (const auto& [name, text] : parts) {
    zip_source_t* source = zip_source_buffer(archive, text.data(), text.size(), 0);
    REQUIRE(zip_file_add(archive, name.c_str(), source, ZIP_FL_OVERWRITE) >= 0);
  }
  REQUIRE(zip_close(archive) == 0);
  return file;
}

std::map<std::string, std::string> workbook() {
  return {{"xl/workbook.xml",
           R"(<workbook xmlns:r="r"><sheets><sheet name="用户" sheetId="1" r:id="rId3"/>
              <sheet name="other" r:id="rId1"/></sheets></workbook>)"},
          {"xl/_rels/workbook.xml.rels",
           R"(<Relationships><Relationship Id="rId1" Target="worksheets/sheet2.xml"/>
              <Relationship Id="rId3" Target="worksheets/sheet1.xml"/></Relationships>)"},
          {"xl/sharedStrings.xml",
           R"(<sst><si><t>用户名</t></si><si><r><t>姓</t></r><r><t>名</t></r>
              <rPh><t>x</t></rPh></si></sst>)"},
          {"xl/worksheets/sheet1.xml",
           R"(<worksheet><sheetData>
              <row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>
              <row r="2"/>
              <row r="4"><c r="A4" t="inlineStr"><is><t>li</t></is></c>
                         <c r="C4"><v>370883</v></c><c r="D4" t="str"><f>A1</f><v>ok</v></c></row>
              </sheetData></worksheet>)"}};
}

TEST_CASE("the first sheet of a workbook is read with its lines and columns") {
  const test::temporary_directory directory;
  CHECK(shown(read_table(write_zip(directory.path(), workbook()))) ==
        "1:[用户名][姓名]\n4:[li][][370883][ok]\n");
}

TEST_CASE("a cell with an error is told with its place, and the workbook is read") {
  const test::temporary_directory directory;
  auto parts = workbook();
  parts["xl/worksheets/sheet1.xml"] =
      R"(<worksheet><sheetData><row r="1"><c r="A1"><v>1</v></c>
         <c r="B1" t="e"><f>VLOOKUP(1,A1,1)</f><v>#N/A</v></c></row></sheetData></worksheet>)";
  const auto rows = read_table(write_zip(directory.path(), parts));
  CHECK(shown(rows) == "1:[1][#N/A]\n");
  REQUIRE(rows);
  CHECK(rows->front().broken == std::vector<std::size_t>{1});
}

TEST_CASE("broken workbooks are refused") {
  const test::temporary_directory directory;
  for (const char* missing : {"xl/workbook.xml", "xl/_rels/workbook.xml.rels",
                              "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"}) {
    CAPTURE(missing);
    auto parts = workbook();
    parts.erase(missing);
    CHECK(read_xlsx(write_zip(directory.path(), parts)).error().code == errc::invalid_argument);
    parts[missing] = "<not xml";
    CHECK(read_xlsx(write_zip(directory.path(), parts)).error().code == errc::invalid_argument);
  }
  auto parts = workbook();
  parts["xl/worksheets/sheet1.xml"] =
      R"(<worksheet><sheetData><row><c t="s"><v>99999999999999999999</v></c></row></sheetData></worksheet>)";
  CHECK_FALSE(read_xlsx(write_zip(directory.path(), parts)));
  parts["xl/worksheets/sheet1.xml"] =
      R"(<worksheet><sheetData><row><c r="ZZZ1"><v>1</v></c></row></sheetData></worksheet>)";
  CHECK_FALSE(read_xlsx(write_zip(directory.path(), parts)));
  parts["xl/worksheets/sheet1.xml"] = std::string(65UL * 1024 * 1024, ' ');  // packs to nothing
  CHECK_FALSE(read_xlsx(write_zip(directory.path(), parts)));
  CHECK(read_table(directory.path() + "/none.xlsx").error().code == errc::io_error);
  CHECK(read_table(directory.path() + "/none.csv").error().code == errc::io_error);
  CHECK(read_table("users.txt").error().code == errc::invalid_argument);
  const auto old = read_table("users.XLS").error();
  CHECK(old.code == errc::invalid_argument);
  // Whoever calls says which file it is.
  CHECK(old.detail.find("users") == std::string::npos);
}

}  // namespace
}  // namespace hotline::program
