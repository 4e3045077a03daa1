#include "services/gateway/attachment_files.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "common/net/http_target.hpp"
#include "common/store/attachment_store.hpp"
#include "common/store/file_type.hpp"
#include "services/gateway/partner_deed.hpp"
#include "services/gateway/problems.hpp"
#include "services/gateway/viewing.hpp"

namespace hotline::gateway {

using boost::asio::awaitable;

namespace {

/// For who is to keep it, not to show it.
net::response as_file(std::string bytes, std::string_view name, std::string type) {
  net::response answer;
  answer.content_type = std::move(type);
  answer.headers.emplace_back("Content-Disposition",
                              "attachment; filename*=UTF-8''" + net::percent_encode(name));
  answer.headers.emplace_back("Cache-Control", "no-store");
  answer.body = std::move(bytes);
  return answer;
}

}  // namespace

const v1::Attachment* find_file(const v1::Ticket& ticket, std::string_view sha256) {
  const auto is_wanted = [&](const v1::Attachment& file) {
    return store::digest_of_reference(file.reference()) == sha256;
  };
  for (const auto& file : ticket.intake().attachments()) {
    if (is_wanted(file)) return &file;
  }
  for (const auto& file : ticket.reply().evidence()) {
    if (is_wanted(file)) return &file;
  }
  return nullptr;
}

void attachment_files::add_to(api& routes) {
  if (parts_.files == nullptr) return;
  routes.add({.verb = net::method::get,
              .pattern = "/v1/tickets/{no}/attachments/{sha256}",
              .name = "get_attachment",
              .summary = "工单的一个附件，以其内容摘要指明"},
             [this](call c) { return get(std::move(c)); });
  if (parts_.partners == nullptr || parts_.links == nullptr) return;
  routes.add({.verb = net::method::get,
              .pattern = "/v1/files/{token}",
              .name = "get_partner_file",
              .summary = "告知对接方的附件，以所给的限时地址取得",
              .needs_actor = false,
              .raw = true},
             [this](call c) { return serve(std::move(c)); });
}

awaitable<outcome> attachment_files::get(call c) {
  auto seen = co_await load_seen(parts_, c.actor, domain::action::attachment, c.params.at("no"));
  if (!seen) co_return std::unexpected(std::move(seen.error()));
  v1::Ticket& ticket = seen->ticket;
  domain::project(ticket, seen->view, opener_of(parts_, ticket.no()));
  const auto* const file = find_file(ticket, c.params.at("sha256"));
  if (file == nullptr) co_return std::unexpected(not_found());
  auto bytes = co_await load(c.params.at("sha256"));
  if (!bytes) co_return std::unexpected(net::problem_for(bytes.error()));
  // What it is was told by its bytes when it came.
  co_return as_file(*std::move(bytes), file->name(), "application/octet-stream");
}

/// Whatever is not as it should be is not there: the address tells nothing to who tries others.
awaitable<outcome> attachment_files::serve(call c) {
  const auto link = parts_.links->read(c.params.at("token"), parts_.now.now());
  if (!link) co_return std::unexpected(not_found());
  const auto* const desk = parts_.partners->find(link->partner);
  if (desk == nullptr || desk->partner().config().attachments().serve_url().empty())
    co_return std::unexpected(not_found());
  const auto ticket = co_await parts_.tickets.load(link->ticket_no);
  if (!ticket) co_return std::unexpected(net::problem_for(ticket.error()));
  const auto* const file = *ticket ? find_file(**ticket, link->sha256) : nullptr;
  if (file == nullptr) co_return std::unexpected(not_found());
  auto bytes = co_await load(link->sha256);
  if (!bytes) co_return std::unexpected(net::problem_for(bytes.error()));
  c.actor.set_user(link->partner);
  c.actor.set_unit(std::string(desk->partner().unit()));
  c.actor.set_role(v1::ROLE_PARTNER);
  auto kept = co_await record_deed(
      parts_, c, {"file.served", link->ticket_no, {}, link->partner + " " + link->sha256});
  if (!kept) co_return std::unexpected(std::move(kept.error()));
  std::string type(store::type_of_file(*bytes));
  if (type.empty()) type = "application/octet-stream";
  co_return as_file(*std::move(bytes), file->name(), std::move(type));
}

/// Reads and checks on a thread of its own, and comes back to this one.
awaitable<result<std::string>> attachment_files::load(std::string sha256) {
  const auto read = [](const store::attachment_store& files,
                       std::string digest) -> awaitable<result<std::string>> {
    co_return files.get(digest);
  };
  co_return co_await boost::asio::co_spawn(disk_, read(*parts_.files, std::move(sha256)),
                                           boost::asio::use_awaitable);
}

}  // namespace hotline::gateway
