#include "services/transfer/partner_list.hpp"

#include <fmt/core.h>

#include <string_view>
#include <utility>

#include "common/domain/civil.hpp"
#include "common/exchange/limits.hpp"
#include "common/net/http_url.hpp"
#include "services/transfer/request_signing.hpp"

namespace hotline::transfer {
namespace {

// A list takes longer than an answer to a message.
constexpr milliseconds list_limit{60'000};
constexpr std::string_view day_mark = "{day}";

/// Lists are signed and written like what they are sent; who is sent nothing is asked like at a
/// pull.
const v1::PartnerSignature& signature_of(const v1::Partner& partner) {
  return partner.has_outbound() ? partner.outbound().signature() : partner.inbound().signature();
}

std::string url_of(std::string url, std::chrono::year_month_day day) {
  const auto text = domain::format_date(day);
  for (auto at = url.find(day_mark); at != std::string::npos; at = url.find(day_mark, at)) {
    url.replace(at, day_mark.size(), text);
  }
  return url;
}

}  // namespace

partner_list::partner_list(const exchange::partner& of, exchange::secret_source secrets,
                           boost::asio::io_context& context)
    : partner_(of),
      secrets_(std::move(secrets)),
      http_(context, {.internal = of.config().internal(),
                      .ca_file = of.config().ca_file(),
                      .answer_bytes_max = exchange::document_bytes_max}) {}

boost::asio::awaitable<partner_list::listing> partner_list::of_day(std::chrono::year_month_day day,
                                                                   instant now) {
  const auto& config = partner_.config();
  std::string url = url_of(config.reconciliation().list_url(), day);
  const auto to = net::parse_http_url(url);
  if (!to) co_return std::unexpected("对账清单地址无效");
  auto headers =
      signed_fields(signature_of(config), secrets_, net::method::get, to->target, "", now);
  if (!headers) co_return std::unexpected("没有可用的签名密钥");
  const auto answer =
      co_await http_.send(net::method::get, std::move(url), *std::move(headers), "", list_limit);
  if (!answer) co_return std::unexpected("对方没有应答：" + answer.error().detail);
  if (answer->status != 200) {
    co_return std::unexpected(fmt::format("对方拒绝给出清单：HTTP {}", answer->status));
  }
  auto list = exchange::read_list(partner_, answer->body);
  if (!list) co_return std::unexpected("清单无法读取：" + exchange::to_string({list.error()}));
  co_return *std::move(list);
}

}  // namespace hotline::transfer
