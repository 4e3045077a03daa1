#include "services/transfer/http_outlet.hpp"

#include <utility>

#include "common/exchange/write_message.hpp"
#include "services/transfer/request_signing.hpp"

namespace hotline::transfer {
namespace {

constexpr std::size_t in_flight_by_default = 8;
constexpr milliseconds answer_limit_by_default{10'000};

/// The partner is there and does not work, or a gateway in front of it says so.
bool is_out_of_work(int http_status) {
  constexpr int too_many_requests = 429, bad_gateway = 502, unavailable = 503, timed_out = 504;
  return http_status == too_many_requests || http_status == bad_gateway ||
         http_status == unavailable || http_status == timed_out;
}

telling failed(telling::end how, std::string text) {
  telling end{.how = how, .code = {}, .external_no = {}, .failure = {}};
  end.failure.set_text(std::move(text));
  return end;
}

telling end_of(const exchange::partner& from, const net::response& answer) {
  using verdict = exchange::partner_answer::verdict;
  auto read = exchange::read_answer(from, answer.status, answer.body);
  telling end;
  switch (read.outcome) {
    case verdict::accepted: end.how = telling::end::accepted; break;
    case verdict::refused: end.how = telling::end::refused; break;
    case verdict::unclear:
      end.how = is_out_of_work(answer.status) ? telling::end::silent : telling::end::unclear;
      break;
  }
  end.failure.set_http_status(answer.status);
  end.failure.set_code(read.code);
  end.failure.set_text(std::move(read.message));
  end.code = std::move(read.code);
  end.external_no = std::move(read.external_no);
  return end;
}

}  // namespace

std::size_t in_flight_max(const v1::Outbound& rules) {
  return rules.in_flight_max() > 0 ? static_cast<std::size_t>(rules.in_flight_max())
                                   : in_flight_by_default;
}

milliseconds answer_limit(const v1::Outbound& rules) {
  return rules.timeout_ms() > 0 ? milliseconds(rules.timeout_ms()) : answer_limit_by_default;
}

http_outlet::http_outlet(const exchange::partner& to, store::personal_vault& vault,
                         const store::file_links& links, const store::attachment_store& files,
                         exchange::secret_source secrets, boost::asio::io_context& context)
    : to_(to),
      secrets_(std::move(secrets)),
      writer_(to, vault, links),
      http_(context, {.internal = to.config().internal(),
                      .ca_file = to.config().ca_file(),
                      .idle_max = in_flight_max(to.config().outbound())}),
      upload_(to, http_, files, secrets_) {
  if (const auto url = net::parse_http_url(to.config().outbound().url())) target_ = url->target;
}

boost::asio::awaitable<telling> http_outlet::tell(const store::taken_message& message,
                                                  instant now) {
  v1::PartnerEvent event = message.message.event();
  if (auto uploaded = co_await upload_.run(event, now); !uploaded)
    co_return std::move(uploaded.error());
  const auto left_out = writer_.place_files(message.id.ticket_no, event, now);
  auto written = writer_.write(message.id, std::move(event), message.external_no);
  if (!written) {
    auto end = failed(telling::end::impossible, {});
    end.failure = std::move(written.error());
    co_return end;
  }
  auto end = co_await post(to_string(message.id), *std::move(written), now);
  end.files_left_out = left_out;
  co_return end;
}

boost::asio::awaitable<telling> http_outlet::post(std::string message_id, exchange::written content,
                                                  instant now) {
  const auto& rules = to_.config().outbound();
  auto headers =
      signed_fields(rules.signature(), secrets_, net::method::post, target_, content.body, now);
  if (!headers) co_return failed(telling::end::silent, "没有可用的签名密钥");
  headers->emplace_back("Content-Type", std::move(content.content_type));
  headers->emplace_back("Message-Id", std::move(message_id));
  const auto answer = co_await http_.send(net::method::post, rules.url(), *std::move(headers),
                                          std::move(content.body), answer_limit(rules));
  if (answer) co_return end_of(to_, *answer);
  co_return failed(telling::end::silent, "对方没有应答：" + answer.error().detail);
}

}  // namespace hotline::transfer
