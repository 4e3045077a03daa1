#include <algorithm>

#include "common/exchange/mapping.hpp"
#include "common/exchange/open_document.hpp"
#include "common/exchange/read_field.hpp"
#include "common/exchange/write_message.hpp"

namespace hotline::exchange {
namespace {

using verdict = partner_answer::verdict;

bool is_among(const google::protobuf::RepeatedPtrField<std::string>& codes, std::string_view code) {
  return std::ranges::find(codes, code) != codes.end();
}

/// The message itself is at fault, so the same message fares no better. A missing or expired key
/// (401, 403), a wrong address (404) or a busy server is put right without changing the message.
bool is_final(int http_status) {
  constexpr int bad_request = 400, too_large = 413, wrong_type = 415, unprocessable = 422;
  return http_status == bad_request || http_status == too_large || http_status == wrong_type ||
         http_status == unprocessable;
}

verdict judge(const v1::Outbound& rules, int http_status, std::string_view code) {
  const bool ok = http_status >= 200 && http_status < 300;
  if (!rules.answer_code_path().empty()) {
    if (is_among(rules.answer_final(), code)) return verdict::refused;
    if (ok) return is_among(rules.answer_ok(), code) ? verdict::accepted : verdict::unclear;
  }
  if (ok) return verdict::accepted;
  return is_final(http_status) ? verdict::refused : verdict::unclear;
}

}  // namespace

partner_answer read_answer(const partner& from, int http_status, std::string_view body) {
  const partner_mapping& mapping = from.mapping();
  const v1::Outbound& rules = mapping.config.outbound();
  partner_answer answer;
  if (const auto document = open_document(body, rules.format())) {
    const node& content = content_of(*document, rules.format().syntax());
    answer.code = trimmed(text_at(content, mapping.answer.code));
    answer.message = trimmed(text_at(content, mapping.answer.message));
    answer.external_no = trimmed(text_at(content, mapping.answer.external_no));
  }
  answer.outcome = judge(rules, http_status, answer.code);
  return answer;
}

std::string read_upload_reference(const partner& from, std::string_view body) {
  const partner_mapping& mapping = from.mapping();
  const v1::PartnerFormat& format = mapping.config.outbound().format();
  const auto document = open_document(body, format);
  if (!document) return {};
  return std::string(
      trimmed(text_at(content_of(*document, format.syntax()), mapping.answer.upload_reference)));
}

}  // namespace hotline::exchange
