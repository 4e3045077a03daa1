#include "common/net/router.hpp"

#include <doctest/doctest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <string>

using namespace hotline::net;
namespace asio = boost::asio;

namespace {

/// Answers with the name of the route and the values of the parameters asked for.
route_handler echo(std::string name, std::vector<std::string> params = {}) {
  return [name, params](request, route_params values) -> asio::awaitable<response> {
    response r;
    r.body = name;
    for (const auto& param : params) r.body += " " + param + "=" + values.at(param);
    co_return r;
  };
}

router make_router() {
  router r;
  const auto add = [&r](method verb, const char* pattern, const char* name,
                        std::vector<std::string> params = {}) {
    r.add(verb, pattern, name, echo(name, std::move(params)));
  };
  add(method::get, "/v1/tickets/{no}", "get", {"no"});
  add(method::patch, "/v1/tickets/{no}", "patch", {"no"});
  add(method::post, "/v1/tickets", "create");
  add(method::get, "/v1/tickets", "list");
  add(method::post, "/v1/tickets/{no}:sign", "sign", {"no"});
  add(method::post, "/v1/tickets/{no}:return", "return", {"no"});
  add(method::get, "/v1/tickets/{no}/history", "history", {"no"});
  add(method::get, "/v1/tickets/search", "search");
  add(method::post, "/v1/feeds/{partner}/events/{id}", "feed", {"partner", "id"});
  add(method::get, "/assets/{path*}", "asset", {"path"});
  add(method::get, "/", "root");
  return r;
}

response ask(const router& r, method verb, const std::string& path) {
  asio::io_context context(1);
  request message;
  message.verb = verb;
  message.path = path;
  response answer;
  asio::co_spawn(context, r.handle(message), [&](std::exception_ptr error, response got) {
    REQUIRE(!error);
    answer = std::move(got);
  });
  context.run();
  return answer;
}

struct row {
  method verb;
  const char* path;
  int status;
  const char* body_or_allow;
};

constexpr row table[] = {
    {method::get, "/", 200, "root"},
    {method::get, "/v1/tickets", 200, "list"},
    {method::post, "/v1/tickets", 200, "create"},
    {method::get, "/v1/tickets/3708-1", 200, "get no=3708-1"},
    {method::head, "/v1/tickets/3708-1", 200, "get no=3708-1"},
    {method::patch, "/v1/tickets/3708-1", 200, "patch no=3708-1"},
    {method::get, "/v1/tickets/工单", 200, "get no=工单"},
    {method::get, "/v1/tickets/search", 200, "search"},
    {method::patch, "/v1/tickets/search", 200, "patch no=search"},
    {method::post, "/v1/tickets/3708-1:sign", 200, "sign no=3708-1"},
    {method::post, "/v1/tickets/3708-1:return", 200, "return no=3708-1"},
    {method::get, "/v1/tickets/3708-1/history", 200, "history no=3708-1"},
    {method::post, "/v1/feeds/12345/events/a b", 200, "feed partner=12345 id=a b"},
    {method::get, "/assets/js/app.js", 200, "asset path=js/app.js"},
    {method::get, "/assets/", 200, "asset path="},
    {method::get, "/assets", 404, ""},
    {method::get, "/v1", 404, ""},
    {method::get, "/v1/tickets/", 404, ""},
    {method::get, "/v1/tickets//history", 404, ""},
    {method::get, "/V1/tickets", 404, ""},
    {method::get, "//v1/tickets", 404, ""},
    {method::post, "/v1/tickets/3708-1:unknown", 404, ""},
    {method::post, "/v1/tickets/3708-1:", 404, ""},
    {method::post, "/v1/tickets/:sign", 404, ""},
    {method::post, "/v1/tickets/a:b:sign", 404, ""},
    {method::get, "/v1/tickets/3708-1:sign", 405, "POST, OPTIONS"},
    {method::delete_, "/v1/tickets/3708-1", 405, "GET, PATCH, OPTIONS, HEAD"},
    {method::put, "/v1/tickets/search", 405, "GET, PATCH, OPTIONS, HEAD"},
    {method::options, "/v1/tickets", 204, "GET, POST, OPTIONS, HEAD"},
    {method::options, "/nowhere", 404, ""},
};

}  // namespace

TEST_CASE("paths find their handlers, or say what they are not") {
  const router r = make_router();
  for (const row& expected : table) {
    CAPTURE(to_string(expected.verb));
    CAPTURE(expected.path);
    const response answer = ask(r, expected.verb, expected.path);
    CHECK(answer.status == expected.status);
    if (answer.status == 200) CHECK(answer.body == expected.body_or_allow);
    const std::string* allow = answer.header("Allow");
    CHECK((allow != nullptr) == (answer.status == 405 || answer.status == 204));
    if (allow != nullptr) CHECK(*allow == expected.body_or_allow);
  }
}

TEST_CASE("routes can be listed in the order they were added") {
  const router r = make_router();
  REQUIRE(r.routes().size() == 11);
  CHECK(r.routes()[0].pattern == "/v1/tickets/{no}");
  CHECK(r.routes()[4].verb == method::post);
  CHECK(r.routes()[4].pattern == "/v1/tickets/{no}:sign");
  CHECK(r.routes()[4].name == "sign");
}

TEST_CASE("a request can be named without being answered") {
  const router r = make_router();
  CHECK(r.match_name(method::post, "/v1/tickets/1:sign") == "sign");
  CHECK(r.match_name(method::head, "/v1/tickets") == "list");
  CHECK(r.match_name(method::delete_, "/v1/tickets").empty());
}
