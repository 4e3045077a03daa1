#include "services/hotline/service_metrics.hpp"

#include <fmt/core.h>

#include <initializer_list>
#include <string>
#include <utility>

#include "common/domain/reaction.hpp"

namespace hotline::program {
namespace {

template <class Value>
struct row {
  std::string name;
  std::string help;
  const Value& value;
};

void add_counters(gateway::metrics& shown, std::initializer_list<row<runtime::counter>> rows) {
  for (const auto& [name, help, value] : rows)
    shown.add(
        {name, help, true, [&counted = value] { return static_cast<double>(counted.load()); }});
}

void add_gauges(gateway::metrics& shown,
                std::initializer_list<row<std::atomic<std::int64_t>>> rows) {
  for (const auto& [name, help, value] : rows)
    shown.add(
        {name, help, false, [&counted = value] { return static_cast<double>(counted.load()); }});
}

/// The gateway's metrics know single numbers; a histogram is shown as its cumulated buckets.
void add_histogram(gateway::metrics& shown, const std::string& name, const std::string& help,
                   const runtime::histogram& values) {
  for (std::size_t i = 0; i < runtime::histogram::bounds_ms.size(); ++i) {
    shown.add({fmt::format("{}_le_{}_ms_total", name, runtime::histogram::bounds_ms[i]), help, true,
               [&values, i] { return static_cast<double>(values.up_to(i)); }});
  }
  shown.add(
      {name + "_total", help, true, [&values] { return static_cast<double>(values.count()); }});
  shown.add({name + "_sum_ms_total", help, true,
             [&values] { return static_cast<double>(values.sum_ms()); }});
}

void add_reader(gateway::metrics& shown, const std::string& group,
                const runtime::reactor_counters& reader) {
  const auto name = [&](std::string_view what) {
    return fmt::format("hotline_{}_{}_total", group, what);
  };
  add_counters(shown, {{name("events"), "Events read, redeliveries included.", reader.events},
                       {name("handled"), "Events handled.", reader.handled},
                       {name("retries"), "Events put off and tried again.", reader.retries},
                       {name("buried"), "Events moved to the dead letters.", reader.buried},
                       {name("lost"), "Events that vanished before they were handled. Alarm.",
                        reader.lost}});
  add_histogram(shown, fmt::format("hotline_{}_lag", group),
                "From the commit of an event to the end of its handling.", reader.lag);
}

void add_groups(gateway::metrics& shown,
                const std::map<std::string, runtime::group_gauges>& groups) {
  for (const auto& [group, gauge] : groups) {
    const auto name = [&](std::string_view what) {
      return fmt::format("hotline_outbox_{}_{}", group, what);
    };
    add_gauges(shown, {{name("lag"), "Events not handed out yet.", gauge.lag},
                       {name("pending"), "Events handed out and not finished.", gauge.pending},
                       {name("dead"), "Events in the dead letters. Alarm.", gauge.dead},
                       {name("lost"), "Events trimmed before they were seen. Alarm.", gauge.lost}});
  }
}

void add_streams(gateway::metrics& shown, const runtime::stream_gauges& streams) {
  add_gauges(shown, {{"hotline_outbox_entries", "Entries of all outboxes.", streams.entries}});
  add_counters(
      shown,
      {{"hotline_outbox_missed_total",
        "Events found missing from an outbox or a lane before everybody saw them. Alarm.",
        streams.missed},
       {"hotline_outbox_restored_total",
        "Events brought back into an outbox or a lane from the histories.", streams.restored}});
  add_groups(shown, streams.groups);
  add_groups(shown, streams.lanes);
}

void add_sla(gateway::metrics& shown, const sla::sla_counters& counters) {
  add_counters(
      shown,
      {{"hotline_sla_ticks_total", "Tickets on which deadlines fired.", counters.ticks},
       {"hotline_sla_overtaken_total", "Due tickets somebody else settled first.",
        counters.overtaken},
       {"hotline_sla_failures_total", "Ticks that failed and are tried again. Alarm.",
        counters.failures},
       {"hotline_sla_clock_steps_total", "Steps of the wall clock. Alarm.", counters.clock_steps}});
  shown.add({"hotline_sla_holding", "1: deadlines are held until the time is confirmed.", false,
             [&counters] { return counters.holding ? 1.0 : 0.0; }});
  add_histogram(shown, "hotline_sla_lateness", "From the due instant to the commit.",
                counters.lateness);
}

void add_audit(gateway::metrics& shown, const audit::audit_counters& counters) {
  add_counters(
      shown,
      {{"hotline_audit_events_total", "Events and records sealed.", counters.events},
       {"hotline_audit_entries_total", "Entries appended to the audit chains.", counters.entries},
       {"hotline_audit_overtaken_total", "Entries another sealer appended first.",
        counters.overtaken},
       {"hotline_audit_failures_total", "Seals or heads not written. Alarm.", counters.failures},
       {"hotline_audit_heads_total", "Heads of chains signed outside Redis.", counters.heads},
       {"hotline_audit_set_back_total", "Chains that are not what was signed or seen. Alarm.",
        counters.set_back}});
}

void add_live(gateway::metrics& shown, const gateway::live::live_counters& live) {
  add_gauges(shown, {{"hotline_live_sockets", "Live clients connected.", live.sockets}});
  add_counters(
      shown,
      {{"hotline_live_messages_total", "Messages queued to live clients.", live.messages},
       {"hotline_live_resyncs_total", "Live clients told to load again.", live.resyncs},
       {"hotline_live_slow_total", "Live clients whose full queue was dropped.", live.slow},
       {"hotline_live_gaps_total", "Events trimmed before live push saw them. Alarm.", live.gaps}});
}

void add_feeds(gateway::metrics& shown, const gateway::feed_counters& feeds) {
  add_counters(
      shown,
      {{"hotline_feed_taken_total", "Items partners pushed that were taken in.", feeds.taken},
       {"hotline_feed_duplicates_total", "Items partners pushed again.", feeds.duplicates},
       {"hotline_feed_other_content_total", "Items whose number came before with another content.",
        feeds.other_content},
       {"hotline_feed_not_mapped_total", "Items that wait for a person.", feeds.not_mapped},
       {"hotline_feed_unsigned_total", "Pushes without a good signature.", feeds.unsigned_}});
}

}  // namespace

service_counters::service_counters() {
  for (const auto lane : domain::reaction_lanes) streams.lanes[std::string(lane)];
}

void add_metrics(gateway::metrics& shown, const service_counters& counters,
                 std::function<double()> redis_restarts) {
  add_counters(shown, {{"hotline_leaked_exceptions_total", "Tasks ended by an exception. Alarm.",
                        counters.tasks.leaked_exceptions}});
  shown.add({"hotline_redis_restarts_total", "Restarts of the embedded Redis.", true,
             std::move(redis_restarts)});
  add_reader(shown, "dispatch", counters.dispatch_reader);
  add_reader(shown, "escalation", counters.escalation_reader);
  add_reader(shown, "transfer", counters.transfer_reader);
  add_counters(
      shown,
      {{"hotline_dispatch_dispatched_total", "Tickets sent to a unit.",
        counters.dispatch.dispatched},
       {"hotline_recalculation_looked_at_total",
        "Tickets looked at after a change of calendar or rules about time.",
        counters.recalculation.looked_at},
       {"hotline_recalculation_moved_total", "Tickets whose clocks it moved.",
        counters.recalculation.moved},
       {"hotline_merge_listed_total",
        "Merged tickets put on their main ticket's list, or taken off.", counters.merges.listed},
       {"hotline_merge_followed_total", "Merged tickets ended with their main ticket.",
        counters.merges.followed},
       {"hotline_merge_refused_total", "Merged tickets no main ticket lists.",
        counters.merges.refused},
       {"hotline_dispatch_left_to_desk_total", "Tickets left to a dispatcher.",
        counters.dispatch.left_to_desk},
       {"hotline_escalation_escalated_total", "Tickets moved up.", counters.escalation.escalated}});
  add_sla(shown, counters.sla);
  add_audit(shown, counters.audit);
  add_streams(shown, counters.streams);
  add_live(shown, counters.live);
  add_feeds(shown, counters.feeds);
}

}  // namespace hotline::program
