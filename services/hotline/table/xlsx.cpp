// Workbooks: a zip archive of XML parts. Only what a plain list needs: shared and inline strings,
// numbers and truth values; formulas count by their last result.
#include <fmt/core.h>
#include <zip.h>

#include <cstring>
#include <memory>
#include <pugixml.hpp>

#include "services/hotline/table/table.hpp"

namespace hotline::program {
namespace {

// A part that unpacks to more than this is an attack or not a list of users.
constexpr zip_uint64_t part_bytes_max = 64UL * 1024 * 1024;

std::unexpected<failure> wrong(std::string detail) {
  return fail(errc::invalid_argument, std::move(detail));
}

struct archive_closer {
  void operator()(zip_t* archive) const { zip_discard(archive); }
};
using archive = std::unique_ptr<zip_t, archive_closer>;

struct part_closer {
  void operator()(zip_file_t* part) const { zip_fclose(part); }
};

result<std::string> read_part(zip_t& from, const std::string& name) {
  zip_stat_t about;
  if (zip_stat(&from, name.c_str(), 0, &about) != 0 || (about.valid & ZIP_STAT_SIZE) == 0) {
    return wrong(fmt::format("工作簿里缺少 {}", name));
  }
  if (about.size > part_bytes_max) return wrong(fmt::format("工作簿里的 {} 太大", name));
  const std::unique_ptr<zip_file_t, part_closer> part(zip_fopen(&from, name.c_str(), 0));
  if (!part) return wrong(fmt::format("工作簿里的 {} 打不开", name));
  std::string bytes(about.size, '\0');
  const auto count = zip_fread(part.get(), bytes.data(), about.size);
  if (count < 0 || static_cast<zip_uint64_t>(count) != about.size) {
    return wrong(fmt::format("工作簿里的 {} 读不出", name));
  }
  return bytes;
}

result<void> read_xml(zip_t& from, const std::string& name, pugi::xml_document& out) {
  const auto bytes = read_part(from, name);
  if (!bytes) return pass(bytes);
  // pugixml resolves no entities but the five of XML: no expansion attacks.
  if (!out.load_buffer(bytes->data(), bytes->size())) {
    return wrong(fmt::format("工作簿里的 {} 不是 XML", name));
  }
  return {};
}

/// The name without its namespace prefix.
std::string_view local_name(const pugi::xml_node& node) {
  const std::string_view name = node.name();
  const auto colon = name.find(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

/// Every text below a string item but phonetic hints, joined: rich text is in pieces.
void append_text(const pugi::xml_node& node, std::string& out) {
  for (const pugi::xml_node& child : node.children()) {
    const auto name = local_name(child);
    if (name == "t") {
      out += child.text().get();
    } else if (name != "rPh") {
      append_text(child, out);
    }
  }
}

result<std::vector<std::string>> read_shared_strings(zip_t& from) {
  std::vector<std::string> strings;
  if (zip_name_locate(&from, "xl/sharedStrings.xml", 0) < 0) return strings;
  pugi::xml_document document;
  if (auto ok = read_xml(from, "xl/sharedStrings.xml", document); !ok) return pass(ok);
  for (const pugi::xml_node& item : document.document_element().children()) {
    if (local_name(item) != "si") continue;
    append_text(item, strings.emplace_back());
  }
  return strings;
}

/// The part of the first sheet in the workbook's order.
result<std::string> first_sheet(zip_t& from) {
  pugi::xml_document workbook;
  if (auto ok = read_xml(from, "xl/workbook.xml", workbook); !ok) return pass(ok);
  std::string id;
  for (const pugi::xml_node& sheets : workbook.document_element().children()) {
    if (local_name(sheets) != "sheets") continue;
    id = sheets.first_child().attribute("r:id").value();
    break;
  }
  pugi::xml_document relations;
  if (auto ok = read_xml(from, "xl/_rels/workbook.xml.rels", relations); !ok) return pass(ok);
  for (const pugi::xml_node& relation : relations.document_element().children()) {
    if (id.empty() || id != relation.attribute("Id").value()) continue;
    const std::string target = relation.attribute("Target").value();
    return target.starts_with('/') ? target.substr(1) : "xl/" + target;
  }
  return wrong("工作簿里没有工作表");
}

/// "BC12" is column 54, counted from 0; npos when there are no letters.
std::size_t column_of(std::string_view reference) {
  std::size_t column = 0;
  std::size_t letters = 0;
  for (const char c : reference) {
    if (c < 'A' || c > 'Z' || letters == 3) break;
    column = column * 26 + static_cast<std::size_t>(c - 'A' + 1);
    ++letters;
  }
  return letters == 0 ? std::string::npos : column - 1;
}

result<std::string> text_of(const pugi::xml_node& cell, const std::vector<std::string>& shared) {
  const std::string_view type = cell.attribute("t").value();
  std::string text;
  if (type == "inlineStr") {
    append_text(cell, text);
    return text;
  }
  for (const pugi::xml_node& child : cell.children()) {
    if (local_name(child) == "v") text = child.text().get();
  }
  if (type != "s") return text;
  std::size_t index = 0;
  for (const char c : text) {
    if (c < '0' || c > '9' || index > shared.size()) return wrong("引用了不存在的文字");
    index = index * 10 + static_cast<std::size_t>(c - '0');
  }
  if (text.empty() || index >= shared.size()) return wrong("引用了不存在的文字");
  return shared[index];
}

result<table_row> read_row(const pugi::xml_node& node, std::size_t line,
                           const std::vector<std::string>& shared) {
  table_row row;
  row.line = line;
  for (const pugi::xml_node& cell : node.children()) {
    if (local_name(cell) != "c") continue;
    std::size_t column = column_of(cell.attribute("r").value());
    if (column == std::string::npos) column = row.cells.size();
    auto text = text_of(cell, shared);
    if (!text) return wrong(fmt::format("第 {} 行：{}", line, text.error().detail));
    if (column >= table_columns_max) {
      if (text->empty()) continue;
      return wrong(fmt::format("第 {} 行：列数超过 {}", line, table_columns_max));
    }
    if (row.cells.size() <= column) row.cells.resize(column + 1);
    if (std::string_view(cell.attribute("t").value()) == "e") row.broken.push_back(column);
    row.cells[column] = *std::move(text);
  }
  return row;
}

}  // namespace

result<table> read_xlsx(const std::filesystem::path& file) {
  int error = 0;
  const archive opened(zip_open(file.c_str(), ZIP_RDONLY, &error));
  if (!opened) {
    if (error == ZIP_ER_NOENT || error == ZIP_ER_OPEN || error == ZIP_ER_READ) {
      return fail(errc::io_error, "读不了");
    }
    return wrong("不是 xlsx 工作簿，或已损坏，或设了密码：请在办公软件里另存一次");
  }
  const auto shared = read_shared_strings(*opened);
  if (!shared) return pass(shared);
  const auto name = first_sheet(*opened);
  if (!name) return pass(name);
  pugi::xml_document sheet;
  if (auto ok = read_xml(*opened, *name, sheet); !ok) return pass(ok);
  table rows;
  std::size_t line = 0;
  for (const pugi::xml_node& data : sheet.document_element().children()) {
    if (local_name(data) != "sheetData") continue;
    for (const pugi::xml_node& node : data.children()) {
      const auto said = node.attribute("r").as_uint();
      line = said > line ? said : line + 1;  // no two rows are one
      auto row = read_row(node, line, *shared);
      if (!row) return pass(row);
      bool blank = true;
      for (const auto& cell : row->cells) blank = blank && cell.empty();
      if (!blank) rows.push_back(*std::move(row));
      if (rows.size() > table_rows_max) return wrong(fmt::format("行数超过 {}", table_rows_max));
    }
  }
  return rows;
}

}  // namespace hotline::program
