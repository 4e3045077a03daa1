#include "common/store/personal_vault.hpp"

#include <utility>

#include "common/domain/personal.hpp"

namespace hotline::store {

personal_vault::personal_vault(key_source keys)
    : source_(std::move(keys)), keys_(source_()), sealer_(keys_) {}

crypto::field_sealer& personal_vault::sealer() {
  if (auto now = source_(); now != keys_) {
    keys_ = std::move(now);
    sealer_.use(keys_);
  }
  return sealer_;
}

bool personal_vault::seal(v1::Event& event) {
  crypto::field_sealer* with = nullptr;
  std::string index;
  domain::visit_personal(event, [&](std::string_view path, std::string& value) {
    if (domain::is_sealed(value)) return;
    if (!with) with = &sealer();
    if (path == "caller.phone") index = with->blind_index(value);
    value = with->seal(event.ticket_no(), path, value);
  });
  if (!index.empty() && event.change().has_intake()) {
    event.mutable_change()->mutable_intake()->mutable_caller()->set_phone_index(std::move(index));
  }
  return with != nullptr;
}

result<std::string> personal_vault::open(std::string_view ticket_no, std::string_view path,
                                         std::string_view value) {
  if (!domain::is_sealed(value)) return std::string(value);
  auto opened = sealer().open(ticket_no, path, value);
  if (opened || opened.error().code != errc::misconfigured) return opened;
  const auto key = crypto::key_of(value);
  if (!key || !source_.look_for(*key)) return opened;
  return sealer().open(ticket_no, path, value);
}

std::string personal_vault::phone_index(std::string_view phone) {
  return sealer().blind_index(phone);
}

std::string personal_vault::fingerprint(std::string_view request) {
  return sealer().fingerprint(request);
}

}  // namespace hotline::store
