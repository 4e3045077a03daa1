#include "services/transfer/message_writer.hpp"

#include <utility>
#include <vector>

#include "common/domain/personal.hpp"

namespace hotline::transfer {

std::expected<exchange::written, v1::SendFailure> message_writer::write(
    const store::taken_message& message) {
  v1::PartnerEvent event = message.message.event();
  // A ticket we have handed over gets its number from the partner's answer, after this was put.
  if (event.external_no().empty()) event.set_external_no(message.external_no);
  v1::SendFailure wrong;
  if (event.has_intake()) {
    domain::visit_personal(*event.mutable_intake(), [&](std::string_view path, std::string& value) {
      auto plain = vault_.open(message.id.ticket_no, path, value);
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
