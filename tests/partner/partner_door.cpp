#include "tests/partner/partner_door.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <charconv>
#include <span>

#include "tests/partner/bad_line.hpp"

namespace hotline::test {

namespace asio = boost::asio;

namespace {

constexpr double page_repeats = 0.3;  ///< how many pages begin with what the page before ended with
constexpr std::size_t page_size = 100;

bool acts(mischief how) { return how == mischief::none || how >= mischief::done_then_error; }

net::response reply(int status, std::string body = {}, std::string content_type = "text/plain") {
  net::response made;
  made.status = status;
  made.content_type = std::move(content_type);
  made.body = std::move(body);
  return made;
}

net::response redirect(std::string to) {
  auto made = reply(302);
  made.headers.emplace_back("Location", std::move(to));
  return made;
}

/// What is answered to a request that is not looked at.
net::response refusal(mischief how) {
  switch (how) {
    case mischief::too_many: return reply(429, "later");
    case mischief::unauthorized: return reply(401, "who are you");
    case mischief::redirect_away: return redirect("http://other.example/api");
    case mischief::redirect_private: return redirect("http://169.254.169.254/latest");
    default: return reply(500, "<html>Internal Server Error</html>");
  }
}

std::string value_of(const net::request& request, std::string_view name) {
  const std::string* value = request.query_value(name);
  return value ? *value : std::string();
}

/// What stands for "{cursor}" in the query of the configured URL: its name there.
std::string name_of_parameter(std::string_view url, std::string_view place) {
  const auto at = url.find(fmt::format("={{{}}}", place));
  if (at == url.npos) return {};
  const auto begin = url.find_last_of("?&", at) + 1;
  return std::string(url.substr(begin, at - begin));
}

std::size_t number_of(const std::string& text, std::size_t otherwise) {
  std::size_t number = otherwise;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

std::string path_of_url(std::string_view url) {
  const auto host = url.find("//") + 2;
  const auto path = url.find('/', host);
  return std::string(url.substr(path, url.find('?') - path));
}

std::string moved_url(std::string_view url, std::uint16_t port) {
  if (url.empty()) return {};
  const auto path = url.find('/', url.find("//") + 2);
  return fmt::format("http://127.0.0.1:{}{}", port, url.substr(path));
}

std::string file_content(std::string_view name) {
  std::string content;
  if (name.ends_with(".jpg")) content = "\xFF\xD8\xFF\xE0\0\x10JFIF";
  if (name.ends_with(".png")) content = "\x89PNG\r\n\x1A\n";
  if (name.ends_with(".pdf")) content = "%PDF-1.4\n";
  return content + fmt::format("content of {}", name);
}

mischief partner_door::treat(const std::string& name) {
  const auto how = parts_.mischief.for_message(name, attempts_[name]++);
  if (how != mischief::none) ++mistreated_.at(static_cast<std::size_t>(how));
  return how;
}

asio::awaitable<net::response> partner_door::answer(net::request request) {
  if (parts_.outage()) co_return reply(503, "maintenance");
  constexpr std::string_view files = "/files/";
  if (request.path.starts_with(files)) {
    const auto name = std::string(request.path.substr(files.size()));
    const auto how = treat("file " + name);
    // Other bytes would be another file, and rightly one for a person to look at.
    if (!acts(how) || how >= mischief::done_then_garbage) co_return refusal(how);
    co_return co_await spoilt(file(name), how);
  }
  if (request.verb == net::method::post) {
    const std::string* message_id = request.header("Message-Id");
    if (!message_id) {
      parts_.books.add_breach("told without a Message-Id");
      co_return reply(400);
    }
    if (const auto signed_well = parts_.tongue.check_signature(request, parts_.now());
        !signed_well) {
      // On its way while the clock was set: refused, and told again.
      const auto why = signed_well.error();
      if (why != exchange::signature_fault::too_old && why != exchange::signature_fault::too_new)
        parts_.books.add_breach(*message_id + ": not signed as agreed");
      co_return reply(401);
    }
    const auto how = treat(*message_id);
    if (!acts(how)) co_return refusal(how);
    co_return co_await spoilt(hear(*message_id, request), how);
  }
  const auto how = treat(request.target);
  if (!acts(how)) co_return refusal(how);
  const auto& pull = parts_.config.inbound().pull();
  const auto& list_url = parts_.config.reconciliation().list_url();
  if (!pull.url().empty() && request.path == path_of_url(pull.url())) {
    co_return co_await spoilt(page(value_of(request, name_of_parameter(pull.url(), "cursor")),
                                   value_of(request, name_of_parameter(pull.url(), "limit"))),
                              how);
  }
  if (!list_url.empty() && request.path == path_of_url(list_url))
    co_return co_await spoilt(list(value_of(request, name_of_parameter(list_url, "day"))), how);
  co_return reply(404);
}

asio::awaitable<net::response> partner_door::spoilt(net::response good, mischief how) {
  switch (how) {
    case mischief::done_then_error: co_return reply(500, "broken");
    case mischief::done_then_late: {
      asio::steady_timer timer(co_await asio::this_coro::executor, parts_.late);
      co_await timer.async_wait(asio::use_awaitable);
      break;
    }
    case mischief::done_then_cut: good.headers.emplace_back(line_field, line_cut); break;
    case mischief::done_then_slowly: good.headers.emplace_back(line_field, line_slow); break;
    case mischief::done_then_garbage: good.body = "<a><b></a>{\"code\":"; break;
    case mischief::done_then_wrong_charset: good.body = "\xC4\xE3\x80\xFF" + good.body; break;
    default: break;
  }
  co_return good;
}

net::response partner_door::hear(const std::string& message_id, const net::request& request) {
  auto told = parts_.tongue.read_told(request.body);
  if (!told) {
    parts_.books.add_breach(message_id + ": " + told.error());
    auto no = parts_.tongue.answer(exchange::answer_kind::refused, told.error(), {});
    return reply(200, std::move(no.body), std::move(no.content_type));
  }
  if (parts_.declines && parts_.declines(*told)) {
    parts_.books.decline(message_id);
    auto no = parts_.tongue.answer(exchange::answer_kind::refused, "不予受理", {});
    return reply(200, std::move(no.body), std::move(no.content_type));
  }
  const auto heard = parts_.books.hear(message_id, *told, parts_.now());
  const bool is_news = heard.how == ledger::hearing::news;
  auto yes =
      parts_.tongue.answer(is_news ? exchange::answer_kind::ok : exchange::answer_kind::duplicate,
                           "ok", heard.external_no);
  if (is_news) parts_.heard(*told, heard.external_no);
  return reply(200, std::move(yes.body), std::move(yes.content_type));
}

net::response partner_door::page(const std::string& cursor, const std::string& limit) {
  const auto& all = parts_.pages;
  const std::size_t begin = std::min(number_of(cursor, 0), all.size());
  const std::size_t end = std::min(begin + number_of(limit, page_size), all.size());
  const bool repeats = begin > 0 && end > begin && parts_.mischief.happens(cursor, page_repeats);
  const auto events =
      std::span(all).subspan(begin - (repeats ? 1 : 0), end - begin + (repeats ? 1 : 0));
  pulled_ = begin;
  ++pages_given_;
  return reply(200, parts_.tongue.write(events, fmt::format("{}", end)), "text/xml");
}

net::response partner_door::list(const std::string& day) {
  std::vector<partner_tongue::listed> of_day;
  for (const auto& [no, entry] : parts_.books.tickets())
    if (entry.day == day) of_day.push_back({no, entry.state});
  return reply(200, parts_.tongue.write_list(of_day), "application/json");
}

net::response partner_door::file(std::string_view name) {
  return reply(200, file_content(name), "application/octet-stream");
}

}  // namespace hotline::test
