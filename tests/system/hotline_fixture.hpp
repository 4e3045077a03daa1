// The real program on a data directory of its own, spoken to over HTTP.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/net/http_client.hpp"
#include "tests/support/people.hpp"
#include "tests/support/redis_fixture.hpp"
#include "tests/system/child_program.hpp"

namespace hotline::test {

inline constexpr std::chrono::seconds start_limit{60};

using actor = person;

// People of the shipped province: Jining (370800) and its county Zoucheng (370883).
inline const actor operator_of_province{"hua01", "370000", "ROLE_OPERATOR"};
inline const actor officer{"zou01", "370883", "ROLE_OFFICER"};
inline const actor county_lead{"zou-lead", "370883", "ROLE_LEAD"};
inline const actor city_dispatcher{"jin01", "370800", "ROLE_DISPATCHER"};
inline const actor administrator{"admin", "370000", "ROLE_ADMINISTRATOR"};
inline const actor supervisor_of_province{"sheng01", "370000", "ROLE_SUPERVISOR"};

struct answer {
  int status = 0;
  boost::json::value body;

  /// A member of the answer's object as text; numbers as digits; empty when there is none.
  std::string text(std::string_view member) const;
};

/// Processes of one data directory.
class hotline_fixture {
 public:
  hotline_fixture();

  /// Another configuration than the shipped one, from the next start on.
  void set_config(std::string directory) { config_ = std::move(directory); }

  /// A rehearsal that begins on Wednesday 2026-11-25 at 09:00 and stands still there.
  child_program serve(std::vector<std::string> more = {});
  /// The same as real service.
  child_program serve_live(std::vector<std::string> more = {});
  /// A gateway that says where it listens; calls go there from now on.
  void use(child_program& gateway);

  /// As somebody who is signed in first; status 0 when no answer came.
  answer call(net::method verb, const std::string& target, const actor& who,
              const std::string& body = {}, const std::string& key = {});
  answer get(const std::string& target, const actor& who = supervisor_of_province);
  /// With a fresh Idempotency-Key; repeated with the same key while the answer is 503 or missing.
  answer post(const std::string& target, const actor& who, const std::string& body);

  /// POST /v1/tickets of a complete matter in Zoucheng; the ticket's number.
  std::string create(const std::string& content = "工地拖欠三个月工资",
                     const std::string& more = {});
  /// A command that must succeed.
  answer command(const std::string& no, const std::string& verb, const actor& who,
                 const std::string& body = "{}");
  boost::json::object ticket(const std::string& no);
  std::vector<boost::json::object> history(const std::string& no);
  /// The kinds of events, without their prefix: "ACCEPTED", "DISPATCHED", ...
  std::vector<std::string> story(const std::string& no);
  /// A number of /metrics; throws when there is none of this name.
  double metric(const std::string& name);
  int count_in_story(const std::string& no, const std::string& kind);

  /// Moves the rehearsal's clock.
  void set_clock(const std::string& civil);

  /// Asks until it is so; throws with `what` when it is not within the limit.
  void eventually(const std::string& what, const std::function<bool()>& so,
                  std::chrono::seconds limit = std::chrono::seconds(30));
  void eventually_state(const std::string& no, const std::string& state);

  /// A tool of the program on this data directory: {"verify"}, {"ticket", "show", no}.
  finished tool(std::vector<std::string> words);
  /// What `hotline verify` says; exit code 0 is demanded.
  void verify();

  const std::string& data() const { return data_; }
  /// For sockets beside the calls: of the gateway in use.
  boost::asio::io_context& context() { return context_; }
  std::uint16_t port() const { return port_; }

  /// The same with headers of the test's own.
  answer send(net::method verb, const std::string& target, net::field_list headers,
              const std::string& body = {});

  /// Makes the person where needed and signs them in, once: what a request of theirs carries.
  result<net::field_list> headers_of(const actor& who);
  /// A client of the embedded Redis, for as long as `use` takes.
  result<void> with_redis(const std::function<void(redis::client&)>& use);

 private:
  child_program start(std::vector<std::string> arguments);
  temporary_directory directory_;
  std::string data_;
  std::string config_ = HOTLINE_CONFIG_DIR;
  boost::asio::io_context context_{1};
  std::unique_ptr<net::http_client> client_;
  std::map<std::string, net::field_list> signed_in_;
  std::uint16_t port_ = 0;
  int keys_ = 0;
};

}  // namespace hotline::test
