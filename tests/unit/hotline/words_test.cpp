// The words people read: every value has one, and nothing a terminal would obey is among them.
#include "services/hotline/words.hpp"

#include <doctest/doctest.h>
#include <google/protobuf/descriptor.h>

#include <set>

#include "hotline/v1/command.pb.h"
#include "hotline/v1/exchange.pb.h"
#include "services/hotline/partner_words.hpp"
#include "services/hotline/story_text.hpp"
#include "services/hotline/text_table.hpp"
#include "tests/support/small_organisation.hpp"

namespace hotline::program {
namespace {

namespace pb = google::protobuf;

void collect(const pb::Descriptor& type, std::set<const pb::Descriptor*>& seen,
             std::set<const pb::EnumDescriptor*>& found) {
  if (!seen.insert(&type).second) return;
  for (int i = 0; i < type.field_count(); ++i) {
    if (const auto* values = type.field(i)->enum_type()) found.insert(values);
    if (const auto* inner = type.field(i)->message_type()) collect(*inner, seen, found);
  }
}

}  // namespace

TEST_CASE("every value a mapping can give, and every reason on record, has a word") {
  std::set<const pb::Descriptor*> seen;
  std::set<const pb::EnumDescriptor*> all{
      v1::ReturnReason_descriptor(),     v1::RefusalReason_descriptor(),
      v1::SuspensionReason_descriptor(), v1::TerminationReason_descriptor(),
      v1::ItemRefusal_descriptor(),      v1::PartnerStep_descriptor()};
  collect(*v1::PartnerEvent::descriptor(), seen, all);
  for (const auto* values : all) {
    for (int i = 0; i < values->value_count(); ++i) {
      const auto& value = *values->value(i);
      if (value.number() == 0) continue;
      const auto text = values == v1::PartnerEventKind_descriptor()
                            ? std::string(word(static_cast<v1::PartnerEventKind>(value.number())))
                            : value_text(value.name());
      CHECK_MESSAGE(text != value.name(), value.name());
      CHECK_MESSAGE(text != "事件不明", value.name());
    }
  }
  CHECK(value_text("按期付清") == "按期付清");
}

TEST_CASE("a story is told in words") {
  v1::Event event;
  event.mutable_change()->add_requests()->set_reason("RETURN_REASON_INCOMPLETE");
  event.mutable_change()->set_end_reason("REFUSAL_REASON_IN_PETITION");
  CHECK(told_of_change(event, test::small_organisation()) == "要素不全，已进入信访");
  v1::Event moved;
  moved.set_kind(v1::EVENT_KIND_TRANSFERRED);
  auto& transfer = *moved.mutable_change()->add_transfers();
  transfer.set_partner("p-12348");
  CHECK(told_of_change(moved, test::small_organisation()) == "转p-12348");
  transfer.set_by_hand(true);
  CHECK(told_of_change(moved, test::small_organisation()) == "转p-12348（线下移交）");
  v1::Event step;
  step.set_kind(v1::EVENT_KIND_PARTNER_STEP);
  auto& words = *step.mutable_cause()->mutable_record_partner_answer();
  words.set_step(v1::PARTNER_STEP_SUPPLEMENT_ASKED);
  words.set_answer("欠条");
  CHECK(told_of_change(step, test::small_organisation()) == "对方要求补充材料，欠条");
}

TEST_CASE("a terminal is given nothing it would obey") {
  CHECK(printable("工单 a\tb") == "工单 a␉b");
  CHECK(printable(std::string("\0\x1b[31m\n\x7f", 8)) == "␀␛[31m␊␡");
  CHECK(printable("a\u202Eb\u200Bc\uFEFF\u0085") == "a<U+202E>b<U+200B>c<U+FEFF><U+0085>");
  CHECK(printable("a\x9B\xE5\xB7") == "a\uFFFD\uFFFD\uFFFD");
  CHECK(printable("\xE5"
                  "\x1b") == "\uFFFD␛");
  text_table table({"一"});
  table.add({"a\u202E\x1b"});
  CHECK(table.to_text().find("a<U+202E>␛") != std::string::npos);
}

}  // namespace hotline::program
