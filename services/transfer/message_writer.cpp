#include "services/transfer/message_writer.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "common/domain/personal.hpp"
#include "common/store/attachment_store.hpp"

namespace hotline::transfer {

namespace {

/// A reference that means something in this system only.
void leave_out_our_files(v1::PartnerEvent& event) {
  auto& files = *event.mutable_attachments();
  const auto ours = [](const v1::Attachment& file) {
    return store::digest_of_reference(file.reference()).has_value();
  };
  files.erase(std::remove_if(files.begin(), files.end(), ours), files.end());
}

}  // namespace

std::expected<exchange::written, v1::SendFailure> message_writer::write(
    const store::message_id& id, v1::PartnerEvent event, const std::string& external_no) {
  // A ticket we have handed over gets its number from the partner's answer, after this was put.
  if (event.external_no().empty()) event.set_external_no(external_no);
  leave_out_our_files(event);
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
