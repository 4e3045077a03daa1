// Asking a partner for what is new: page by page, signed, nothing passed over and nothing twice.
#include "services/transfer/puller.hpp"

#include <boost/asio/co_spawn.hpp>
#include <deque>
#include <utility>

#include "tests/unit/transfer/inlet_kit.hpp"

namespace hotline::test {
namespace {

using names = std::vector<std::string>;

constexpr const char* way =
    "pull { url: '/list?after={cursor}&n={limit}' every: '5min' first_cursor: 'a&b' "
    "next_cursor: 'next' limit: 2 }";

std::optional<std::string> secret(std::string_view file) {
  return file == "small.key" ? std::optional<std::string>("secret") : std::nullopt;
}

std::string next(const std::string& cursor) { return R"(,"next":")" + cursor + "\""; }

struct pull_fixture : inlet_kit {
  pull_fixture() : inlet_kit(way) {
    partner().answer = [this](net::request asked) -> boost::asio::awaitable<net::response> {
      cursors.push_back(*asked.query_value("after"));
      if (answers.empty()) co_return answer_of(200, document_of({}));
      auto answer = std::move(answers.front());
      answers.pop_front();
      co_return answer;
    };
  }
  ~pull_fixture() { stop(); }

  void page(const std::vector<std::string>& messages, const std::string& more) {
    answers.push_back(answer_of(200, document_of(messages, more)));
  }
  void start(exchange::secret_source secrets = secret) {
    pulling = std::make_unique<transfer::puller>(redis.context, link(), intake_of(link()),
                                                 std::move(secrets), clock,
                                                 transfer::puller_options{}, quiet_log());
    ++running;
    boost::asio::co_spawn(redis.context, pulling->run(stopping), [this](std::exception_ptr leaked) {
      CHECK_FALSE(leaked);
      --running;
    });
  }
  void stop() {
    stopping.raise();
    run_until(redis.context, [this] { return running == 0; });
  }
  /// Until it has asked so often: all answers but the last are dealt with then.
  void asked(std::size_t times) {
    run_until(redis.context, [&] { return cursors.size() >= times; });
  }
  /// Moves the clock until it asks once more, which is not before the next round.
  void next_round() {
    const auto so_far = cursors.size();
    const auto begun = clock.now();
    run_until(redis.context, [&] {
      if (cursors.size() == so_far) CHECK(clock.set(clock.now() + std::chrono::minutes(1), 0));
      return cursors.size() > so_far;
    });
    CHECK(clock.now() - begun >= std::chrono::minutes(5));
  }
  std::string cursor() { return *run(link().feed.cursor()); }

  names cursors;  ///< that were asked from
  std::deque<net::response> answers;
  runtime::stop_signal stopping{redis.context.get_executor()};
  std::unique_ptr<transfer::puller> pulling;
  int running = 0;
};

TEST_CASE("page after page from the first cursor on, then again when its time has come") {
  pull_fixture f;
  f.page({urge("A1", "1"), urge("A2", "1")}, next("c1"));
  f.page({urge("A3", "1")}, next("c2"));
  f.start();
  f.asked(3);
  CHECK(f.cursors == names{"a&b", "c1", "c2"});
  CHECK(f.partner().asked[0].target == "/list?after=a%26b&n=2");
  CHECK(f.cursor() == "c2");
  for (const char* no : {"A1", "A2", "A3"}) CHECK(f.waiting(no) == 1);
  f.page({urge("A4", "1")}, next("c3"));
  f.next_round();
  f.asked(5);
  CHECK(f.cursors == names{"a&b", "c1", "c2", "c2", "c3"});
  CHECK(f.waiting("A4") == 1);
}

TEST_CASE("who starts anew goes on where the last page ended") {
  pull_fixture f;
  REQUIRE(f.run(f.link().feed.put({{}, {}, store::cursor_step{"", "c7"}}, f.clock.now(),
                                  milliseconds(300'000))));
  f.start();
  f.asked(1);
  CHECK(f.cursors == names{"c7"});
}

TEST_CASE("a last page that names no cursor is asked for again, and counts once") {
  for (const char* more : {"", R"(,"next":"")", R"(,"next":"a&b")", R"(,"next":{})"}) {
    CAPTURE(more);
    pull_fixture f;
    f.page({urge("A1", "1")}, more);
    f.page({urge("A1", "1"), urge("A1", "2")}, more);
    f.start();
    f.asked(1);
    run_until(f.redis.context, [&] { return f.waiting("A1") == 1; });
    f.next_round();
    run_until(f.redis.context, [&] { return f.waiting("A1") == 2; });
    CHECK(f.cursors == names{"a&b", "a&b"});
    CHECK(f.reviews().empty());
  }
}

TEST_CASE("a page that is not there is asked for again; what is wrong is known") {
  for (const int status : {500, 302, 404}) {
    CAPTURE(status);
    pull_fixture f;
    f.answers.push_back(answer_of(status, document_of({urge("A1", "1")}, next("c1"))));
    f.start();
    f.asked(1);
    run_until(f.redis.context, [&] { return f.link().counters.pull_failures == 1; });
    CHECK(f.link().counters.pulled_at == 0);
    CHECK(f.link().counters.pull_failure.get().find(std::to_string(status)) != std::string::npos);
    f.page({urge("A1", "1")}, next("c1"));
    f.next_round();
    f.asked(3);
    CHECK(f.cursors == names{"a&b", "a&b", "c1"});
    CHECK(f.waiting("A1") == 1);
    CHECK(f.reviews().empty());
    CHECK(f.link().counters.pull_failures == 0);
    CHECK(f.link().counters.pulled_at > 0);
  }
}

TEST_CASE(
    "a page that cannot be read stays where it is, and is for a person, once: when it stays so") {
  for (const std::string body : {R"({"list":[)", "", "[]", "\xff\xff"}) {
    CAPTURE(body);
    pull_fixture f;
    f.answers.push_back(answer_of(200, body));
    // The same trouble in other bytes, as of a page with the time in it.
    for (int round = 2; round <= 6; ++round) f.answers.push_back(answer_of(200, body + " "));
    f.start();
    f.asked(1);
    for (int round = 1; round <= 6; ++round) {
      run_until(f.redis.context, [&] { return f.link().counters.pull_failures == round; });
      CHECK(f.reviews().size() == (round < 5 ? 0 : 1));
      if (round < 6) f.next_round();
    }
    const auto reviews = f.reviews();
    REQUIRE(reviews.size() == 1);
    CHECK(reviews[0].review.reason() == v1::REVIEW_REASON_DOCUMENT);
    CHECK(reviews[0].review.item().original() == body + " ");
    CHECK_FALSE(reviews[0].review.text().empty());
    f.page({urge("A1", "1")}, next("c1"));
    f.next_round();
    f.asked(8);
    CHECK(f.cursors == names{"a&b", "a&b", "a&b", "a&b", "a&b", "a&b", "a&b", "c1"});
    CHECK(f.waiting("A1") == 1);
    CHECK(f.link().counters.pull_failures == 0);
  }
}

TEST_CASE("one message of a page that cannot be mapped is for a person, and holds up no other") {
  pull_fixture f;
  f.page({R"({"event":"what","no":"A1"})", urge("A2", "1")}, next("c1"));
  f.start();
  f.asked(2);
  CHECK(f.cursor() == "c1");
  CHECK(f.waiting("A2") == 1);
  CHECK(f.reviews().size() == 1);
}

TEST_CASE("a page whose cursor another process has moved is not taken in twice") {
  pull_fixture f;
  store::exchange_feed other(*f.redis.client, f.link().vault, "small", f.guard.data_set());
  f.page({urge("A1", "1")}, next("c1"));
  bool moved = false;
  // While the answer is on its way, the other one takes the same page and the next.
  f.partner().answer =
      [&, plain = f.partner().answer](net::request asked) -> boost::asio::awaitable<net::response> {
    if (!std::exchange(moved, true)) {
      const auto put = co_await other.put({{}, {}, store::cursor_step{"", "c2"}}, f.clock.now(),
                                          milliseconds(300'000));
      CHECK(put);
    }
    co_return co_await plain(std::move(asked));
  };
  f.start();
  f.asked(2);
  CHECK(f.cursors == names{"a&b", "c2"});
  CHECK(f.cursor() == "c2");
  CHECK(f.waiting("A1") == 0);
}

TEST_CASE("what it asks is signed, and without a key nothing is asked") {
  pull_fixture f;
  f.start();
  f.asked(1);
  const auto& request = f.partner().asked[0];
  const exchange::signed_request what{.method = "GET",
                                      .target = request.target,
                                      .body = {},
                                      .headers = request.headers,
                                      .peer_address = request.peer};
  const auto who = exchange::verify(f.link().partner.config().inbound().signature(), secret, what,
                                    f.clock.now());
  REQUIRE(who);
  CHECK(who->key_id == "k1");

  pull_fixture none;
  none.start([](std::string_view) { return std::optional<std::string>(); });
  for (int looks = 0; looks < 5; ++looks) REQUIRE(none.run(none.link().feed.cursor()));
  none.stop();
  CHECK(none.cursors.empty());
}

}  // namespace
}  // namespace hotline::test
