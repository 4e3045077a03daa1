#include "tests/partner/ledger.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "common/exchange/date_format.hpp"

namespace hotline::test {
namespace {

std::string day_of(instant now) { return exchange::write_date(now, "yyyy-MM-dd"); }

/// A message is called "<ticket>:<version>"; 0 where it has another name.
std::int64_t version_of(std::string_view message_id) {
  std::int64_t version = 0;
  const std::string_view digits = message_id.substr(message_id.rfind(':') + 1);
  std::from_chars(digits.data(), digits.data() + digits.size(), version);
  return version;
}

}  // namespace

int book_entry::count_told(v1::PartnerEventKind kind) const {
  return static_cast<int>(std::ranges::count(told, kind, &v1::PartnerEvent::kind));
}

book_entry& ledger::entry_of(const v1::PartnerEvent& event, std::string_view message_id,
                             instant now) {
  std::string number = event.external_no();
  if (event.kind() == v1::PARTNER_EVENT_KIND_CREATE) {
    number = prefix_ + std::string(message_id);
    std::ranges::replace(number, ':', '-');
  }
  const auto [place, added] = tickets_.try_emplace(number);
  book_entry& entry = place->second;
  if (added) {
    entry.external_no = number;
    entry.from_hotline = true;
    entry.day = day_of(now);
    if (event.kind() != v1::PARTNER_EVENT_KIND_CREATE)
      add_breach(fmt::format("{}: told of ticket '{}', which nobody has made", message_id, number));
  }
  return entry;
}

ledger::heard ledger::hear(std::string_view message_id, const v1::PartnerEvent& event,
                           instant now) {
  const std::string content = event.SerializeAsString();
  if (const auto known = messages_.find(message_id); known != messages_.end()) {
    ++repetitions_;
    if (known->second.content != content)
      add_breach(fmt::format("{}: repeated with another content", message_id));
    return {hearing::repeated, known->second.external_no};
  }
  book_entry& entry = entry_of(event, message_id, now);
  if (entry.ticket_no.empty()) entry.ticket_no = event.ticket_no();
  if (entry.ticket_no != event.ticket_no())
    add_breach(fmt::format("{}: {} is {} and not {}", message_id, entry.external_no,
                           entry.ticket_no, event.ticket_no()));
  const std::int64_t version = version_of(message_id);
  if (version == 0 || version <= entry.told_version)
    add_breach(fmt::format("{}: told behind version {}", message_id, entry.told_version));
  entry.told_version = version;
  entry.told.push_back(event);
  if (!event.state().empty() && !entry.ended) entry.state = event.state();
  messages_.emplace(message_id, message{content, entry.external_no});
  return {hearing::news, entry.external_no};
}

void ledger::forget_last(const std::string& external_no) {
  book_entry& entry = tickets_.at(external_no);
  std::erase_if(messages_, [&](const auto& one) {
    return one.second.external_no == external_no && version_of(one.first) == entry.told_version;
  });
  entry.told.pop_back();
  entry.told_version = 0;
  for (const auto& [id, one] : messages_)
    if (one.external_no == external_no)
      entry.told_version = std::max(entry.told_version, version_of(id));
  entry.ended = false;
  for (const auto& told : entry.told)
    if (!told.state().empty()) entry.state = told.state();
}

void ledger::say(v1::PartnerEvent& event, instant now) {
  book_entry& entry = tickets_[event.external_no()];
  if (entry.day.empty()) entry.day = day_of(now);
  entry.external_no = event.external_no();
  event.set_sequence(++entry.said_sequence);
  if (event.serial().empty())
    event.set_serial(fmt::format("{}-{}", event.external_no(), entry.said_sequence));
  entry.said.push_back(event.kind());
}

void ledger::learn_number(const std::string& external_no, const std::string& ticket_no) {
  if (ticket_no.empty()) return;
  book_entry& entry = tickets_[external_no];
  if (entry.ticket_no.empty()) entry.ticket_no = ticket_no;
  if (entry.ticket_no != ticket_no)
    add_breach(fmt::format("{} became {} and {}", external_no, entry.ticket_no, ticket_no));
}

void ledger::set_final_state(const std::string& external_no, std::string state) {
  book_entry& entry = tickets_[external_no];
  entry.state = std::move(state);
  entry.ended = true;
}

}  // namespace hotline::test
