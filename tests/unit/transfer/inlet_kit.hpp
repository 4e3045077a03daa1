// A partner whose documents are fetched: pages it is asked for, files it drops.
#pragma once

#include <doctest/doctest.h>
#include <google/protobuf/text_format.h>

#include <string>
#include <utility>
#include <vector>

#include "common/runtime/feed_intake.hpp"
#include "tests/unit/transfer/transfer_fixture.hpp"

namespace hotline::test {

/// JSON, its messages in "list"; `way` is the text of Inbound.pull or Inbound.file.
inline v1::Partner fetched_partner(const std::string& way) {
  auto made = talkative_partner();
  REQUIRE(google::protobuf::TextFormat::MergeFromString(way + R"(
      signature { scheme: SIGNATURE_SCHEME_HMAC_SHA256 keys { id: "k1" secret_file: "small.key" } }
      format { syntax: SYNTAX_JSON items: "list" }
      event_path: "event"
      events { kind: PARTNER_EVENT_KIND_CREATE theirs: "new" }
      events { kind: PARTNER_EVENT_KIND_URGE theirs: "urge" }
      fields { theirs: "no" ours: "external_no" required: true }
      fields { theirs: "serial" ours: "serial" required: true }
      fields { theirs: "text" ours: "intake.matter.content" events: [PARTNER_EVENT_KIND_CREATE] }
      fields { theirs: "text" ours: "text" events: [PARTNER_EVENT_KIND_URGE] }
      answer_code_path: "code" answer_ok: "0" answer_refused: "1")",
                                                        made.mutable_inbound()));
  return made;
}

inline std::string urge(const std::string& no, const std::string& serial,
                        const std::string& text = "催办") {
  return R"({"event":"urge","no":")" + no + R"(","serial":")" + serial + R"(","text":")" + text +
         R"("})";
}

/// A document of these messages, and more of its members.
inline std::string document_of(const std::vector<std::string>& messages,
                               const std::string& more = {}) {
  std::string list;
  for (const auto& one : messages) list += (list.empty() ? "" : ",") + one;
  return R"({"list":[)" + list + "]" + more + "}";
}

struct inlet_kit : transfer_fixture {
  explicit inlet_kit(const std::string& way) : transfer_fixture({fetched_partner(way)}) {}

  /// How many messages wait for this ticket of theirs.
  std::size_t waiting(const std::string& external_no) {
    return run(link().feed.waiting(external_no))->items.size();
  }
  std::vector<store::stored_review> reviews() { return run(link().feed.reviews(0, 100))->reviews; }
  runtime::feed_intake intake_of(transfer::partner_link& one) {
    return {one.partner, one.feed, kit.tickets, kit.numbers, access.province};
  }
};

}  // namespace hotline::test
