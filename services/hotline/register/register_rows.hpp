// The register of a radio programme or a counter (解答问题录入台账): one row for each matter, most
// of them answered on the spot.
#pragma once

#include <string>
#include <vector>

#include "common/domain/province.hpp"
#include "hotline/v1/command.pb.h"
#include "services/hotline/table/columns.hpp"

namespace hotline::program {

struct register_entry {
  std::size_t line = 0;
  std::string text;        ///< the cells as they stand: the same text is the same entry
  v1::CreateTicket order;  ///< a draft where something is missing for acceptance
  std::string answer;      ///< what was answered; empty: the matter goes on as a ticket
};

struct register_list {
  std::vector<register_entry> entries;  ///< rows without a mistake
  std::vector<table_mistake> mistakes;  ///< by line
};

/// Columns (诉求内容 is required): 时间/called_at, 姓名/name, 电话/phone, 地区/region (a code, or
/// what was said), 用人单位/employer, 类别/category (a code or the name), 诉求类型/kind (咨询 if
/// left out), 诉求内容/content, 答复/answer, 人数/people, 金额/amount (yuan), 农民工/migrant_worker
/// (是, 否), 编号/external_no, 录音/recording. Every entry has this source.
register_list read_register(const table& rows, v1::Source source, const domain::province& land);

}  // namespace hotline::program
