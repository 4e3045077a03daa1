#include "services/transfer/file_upload.hpp"

#include <utility>

#include "common/exchange/write_message.hpp"
#include "common/net/http_target.hpp"
#include "common/store/file_type.hpp"
#include "services/transfer/request_signing.hpp"

namespace hotline::transfer {

using boost::asio::awaitable;

namespace {

constexpr milliseconds upload_limit{60'000};

std::unexpected<telling> ended(telling::end how, std::string text, int http_status = 0) {
  telling end{.how = how, .code = {}, .external_no = {}, .failure = {}};
  end.failure.set_text(std::move(text));
  end.failure.set_http_status(http_status);
  return std::unexpected(std::move(end));
}

/// The file itself is what the partner does not take.
bool is_final(int http_status) {
  constexpr int bad_request = 400, too_large = 413, wrong_type = 415, unprocessable = 422;
  return http_status == bad_request || http_status == too_large || http_status == wrong_type ||
         http_status == unprocessable;
}

}  // namespace

file_upload::file_upload(const exchange::partner& to, partner_http& http,
                         const store::attachment_store& files, exchange::secret_source secrets)
    : to_(to), http_(http), files_(files), secrets_(std::move(secrets)) {}

awaitable<std::expected<void, telling>> file_upload::run(v1::PartnerEvent& event, instant now) {
  if (to_.config().attachments().upload_url().empty()) co_return std::expected<void, telling>();
  for (auto& file : *event.mutable_attachments()) {
    const auto sha256 = store::digest_of_reference(file.reference());
    if (!sha256) continue;
    auto reference = co_await upload(file, std::string(*sha256), now);
    if (!reference) co_return std::unexpected(std::move(reference.error()));
    file.set_reference(*std::move(reference));
  }
  co_return std::expected<void, telling>();
}

awaitable<std::expected<std::string, telling>> file_upload::upload(v1::Attachment file,
                                                                   std::string sha256,
                                                                   instant now) {
  const auto& url = to_.config().attachments().upload_url();
  const auto to = net::parse_http_url(url);
  if (!to) co_return ended(telling::end::impossible, "附件上传地址无效");
  auto bytes = files_.get(sha256);
  if (!bytes) co_return ended(telling::end::impossible, "附件未保存：" + file.name());
  const auto type = store::type_of_file(*bytes);
  auto headers = signed_fields(to_.config().outbound().signature(), secrets_, net::method::post,
                               to->target, *bytes, now);
  if (!headers) co_return ended(telling::end::silent, "没有可用的签名密钥");
  headers->emplace_back("Content-Type", type.empty() ? "application/octet-stream" : type);
  headers->emplace_back("Content-Disposition",
                        "attachment; filename*=UTF-8''" + net::percent_encode(file.name()));
  const auto answer = co_await http_.send(net::method::post, url, *std::move(headers),
                                          *std::move(bytes), upload_limit);
  if (!answer) co_return ended(telling::end::silent, "附件未能上传：" + answer.error().detail);
  if (is_final(answer->status))
    co_return ended(telling::end::impossible, "对方不收此附件：" + file.name(), answer->status);
  auto reference = exchange::read_upload_reference(to_, answer->body);
  const bool ok = answer->status >= 200 && answer->status < 300;
  if (!ok || reference.empty())
    co_return ended(telling::end::unclear, "附件上传未得到地址：" + file.name(), answer->status);
  co_return reference;
}

}  // namespace hotline::transfer
