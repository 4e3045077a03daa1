#include "bodies.hpp"

#include <fmt/core.h>

#include <array>

namespace hotline::bench {
namespace {

constexpr std::array surnames = {"赵", "钱", "孙", "李", "周", "吴", "郑", "王", "冯", "陈"};
constexpr std::array employers = {"建筑工程有限公司", "物业管理有限公司", "机械制造有限公司",
                                  "餐饮服务有限公司", "物流有限公司"};
constexpr std::array categories = {"wages.arrears", "wages.overtime", "insurance.not_enrolled",
                                   "contract.termination", "injury.recognition"};
constexpr std::array stories = {
    "来电人反映在工地从事木工作业，工程已于上月完工，班组共十余名工人的工资一直未结清，"
    "项目负责人多次承诺支付但均未兑现，目前电话已无人接听，希望工会协助联系用人单位并督促其尽快支付"
    "。",
    "来电人称入职两年单位一直未签订书面劳动合同，也未缴纳社会保险，近日被口头通知不用再来上班，"
    "没有任何书面材料和经济补偿，咨询如何维权并请求工会介入调解。",
    "来电人反映车间每月加班超过八十小时，单位仅按固定数额发放补贴，未按规定支付加班工资，"
    "与人事部门沟通无果，希望了解计算标准并请工会督促单位改正。",
    "来电人在工作中被机器压伤手指，住院治疗费用由本人垫付，单位以其操作不当为由拒绝申报工伤，"
    "现已出院在家休养，生活困难，请求工会给予法律援助。"};

template <class List>
const char* pick(const List& list, std::mt19937_64& random) {
  return list[random() % list.size()];
}

}  // namespace

body_maker::body_maker(const domain::province& land, std::uint64_t seed)
    : random_(seed), codec_(std::array{v1::CreateTicket::descriptor()}) {
  for (const auto& unit : land.org.units()) {
    if (unit.level() == v1::Unit::COUNTY) counties_.push_back(unit.code());
  }
}

std::string body_maker::phone() { return fmt::format("13{:09d}", random_() % 1'000'000'000); }

v1::CreateTicket body_maker::next() {
  v1::CreateTicket order;
  auto& intake = *order.mutable_intake();
  intake.set_source(v1::SOURCE_PHONE);
  auto& caller = *intake.mutable_caller();
  caller.set_name(fmt::format("{}师傅", pick(surnames, random_)));
  caller.set_phone(phone());
  caller.set_kind(v1::CALLER_KIND_PERSON);
  caller.set_migrant_worker(random_() % 2 == 0);
  intake.mutable_call()->set_number(caller.phone());
  intake.mutable_call()->set_seat(fmt::format("{:03d}", random_() % 60));
  auto& employer = *intake.mutable_employer();
  employer.set_name(fmt::format("山东{}{}", random_() % 100'000, pick(employers, random_)));
  employer.set_industry("建筑业");
  auto& matter = *intake.mutable_matter();
  matter.set_kind(v1::KIND_COMPLAINT);
  matter.set_category(pick(categories, random_));
  matter.set_content(pick(stories, random_));
  matter.set_region(counties_[random_() % counties_.size()]);
  matter.set_place("开发区人民路与工业一路交叉口项目工地");
  matter.set_people(static_cast<std::int32_t>(1 + random_() % 6));
  matter.set_amount_claimed_fen(static_cast<std::int64_t>(random_() % 5'000'000));
  matter.set_employment(v1::EMPLOYMENT_ACTIVE);
  return order;
}

}  // namespace hotline::bench
