#include "tests/partner/mirror.hpp"

#include <set>
#include <string>
#include <string_view>

namespace hotline::test {
namespace {

constexpr std::string_view their_number = "external_no";
constexpr std::string_view our_number = "ticket_no";

std::string swapped_number(const std::string& ours) {
  if (ours == their_number) return std::string(our_number);
  if (ours == our_number) return std::string(their_number);
  return ours;
}

/// The last name of "Response.Body.Case".
std::string last_name(const std::string& path) {
  const auto dot = path.rfind('.');
  return dot == std::string::npos ? path : path.substr(dot + 1);
}

v1::Outbound what_they_send(const v1::Inbound& in) {
  v1::Outbound out;
  out.set_url("http://hotline/v1/feeds");
  *out.mutable_signature() = in.signature();
  *out.mutable_format() = in.format();
  const bool wrapped = !in.format().items().empty();
  out.mutable_format()->set_xml_root(wrapped ? last_name(in.format().items()) : "Request");
  std::set<int> kinds;
  for (const v1::EventWord& word : in.events())
    if (kinds.insert(word.kind()).second) *out.add_events() = word;
  if (!in.event_path().empty()) {
    auto& word = *out.add_fields();
    word.set_theirs(in.event_path());
    word.set_ours("kind");
  }
  for (const v1::FieldMapping& from : in.fields()) {
    auto& to = *out.add_fields();
    to = from;
    to.set_ours(swapped_number(from.ours()));
    to.clear_default_value();
    to.clear_required();
    to.clear_recognise_place();
  }
  out.set_answer_code_path(in.answer_code_path());
  out.set_answer_message_path(in.answer_message_path());
  out.set_answer_external_no_path(in.answer_ticket_path());
  out.add_answer_ok(in.answer_ok());
  if (!in.answer_duplicate().empty()) out.add_answer_ok(in.answer_duplicate());
  if (!in.answer_refused().empty()) out.add_answer_final(in.answer_refused());
  return out;
}

v1::Inbound what_they_hear(const v1::Outbound& out) {
  v1::Inbound in;
  in.mutable_push();
  *in.mutable_signature() = out.signature();
  *in.mutable_format() = out.format();
  *in.mutable_events() = out.events();
  for (const v1::FieldMapping& from : out.fields()) {
    if (from.ours() == "kind") in.set_event_path(from.theirs());
    if (from.ours() == "kind" || !from.fixed().empty()) continue;
    auto& to = *in.add_fields();
    to = from;
    to.set_ours(swapped_number(from.ours()));
    to.clear_default_value();
  }
  in.set_answer_code_path(out.answer_code_path());
  in.set_answer_message_path(out.answer_message_path());
  in.set_answer_ticket_path(out.answer_external_no_path());
  if (!out.answer_ok().empty()) in.set_answer_ok(out.answer_ok(0));
  if (!out.answer_final().empty()) in.set_answer_refused(out.answer_final(0));
  return in;
}

}  // namespace

v1::Partner mirror_of(const v1::Partner& ours) {
  v1::Partner theirs = ours;
  theirs.clear_reconciliation();
  theirs.clear_attachments();
  theirs.clear_return_limit();
  theirs.clear_inbound();
  theirs.clear_outbound();
  if (ours.has_inbound()) *theirs.mutable_outbound() = what_they_send(ours.inbound());
  if (ours.has_outbound()) *theirs.mutable_inbound() = what_they_hear(ours.outbound());
  return theirs;
}

}  // namespace hotline::test
