#include "common/domain/personal.hpp"

#include <doctest/doctest.h>
#include <google/protobuf/descriptor.h>

#include <string>
#include <utility>
#include <vector>

using namespace hotline;
namespace pb = google::protobuf;

namespace {

constexpr const char* untouched = "plain";

/// Sets every personal field below a message, lists included; gives how many.
int fill(pb::Message& message, int depth = 0) {
  constexpr int depth_max = 7;
  if (depth > depth_max) return 0;
  const auto* descriptor = message.GetDescriptor();
  const auto* reflection = message.GetReflection();
  int filled = 0;
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const auto* field = descriptor->field(i);
    if (field->options().HasExtension(v1::personal)) {
      reflection->SetString(&message, field, untouched);
      ++filled;
    } else if (field->cpp_type() == pb::FieldDescriptor::CPPTYPE_MESSAGE) {
      // Of a oneof only one can be set: they are tried one after the other by the tests below.
      if (field->real_containing_oneof()) continue;
      filled += fill(field->is_repeated() ? *reflection->AddMessage(&message, field)
                                          : *reflection->MutableMessage(&message, field),
                     depth + 1);
    }
  }
  return filled;
}

int left_plain(const std::string& bytes) {
  int count = 0;
  for (auto at = bytes.find(untouched); at != std::string::npos;
       at = bytes.find(untouched, at + 1)) {
    ++count;
  }
  return count;
}

template <class Message>
void check_all_visited(Message& message, int filled) {
  int visited = 0;
  domain::visit_personal(message, [&](std::string_view path, std::string& value) {
    CHECK_MESSAGE(domain::personal_kind(path) != v1::PERSONAL_UNSPECIFIED, path);
    CHECK(value == untouched);
    value = "~";
    ++visited;
  });
  CHECK(visited == filled);
  CHECK(left_plain(message.SerializeAsString()) == 0);
}

}  // namespace

TEST_CASE("every marked field of a ticket and of an event's change is visited") {
  v1::Ticket ticket;
  const int in_ticket = fill(ticket);
  REQUIRE(in_ticket >= 10);
  check_all_visited(ticket, in_ticket);
  v1::Event event;
  const int in_event = fill(event);
  REQUIRE(in_event >= 10);
  check_all_visited(event, in_event);
}

TEST_CASE("every marked field of every command's words is visited") {
  const auto* bodies = v1::Command::descriptor()->FindOneofByName("body");
  for (int i = 0; i < bodies->field_count(); ++i) {
    v1::Event event;
    auto& cause = *event.mutable_cause();
    auto& body = *cause.GetReflection()->MutableMessage(&cause, bodies->field(i));
    const int filled = fill(body);
    CAPTURE(bodies->field(i)->name());
    check_all_visited(event, filled);
  }
}

TEST_CASE("masks show what the rule allows and no more") {
  using row = std::pair<const char*, const char*>;
  for (const auto& [value, shown] : {row{"张三", "张*"}, row{"欧阳修文", "欧*"}, row{"Li", "L*"}}) {
    CHECK(domain::mask(v1::PERSONAL_NAME, value) == shown);
  }
  for (const auto& [value, shown] :
       {row{"13805310001", "138****0001"}, row{"0531-82345678", "053******5678"},
        row{"12351", "*****"}, row{"110", "****"}}) {
    CHECK(domain::mask(v1::PERSONAL_PHONE, value) == shown);
  }
  CHECK(domain::mask(v1::PERSONAL_IDENTITY_NO, "37088319900101123X") == "3****************X");
  for (const auto& [value, shown] :
       {row{"山东省济宁市邹城市某路一号", "山东省济宁市邹城市****"},
        row{"济南市历下区经十路 1 号", "济南市历下区****"}, row{"某路一号", "****"},
        row{"甲乙丙丁戊己庚辛壬市", "****"}}) {
    CHECK(domain::mask(v1::PERSONAL_ADDRESS, value) == shown);
  }
  CHECK(domain::mask(v1::PERSONAL_NAME, "").empty());
  CHECK(domain::mask(v1::PERSONAL_UNSPECIFIED, "anything") == "****");
}
