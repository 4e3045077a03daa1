#include "services/gateway/attachment_files.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "common/net/http_target.hpp"
#include "common/store/attachment_store.hpp"
#include "services/gateway/problems.hpp"
#include "services/gateway/viewing.hpp"

namespace hotline::gateway {

using boost::asio::awaitable;

namespace {

/// Kept here, and named by its digest; nullptr when the ticket has no such file.
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

}  // namespace

void attachment_files::add_to(api& routes) {
  if (parts_.files == nullptr) return;
  routes.add({.verb = net::method::get,
              .pattern = "/v1/tickets/{no}/attachments/{sha256}",
              .name = "get_attachment",
              .summary = "工单的一个附件，以其内容摘要指明"},
             [this](call c) { return get(std::move(c)); });
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
  net::response answer;
  // What it is was told by its bytes when it came; a browser is to keep it, not to show it.
  answer.content_type = "application/octet-stream";
  answer.headers.emplace_back("Content-Disposition",
                              "attachment; filename*=UTF-8''" + net::percent_encode(file->name()));
  answer.headers.emplace_back("Cache-Control", "no-store");
  answer.body = *std::move(bytes);
  co_return answer;
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
