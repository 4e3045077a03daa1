// The values of the Redis room: commands, replies, endpoints, error replies.
#include <doctest/doctest.h>

#include <string>

#include "common/redis/command.hpp"
#include "common/redis/endpoint.hpp"
#include "common/redis/reply.hpp"
#include "common/redis/reply_error.hpp"

using namespace hotline;
using namespace hotline::redis;
using namespace std::string_literals;

TEST_CASE("a command is written as RESP, with lengths instead of delimiters") {
  CHECK(command("PING").wire() == "*1\r\n$4\r\nPING\r\n");
  CHECK(command("SET", "k", "a\r\n\0b"s).wire() ==
        "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\na\r\n\0b\r\n"s);
  CHECK(command("SET", "k", "").wire() == "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$0\r\n\r\n");
}

TEST_CASE("a command takes integers of every width") {
  const command cmd("X", -1, std::int64_t{-9'223'372'036'854'775'807LL - 1},
                    std::uint64_t{18'446'744'073'709'551'615ULL}, std::uint8_t{255});
  const auto words = cmd.arguments();
  REQUIRE(words.size() == 5);
  CHECK(words[1] == "-1");
  CHECK(words[2] == "-9223372036854775808");
  CHECK(words[3] == "18446744073709551615");
  CHECK(words[4] == "255");
}

TEST_CASE("a command grows, and its head follows") {
  command cmd("XDEL", "s");
  for (int i = 0; i < 1000; ++i) cmd.add(i);
  CHECK(cmd.argument_count() == 1002);
  CHECK(cmd.wire().starts_with("*1002\r\n$4\r\nXDEL\r\n"));
  CHECK(cmd.arguments().back() == "999");
  CHECK(cmd.verb() == "XDEL");
}

TEST_CASE("verbs that would stop or change a shared connection are known") {
  CHECK(command("blpop", "k", 1).unfit_for_sharing());
  CHECK(command("SUBSCRIBE", "c").unfit_for_sharing());
  CHECK(command("MONITOR").unfit_for_sharing());
  CHECK(command("XREADGROUP", "GROUP", "g", "c", "block", 5, "STREAMS", "s", ">")
            .unfit_for_sharing());
  CHECK_FALSE(command("XREADGROUP", "GROUP", "g", "c", "STREAMS", "s", ">").unfit_for_sharing());
  CHECK_FALSE(command("WAIT", 1, 100).unfit_for_sharing());
  CHECK_FALSE(command("BITCOUNT", "k").unfit_for_sharing());
}

TEST_CASE("a reply answers by its kind, and neutrally otherwise") {
  const reply nil;
  CHECK(nil.is_nil());
  CHECK(nil.integer() == 0);
  CHECK(nil.string().empty());
  CHECK(nil.array().empty());
  CHECK(nil.at(3).at(4).is_nil());

  CHECK(reply::of_integer(-7).integer() == -7);
  CHECK(reply::of_string("a\0b"s).string() == "a\0b"s);
  CHECK(reply::of_error("ERR x").is_error());
  CHECK(reply::of_error("ERR x").string() == "ERR x");

  auto list = reply::of_array({reply::of_integer(1), reply::of_string("x"), reply()});
  CHECK(list.size() == 3);
  CHECK(list.at(1).string() == "x");
  CHECK(list.integer() == 0);
  auto items = list.take_array();
  CHECK(items.size() == 3);
  CHECK(list.array().empty());
  CHECK(items[1].take_string() == "x");
  CHECK(items[1].string().empty());
}

TEST_CASE("an error reply becomes the failure its code asks for") {
  for (const char* text :
       {"LOADING Redis is loading the dataset in memory", "MASTERDOWN Link with MASTER is down",
        "TRYAGAIN Multiple keys", "CLUSTERDOWN The cluster is down"}) {
    CHECK(failure_of_error_reply(text).code == errc::unavailable);
  }
  for (const char* text :
       {"OOM command not allowed when used memory > 'maxmemory'.",
        "MISCONF Redis is configured to save", "NOREPLICAS Not enough", "READONLY You can't write",
        "BUSY Redis is busy", "UNKILLABLE Sorry", "ERR Function not found", "LOADINGX", ""}) {
    CHECK(failure_of_error_reply(text).code == errc::refused);
    CHECK(failure_of_error_reply(text).detail == text);
  }
  CHECK(is_error_reply(failure_of_error_reply("NOGROUP No such key"), "NOGROUP"));
  CHECK_FALSE(is_error_reply(failure_of_error_reply("NOGROUPS"), "NOGROUP"));
  CHECK_FALSE(is_error_reply({errc::outcome_unknown, "NOGROUP x"}, "NOGROUP"));
}

TEST_CASE("arguments that Redis quotes in an error do not reach the detail") {
  const auto f =
      failure_of_error_reply("ERR unknown command 'FOO', with args beginning with: '13800000000' ");
  CHECK(f.detail == "ERR unknown command 'FOO'");
}

TEST_CASE("an endpoint is a socket path that fits or a numeric address with a port") {
  CHECK(validate(endpoint::unix_socket("/run/redis.sock")));
  CHECK(validate(endpoint::unix_socket(std::string(107, 'a'))));
  CHECK(validate(endpoint::unix_socket(std::string(108, 'a'))).error().code == errc::misconfigured);
  CHECK(validate(endpoint::tcp("127.0.0.1", 6379)));
  CHECK(validate(endpoint::tcp("::1", 6379)));
  CHECK(validate(endpoint::tcp("localhost", 6379)).error().code == errc::misconfigured);
  CHECK(validate(endpoint::tcp("127.0.0.1", 0)).error().code == errc::misconfigured);
  CHECK(to_string(endpoint::tcp("127.0.0.1", 6379)) == "tcp:127.0.0.1:6379");
}
