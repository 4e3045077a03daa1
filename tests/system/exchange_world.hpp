// The hotline and three partners who stand in for real ones: a city platform (JSON, pushed both
// ways), the provincial platform (XML in GB18030, pulled), legal aid (referrals out).
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/domain/province.hpp"
#include "hotline/v1/config.pb.h"
#include "tests/partner/stand_in.hpp"
#include "tests/system/exchange_story.hpp"
#include "tests/system/hotline_fixture.hpp"

namespace hotline::test {

struct exchange_options {
  std::uint64_t seed = 12351;
  double mischief = 0.15;
  double repetition = 0.1;
  /// What the city platform refuses for good.
  std::function<bool(const v1::PartnerEvent& told)> city_declines = {};
};

class exchange_world : public hotline_fixture {
 public:
  explicit exchange_world(exchange_options options = {});

  stand_in& city() { return *city_; }
  stand_in& province() { return *province_; }
  stand_in& legal_aid() { return *legal_aid_; }
  stand_in& of(const std::string& partner);
  std::vector<stand_in*> all() { return {city_.get(), province_.get(), legal_aid_.get()}; }

  /// Starts the server, or starts it again.
  void start();
  /// kill -9, and starts it again.
  void kill_server();
  /// kill -9 of its Redis, which it starts again itself.
  void kill_redis();

  /// What is left of the exchange with a partner: to be applied, to be told, to be looked at.
  struct remains {
    std::int64_t waiting = 0;
    std::int64_t sending = 0;
    std::int64_t dead_letters = 0;
    std::int64_t reviews = 0;
    std::int64_t files = 0;  ///< to be fetched
  };
  remains left_of(const stand_in& partner);

  instant now() const { return now_; }
  /// Virtual time, for everybody at once.
  void advance(milliseconds by);
  /// To the next day at this hour.
  void next_day(int hour);

  /// Until it is so, virtual time going on whenever nothing happens: what failed is repeated after
  /// minutes. Throws when `limit` of real time is over before.
  void settle(const std::string& what, const std::function<bool()>& so);
  void set_limit(std::chrono::seconds limit) { limit_ = limit; }

 private:
  void write_config();
  std::int64_t happened();

  temporary_directory config_directory_;
  v1::HotlineConfig shipped_;
  domain::province land_;
  instant now_;
  std::chrono::seconds limit_{60};
  std::unique_ptr<stand_in> city_;
  std::unique_ptr<stand_in> province_;
  std::unique_ptr<stand_in> legal_aid_;
  std::optional<child_program> server_;
};

}  // namespace hotline::test
