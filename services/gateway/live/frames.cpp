#include "services/gateway/live/frames.hpp"

#include <array>

namespace hotline::gateway::live {

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
  if (changes_.size() + rows_.size() + change.size() > text_bytes_max) cut();
  if (!changes_.empty()) changes_.push_back(',');
  changes_.append(change.substr(0, change.size() - 1)).append(R"(,"topics":[)");
  for (std::size_t i = 0; i < topics.size(); ++i) {
    if (i > 0) changes_.push_back(',');
    changes_.append(1, '"').append(topics[i]).append(1, '"');
  }
  changes_.append("]}");
}

void frame::add_row(std::string_view row) {
  if (!rows_.empty()) rows_.push_back(',');
  rows_.append(row);
}

void frame::cut() {
  if (changes_.empty()) return;
  texts_.push_back(std::make_shared<const std::string>(R"({"changes":[)" + changes_ + "]}"));
  changes_.clear();
}

std::vector<text> frame::finish(std::string_view position, std::string_view at) && {
  std::string last(R"({"position":")");
  last.append(position).append(1, '"');
  if (!changes_.empty()) last.append(R"(,"changes":[)").append(changes_).append("]");
  if (!rows_.empty()) {
    last.append(R"(,"at":")").append(at).append(R"(","rows":[)").append(rows_).append("]");
  }
  last.append("}");
  texts_.push_back(std::make_shared<const std::string>(std::move(last)));
  return std::move(texts_);
}

}  // namespace hotline::gateway::live
