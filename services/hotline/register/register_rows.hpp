// The register of a radio programme or a counter (解答问题录入台账): one row for each matter, most
// of them answered on the spot.
#pragma once

#include <string>
#include <vector>

#include "common/domain/province.hpp"
#include "hotline/v1/command.pb.h"
#include "services/hotline/table/columns.hpp"

namespace hotline::program {

/// What a row is, whenever the register is read again, wherever the row and its columns then stand.
/// Made of its source, series and 编号; without one, of its source, its cells by their headings,
/// and which row with these cells it is in the file. Personal data: keep a keyed print of it only.
struct register_identity {
  std::string row;
  std::string said;        ///< all its cells: with the same `row`, another text is a mistake
  std::string unanswered;  ///< `row` as it was before there was an answer; empty: as now
};

struct register_entry {
  std::size_t line = 0;
  register_identity identity;
  v1::CreateTicket order;  ///< what is answered is a draft, complete or not: nobody dispatches it
  bool complete = false;   ///< nothing is missing for acceptance
  std::string answer;      ///< what was answered; empty: the matter goes on as a ticket
};

struct register_list {
  std::size_t rows = 0;                 ///< below the headings; 0: the table is of no use
  std::vector<register_entry> entries;  ///< rows without a mistake
  std::vector<table_mistake> mistakes;  ///< by line
  std::size_t heading_line = 0;
  std::vector<std::string> ignored;  ///< columns that are not read
};

/// Which register it is.
struct register_origin {
  v1::Source source = v1::SOURCE_UNSPECIFIED;
  /// Tells registers of one source apart whose 编号 begin anew, each year or for each programme.
  std::string series = {};
};

/// Columns (诉求内容 is required): 时间/called_at, 姓名/name, 电话/phone, 地区/region (a code, or
/// what was said), 用人单位/employer, 类别/category (a code or the name), 诉求类型/kind (咨询 if
/// left out), 诉求内容/content, 答复/answer, 人数/people, 金额/amount (yuan), 农民工/migrant_worker
/// (是, 否), 编号/external_no, 录音/recording. Others are ignored. Every entry has this source.
register_list read_register(const table& rows, const register_origin& origin,
                            const domain::province& land);

/// The heading of a field of Intake or of the answer, as a rejection names it
/// ("intake.caller.phone" is 电话); empty when no column gives it.
std::string_view heading_of_field(std::string_view field);

}  // namespace hotline::program
