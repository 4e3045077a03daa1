#include "services/gateway/live/frames.hpp"

#include <array>

namespace hotline::gateway::live {
namespace {

std::string topics_member(std::span<const std::string> topics) {
  std::string out(R"("topics":[)");
  for (const auto& topic : topics) {
    if (out.back() != '[') out.push_back(',');
    out.append(1, '"').append(topic).append(1, '"');
  }
  return out.append("]");
}

}  // namespace

json::codec make_live_codec() {
  const std::array roots{v1::LiveRequest::descriptor(), v1::LiveMessage::descriptor()};
  return json::codec(roots);
}

text write_message(const json::codec& codec, const v1::LiveMessage& message) {
  return std::make_shared<const std::string>(codec.write(message));
}

std::string write_change(const json::codec& codec, const v1::TicketSummary& ticket,
                         std::span<const v1::EventKind> kinds) {
  v1::LiveChange change;
  *change.mutable_ticket() = ticket;
  for (const auto kind : kinds) change.add_events(kind);
  return codec.write(change);
}

void frame::add_change(std::string_view change, std::span<const std::string> topics) {
  std::string item(change.substr(0, change.size() - 1));
  add(changes_, item.append(",").append(topics_member(topics)).append("}"));
}

void frame::add_gone(std::string_view no, std::span<const std::string> topics) {
  std::string item(R"({"no":")");
  add(gone_, item.append(no).append(R"(",)").append(topics_member(topics)).append("}"));
}

void frame::add_row(std::string_view row) { add(rows_, row); }

void frame::add(std::string& list, std::string_view item) {
  const std::size_t held = changes_.size() + gone_.size() + rows_.size();
  if (held > 0 && held + item.size() > text_bytes_max) {
    texts_.push_back(std::make_shared<const std::string>("{" + take_members().substr(1) + "}"));
  }
  if (!list.empty()) list.push_back(',');
  list.append(item);
}

/// All that was added since the last cut, each member with a comma before it.
std::string frame::take_members() {
  std::string out;
  const auto take = [&out](std::string_view name, std::string& list) {
    if (list.empty()) return;
    out.append(R"(,")").append(name).append(R"(":[)").append(list).append("]");
    list.clear();
  };
  take("changes", changes_);
  take("gone", gone_);
  if (!rows_.empty()) out.append(R"(,"at":")").append(at_).append(1, '"');
  take("rows", rows_);
  return out;
}

std::vector<text> frame::finish(std::string_view position) && {
  std::string last(R"({"position":")");
  last.append(position).append(1, '"').append(take_members()).append("}");
  texts_.push_back(std::make_shared<const std::string>(std::move(last)));
  return std::move(texts_);
}

}  // namespace hotline::gateway::live
