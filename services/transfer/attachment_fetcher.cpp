#include "services/transfer/attachment_fetcher.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "common/crypto/digest.hpp"
#include "common/store/file_rules.hpp"
#include "common/store/file_type.hpp"
#include "services/transfer/request_signing.hpp"

namespace hotline::transfer {

using boost::asio::awaitable;

namespace {

constexpr milliseconds load_limit{60'000};
constexpr milliseconds lease{600'000};
constexpr std::size_t size_by_default = std::size_t{20} * 1024 * 1024;
constexpr int count_by_default = 20;

std::size_t size_max(const v1::AttachmentRules& rules) {
  return rules.size_bytes_max() > 0 ? static_cast<std::size_t>(rules.size_bytes_max())
                                    : size_by_default;
}

int count_max(const v1::AttachmentRules& rules) {
  return rules.count_max() > 0 ? rules.count_max() : count_by_default;
}

/// As the partner names it; without a name the last part of the URL; and the suffix of what it is.
std::string name_of(const v1::Attachment& wanted, std::string_view type) {
  std::string name = wanted.name();
  if (name.empty()) {
    const auto path = wanted.reference().substr(0, wanted.reference().find('?'));
    name = path.substr(path.rfind('/') + 1);
  }
  constexpr std::size_t name_bytes_max = 200;
  if (name.empty() || name.size() > name_bytes_max) name = "附件";
  if (name.find('.') == name.npos) name += store::suffix_of_type(type);
  return name;
}

std::string lower_case(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

/// What came is not what the partner said it would be: how; empty: it is.
std::string_view difference(const v1::Attachment& wanted, std::string_view bytes) {
  if (wanted.size_bytes() != 0 && wanted.size_bytes() != static_cast<std::int64_t>(bytes.size()))
    return "大小与对方所述不符";
  const auto sha256 =
      crypto::to_hex(crypto::as_bytes(crypto::digest(v1::HASH_SUITE_SHA_256).of(bytes)));
  if (!wanted.sha256().empty() && lower_case(wanted.sha256()) != sha256)
    return "摘要与对方所述不符";
  return {};
}

v1::Command command_of(const v1::Partner& partner, std::string ticket_no) {
  v1::Command command;
  command.set_ticket_no(std::move(ticket_no));
  command.mutable_actor()->set_user(partner.name());
  command.mutable_actor()->set_unit(partner.unit());
  command.mutable_actor()->set_role(v1::ROLE_PARTNER);
  return command;
}

}  // namespace

std::optional<v1::FetchOrder> take_out_files(v1::PartnerEvent& event, std::string_view ticket_no) {
  v1::FetchOrder order;
  auto& told = *order.mutable_event();
  auto& wanted = *told.mutable_attachments();
  wanted.Swap(event.mutable_attachments());
  if (event.has_intake()) {
    wanted.MergeFrom(event.intake().attachments());
    event.mutable_intake()->clear_attachments();
  }
  if (event.has_reply()) {
    wanted.MergeFrom(event.reply().evidence());
    event.mutable_reply()->clear_evidence();
  }
  if (wanted.empty()) return std::nullopt;
  order.set_ticket_no(std::string(ticket_no));
  told.set_partner(event.partner());
  told.set_kind(event.kind());
  told.set_external_no(event.external_no());
  told.set_serial(event.serial());
  told.set_text(event.text());
  return order;
}

attachment_fetcher::attachment_fetcher(boost::asio::io_context& context, partner_link& link,
                                       runtime::store_kit& kit,
                                       const store::attachment_store& files,
                                       exchange::secret_source secrets, const clock& now,
                                       fetcher_options options, runtime::task_counters& tasks,
                                       logger log)
    : link_(link),
      kit_(kit),
      files_(files),
      secrets_(std::move(secrets)),
      now_(now),
      options_(options),
      log_(std::move(log)),
      plan_(link.partner.config().outbound()),
      http_(context, {.internal = link.partner.config().attachments().internal(),
                      .internal_at = internal_places(link.partner.config()),
                      .ca_file = link.partner.config().ca_file(),
                      .answer_bytes_max = size_max(link.partner.config().attachments())}),
      tasks_(context.get_executor(), tasks, log_) {}

awaitable<void> attachment_fetcher::run(runtime::stop_signal& stopping) {
  stopping.on_raise([this] { http_.stop(); });
  while (!stopping.raised()) {
    if (co_await take_some() == 0) co_await stopping.sleep_for(options_.poll);
    while (!stopping.raised() && in_hand_.size() >= options_.in_flight_max)
      co_await tasks_.wait_idle(options_.poll);
  }
  http_.stop();
  while (!co_await tasks_.wait_idle(options_.poll)) {
  }
}

/// Orders that were begun.
awaitable<std::size_t> attachment_fetcher::take_some() {
  const auto room = options_.in_flight_max - in_hand_.size();
  auto taken = co_await link_.fetches.take(now_.now(), lease, room);
  if (!taken) {
    log_.warn("cannot take files to fetch partner={} reason=\"{}\"", link_.partner.name(),
              to_string(taken.error()));
    co_return 0;
  }
  std::size_t begun = 0;
  for (auto& fetch : *taken) {
    if (!in_hand_.insert(fetch.id).second) continue;
    ++begun;
    tasks_.spawn("fetch", carry_out(std::move(fetch)));
  }
  co_return begun;
}

awaitable<void> attachment_fetcher::carry_out(store::taken_fetch fetch) {
  const auto recorded = fetch.damage ? co_await put_aside(fetch) : co_await fetch_all(fetch);
  if (!recorded) {
    // Its lease ends, and it is fetched again.
    log_.warn("not recorded how a fetch ended partner={} reason=\"{}\"", link_.partner.name(),
              to_string(recorded.error()));
  }
  in_hand_.erase(fetch.id);
}

/// As a message of ours that does not open.
awaitable<result<bool>> attachment_fetcher::put_aside(const store::taken_fetch& fetch) {
  log_.error("files to fetch do not open partner={} order={} reason=\"{}\"", link_.partner.name(),
             fetch.id, to_string(*fetch.damage));
  if (fetch.damage->code != errc::corrupt_data) co_return false;
  v1::FeedReview review;
  review.set_reason(v1::REVIEW_REASON_ATTACHMENT);
  review.set_text("待取附件的记录已损坏，请与对方核对");
  runtime::add(link_.counters.reviewed);
  co_return co_await link_.fetches.settle(fetch.id, std::move(review), now_.now());
}

awaitable<result<bool>> attachment_fetcher::fetch_all(const store::taken_fetch& fetch) {
  std::vector<missing> all;
  for (const auto& wanted : fetch.order.event().attachments()) {
    auto end = co_await fetch_one(fetch.order, wanted);
    if (!end) all.push_back(std::move(end.error()));
  }
  co_return co_await record(fetch, std::move(all));
}

/// What may still come is tried again, and with it what is here already, which changes nothing.
awaitable<result<bool>> attachment_fetcher::record(const store::taken_fetch& fetch,
                                                   std::vector<missing> all) {
  const auto now = now_.now();
  if (all.empty()) co_return co_await link_.fetches.settle(fetch.id, std::nullopt, now);
  const bool may_come = !std::ranges::all_of(all, &missing::final);
  const double spread = std::uniform_real_distribution<>(0, 1)(random_);
  const auto wait = plan_.wait_after(fetch.tries + 1, spread);
  if (may_come && wait) co_return co_await link_.fetches.fail_try(fetch.id, now + *wait);
  v1::FeedReview review;
  review.set_reason(v1::REVIEW_REASON_ATTACHMENT);
  std::string text;
  for (const auto& one : all) text += (text.empty() ? "" : "；") + one.why;
  review.set_text(std::move(text));
  *review.mutable_item()->mutable_event() = fetch.order.event();
  review.mutable_item()->mutable_event()->set_ticket_no(fetch.order.ticket_no());
  review.mutable_item()->set_received_at(fetch.order.made_at());
  runtime::add(link_.counters.reviewed);
  co_return co_await link_.fetches.settle(fetch.id, std::move(review), now);
}

awaitable<attachment_fetcher::kept> attachment_fetcher::fetch_one(const v1::FetchOrder& order,
                                                                  const v1::Attachment& wanted) {
  const auto& rules = link_.partner.config().attachments();
  const auto name = name_of(wanted, {});
  auto bytes = co_await load(wanted.reference());
  if (!bytes) {
    bytes.error().why.insert(0, name + "：");
    co_return std::unexpected(std::move(bytes.error()));
  }
  if (const auto differs = difference(wanted, *bytes); !differs.empty())
    co_return std::unexpected(missing{fmt::format("{}：{}", name, differs), true});
  const auto type = store::type_of_file(*bytes);
  if (!store::is_taken_type(rules.types(), type))
    co_return std::unexpected(missing{name + "：不是约定的文件类型", true});
  const auto sha256 = files_.put(*bytes);
  if (!sha256) co_return std::unexpected(missing{name + "：未能保存", false});
  v1::Attachment file;
  file.set_name(name_of(wanted, type));
  file.set_reference(store::stored_reference(*sha256));
  file.set_sha256(*sha256);
  file.set_size_bytes(static_cast<std::int64_t>(bytes->size()));
  co_return co_await add_to_ticket(order, std::move(file));
}

awaitable<std::expected<std::string, attachment_fetcher::missing>> attachment_fetcher::load(
    const std::string& url) {
  const auto& outbound = link_.partner.config().outbound();
  const auto to = net::parse_http_url(url);
  if (!to) co_return std::unexpected(missing{"地址无效", true});
  std::optional headers = net::field_list{};
  // Nobody else gets our signature.
  const auto home = net::parse_http_url(outbound.url());
  if (home && home->secure == to->secure && home->authority == to->authority) {
    headers =
        signed_fields(outbound.signature(), secrets_, net::method::get, to->target, {}, now_.now());
    if (!headers) co_return std::unexpected(missing{"没有可用的签名密钥", false});
  }
  auto answer = co_await http_.send(net::method::get, url, *std::move(headers), {}, load_limit);
  constexpr int ok = 200, not_found = 404, gone = 410;
  if (!answer) {
    const bool hopeless = answer.error().code == errc::invalid_argument;
    co_return std::unexpected(missing{"未能取得：" + answer.error().detail, hopeless});
  }
  if (answer->status != ok) {
    const bool hopeless = answer->status == not_found || answer->status == gone;
    co_return std::unexpected(missing{fmt::format("对方回应 {}", answer->status), hopeless});
  }
  if (answer->body.empty()) co_return std::unexpected(missing{"文件为空", true});
  co_return std::move(answer->body);
}

awaitable<attachment_fetcher::kept> attachment_fetcher::add_to_ticket(const v1::FetchOrder& order,
                                                                      v1::Attachment file) {
  const auto& partner = link_.partner.config();
  auto ticket = co_await kit_.tickets.load(order.ticket_no());
  // A ticket that is not there yet is being made from the same message.
  if (!ticket || !*ticket)
    co_return std::unexpected(missing{file.name() + "：工单暂不可用", false});
  const auto& there = (**ticket).intake().attachments();
  const bool known =
      std::ranges::find(there, file.sha256(), &v1::Attachment::sha256) != there.end();
  if (known) co_return kept{};
  if (there.size() >= count_max(partner.attachments())) {
    co_return std::unexpected(missing{
        fmt::format("{}：附件超过 {} 个", file.name(), count_max(partner.attachments())), true});
  }
  auto command = command_of(partner, order.ticket_no());
  const auto name = file.name();
  command.set_id(fmt::format("file:{}:{}:{}", partner.name(), order.ticket_no(), file.sha256()));
  command.mutable_add_attachment()->set_remark(order.event().text());
  *command.mutable_add_attachment()->mutable_attachment() = std::move(file);
  const auto id = command.id();
  const auto done = co_await kit_.runner.run(std::move(command), id);
  if (done) co_return kept{};
  const auto& no = done.error();
  if (no.rejection) co_return std::unexpected(missing{name + "：" + no.rejection->text(), true});
  co_return std::unexpected(missing{name + "：工单暂不可用", false});
}

}  // namespace hotline::transfer
