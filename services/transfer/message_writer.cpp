#include "services/transfer/message_writer.hpp"

#include <chrono>
#include <utility>
#include <vector>

#include "common/domain/personal.hpp"
#include "common/store/attachment_store.hpp"

namespace hotline::transfer {

namespace {

constexpr int days_by_default = 7;

/// Whole days, so that a message that is told again soon has the same addresses as before.
instant good_until(const v1::AttachmentRules& rules, instant now) {
  const auto days = rules.serve_days() > 0 ? rules.serve_days() : days_by_default;
  return std::chrono::ceil<std::chrono::days>(now) + std::chrono::days(days);
}

}  // namespace

std::size_t message_writer::place_files(std::string_view ticket_no, v1::PartnerEvent& event,
                                        instant now) const {
  const auto& rules = to_.config().attachments();
  google::protobuf::RepeatedPtrField<v1::Attachment> told;
  std::size_t left_out = 0;
  for (auto& file : *event.mutable_attachments()) {
    if (const auto sha256 = store::digest_of_reference(file.reference())) {
      // Such a reference means something in this system only.
      if (rules.serve_url().empty()) {
        ++left_out;
        continue;
      }
      const auto token = links_.token_of({std::string(to_.name()), std::string(ticket_no),
                                          std::string(*sha256), good_until(rules, now)});
      file.set_reference(rules.serve_url() + "/" + token);
    }
    *told.Add() = std::move(file);
  }
  event.mutable_attachments()->Swap(&told);
  return left_out;
}

std::expected<exchange::written, v1::SendFailure> message_writer::write(
    const store::message_id& id, v1::PartnerEvent event, const std::string& external_no) {
  // A ticket we have handed over gets its number from the partner's answer, after this was put.
  if (event.external_no().empty()) event.set_external_no(external_no);
  v1::SendFailure wrong;
  if (event.has_intake()) {
    domain::visit_personal(*event.mutable_intake(), [&](std::string_view path, std::string& value) {
      auto plain = vault_.open(id.ticket_no, path, value);
      if (plain) {
        value = *std::move(plain);
      } else {
        wrong.set_text("个人信息无法解密：" + std::string(path));
      }
    });
  }
  if (!wrong.text().empty()) return std::unexpected(std::move(wrong));
  auto written = exchange::write_message(to_, event);
  if (written) return *std::move(written);
  wrong.set_text("无法按约定格式写出：" + exchange::to_string(std::vector{written.error()}));
  return std::unexpected(std::move(wrong));
}

}  // namespace hotline::transfer
