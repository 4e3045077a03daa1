#include "common/runtime/service_check.hpp"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <string>
#include <string_view>

#include <fmt/core.h>

#include "common/domain/citizen.hpp"

namespace hotline::runtime {
namespace {

namespace pb = google::protobuf;
using mistakes = std::vector<domain::config_mistake>;

constexpr int port_max = 65535;
constexpr int seal_interval_max_ms = 800;
// Fewer refusals a minute happen to honest people; more than the last are no limit.
constexpr int refusals_min = 10;
constexpr int refusals_max = 100'000;
// What RefusalSettings says of 0.
constexpr int user_refusals_default = 60;
constexpr int address_refusals_default = 600;
constexpr std::string_view log_levels[] = {"trace", "debug", "info", "warn", "error"};

/// No number of the settings may be negative: zero already means "default".
void refuse_negative(const pb::Message& message, const std::string& prefix, mistakes& found) {
  const pb::Reflection* look = message.GetReflection();
  std::vector<const pb::FieldDescriptor*> set;
  look->ListFields(message, &set);
  for (const pb::FieldDescriptor* field : set) {
    if (field->is_repeated()) continue;
    const std::string path = prefix.empty() ? field->name() : prefix + "." + field->name();
    if (field->cpp_type() == pb::FieldDescriptor::CPPTYPE_MESSAGE)
      refuse_negative(look->GetMessage(message, field), path, found);
    else if (field->cpp_type() == pb::FieldDescriptor::CPPTYPE_INT32 &&
             look->GetInt32(message, field) < 0)
      found.push_back({path, fmt::format("'{}' cannot be negative", field->name())});
  }
}

/// 公众渠道: who may hand in for citizens, by which ways.
void check_intake(const v1::IntakeSettings& intake, mistakes& found) {
  const std::string& url = intake.captcha_url();
  if (!url.empty() && !url.starts_with("http://"))
    found.push_back({"intake.captcha_url", "the captcha service is asked by plain http://"});
  for (int i = 0; i < intake.channels_size(); ++i) {
    const v1::IntakeChannel& channel = intake.channels(i);
    const std::string path = fmt::format("intake.channels[{}]", i);
    const auto same = [&](const v1::IntakeChannel& other) {
      return other.user() == channel.user();
    };
    if (channel.user().empty())
      found.push_back({path + ".user", "a channel is a user: name it"});
    else if (std::count_if(intake.channels().begin(), intake.channels().end(), same) > 1)
      found.push_back({path + ".user", fmt::format("'{}' is there twice", channel.user())});
    if (channel.sources().empty())
      found.push_back({path + ".sources", "a channel hands in by one source at least"});
    for (const int source : channel.sources())
      if (!domain::is_public_source(static_cast<v1::Source>(source)))
        found.push_back({path + ".sources",
                         "not the source of a public channel: WEB, QLGH, "
                         "CHATBOT, KIOSK and SOCIAL_MEDIA are"});
    if (channel.captcha() && url.empty())
      found.push_back({path + ".captcha", "there is no captcha_url to ask"});
  }
}

void check_refusals(const v1::RefusalSettings& settings, mistakes& found) {
  const auto check = [&](std::string_view field, int set) {
    if (set == 0 || (set >= refusals_min && set <= refusals_max)) return;
    found.push_back({fmt::format("refusals.{}", field),
                     fmt::format("{} to {} refusals a minute", refusals_min, refusals_max)});
  };
  check("user_per_minute_max", settings.user_per_minute_max());
  check("address_per_minute_max", settings.address_per_minute_max());
  const int user =
      settings.user_per_minute_max() != 0 ? settings.user_per_minute_max() : user_refusals_default;
  const int address = settings.address_per_minute_max() != 0 ? settings.address_per_minute_max()
                                                             : address_refusals_default;
  if (user > address) {
    found.push_back(
        {"refusals", fmt::format("an address ({}) bears no less than one user ({}): many users may "
                                 "share it",
                                 address, user)});
  }
}

}  // namespace

mistakes check_services(const v1::ServiceSettings& settings) {
  mistakes found;
  refuse_negative(settings, "", found);
  if (settings.redis().server_case() == v1::RedisSettings::SERVER_NOT_SET)
    found.push_back({"redis",
                     "no Redis is named: write embedded {}, unix_socket or address in "
                     "services.redis"});
  if (settings.gateway().port() > port_max)
    found.push_back({"gateway.port", fmt::format("a port is at most {}", port_max)});
  // What a mistake here would make too weak, or impossible to fulfil (OWASP ASVS 5.0, 6.2.1).
  const v1::PasswordPolicy& password = settings.identity().password();
  if (password.length_min() != 0 && (password.length_min() < 8 || password.length_min() > 64))
    found.push_back({"identity.password.length_min", "a password has at least 8 to 64 characters"});
  if (password.classes_min() > 4)
    found.push_back({"identity.password.classes_min", "there are four classes of characters"});
  if (settings.audit().seal_interval_ms() > seal_interval_max_ms)
    found.push_back(
        {"audit.seal_interval_ms",
         fmt::format("everything is sealed within a second: at most {} ms", seal_interval_max_ms)});
  check_intake(settings.intake(), found);
  check_refusals(settings.refusals(), found);
  const std::string& level = settings.log_level();
  if (!level.empty() &&
      std::find(std::begin(log_levels), std::end(log_levels), level) == std::end(log_levels))
    found.push_back({"log_level", fmt::format("'{}' is no log level: use trace, debug, info, warn "
                                              "or error",
                                              level)});
  return found;
}

}  // namespace hotline::runtime
