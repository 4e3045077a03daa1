// Partners, tickets and what is on its way between them, on a fresh redis-server.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/exchange/partner.hpp"
#include "common/runtime/store_kit.hpp"
#include "common/runtime/task_group.hpp"
#include "common/store/attachment_store.hpp"
#include "common/store/file_link.hpp"
#include "services/transfer/partner_link.hpp"
#include "tests/store/store_fixture.hpp"
#include "tests/unit/transfer/stand_in.hpp"

namespace hotline::test {

inline constexpr const char* partner_unit = "p-12345-370800";
inline constexpr const char* other_partner_unit = "p-12348";

/// JSON out and in, told of everything, internal; its messages have `event`, `no`, `ours`, `serial`
/// and `text`.
v1::Partner talkative_partner(const std::string& name = "small",
                              const std::string& unit = partner_unit);

/// Each partner has a server of its own: Outbound.url leads to it, and AttachmentRules.upload_url
/// and Pull.url that begin with "/".
class transfer_fixture : public store_fixture {
 public:
  explicit transfer_fixture(std::vector<v1::Partner> partners = {talkative_partner()});

  /// A ticket the first partner has sent, with this number of theirs; its number.
  std::string sent_in(const std::string& external_no);
  /// A ticket of a caller who agrees to its being shared, handed over to the unit; its number.
  std::string handed_over(const std::string& unit = partner_unit);
  v1::Ticket ticket(const std::string& no) { return **run(tickets->load(no)); }
  std::vector<v1::Event> history(const std::string& no) {
    return *run(tickets->history(no, 1, 99));
  }
  /// Puts a message of `text` about a ticket of its own; its id.
  store::message_id put(transfer::partner_link& link, int serial, std::int64_t version = 1,
                        v1::PartnerEventKind kind = v1::PARTNER_EVENT_KIND_PROGRESS);

  transfer::partner_link& link(std::string_view name = "small") { return *links.find(name); }
  transfer::partner_counters& counted(std::string_view name = "small") {
    return link(name).counters;
  }

  stand_in& partner(std::string_view name = "small") { return servers.find(name)->second; }

  std::map<std::string, stand_in, std::less<>> servers;
  runtime::store_access access;
  runtime::store_kit kit;
  transfer::counters_by_partner counters;
  transfer::partner_links links;
  runtime::task_counters tasks;
  store::file_links file_links{access.keys};
  store::attachment_store files{redis.directory.path() + "/attachments"};
};

}  // namespace hotline::test
