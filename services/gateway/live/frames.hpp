// Messages to clients as text. What many clients get is made once.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/json/codec.hpp"
#include "hotline/v1/api.pb.h"
#include "hotline/v1/event.pb.h"
#include "hotline/v1/live.pb.h"

namespace hotline::gateway::live {

using text = std::shared_ptr<const std::string>;

/// The codec for LiveRequest and LiveMessage.
json::codec make_live_codec();

text write_message(const json::codec& codec, const v1::LiveMessage& message);

/// A LiveChange without its topics, to be put into many messages.
std::string write_change(const json::codec& codec, const v1::TicketSummary& ticket,
                         std::span<const v1::EventKind> kinds);

/// Puts a LiveMessage together from parts that are JSON already. What gets too long becomes several
/// messages, of which only the last has a position: a client that lost one of them resumes before
/// all of them.
class frame {
 public:
  /// `at`: when rows were counted, RFC 3339.
  explicit frame(std::string_view at) : at_(at) {}

  /// Topics and numbers are plain ASCII without quotes.
  void add_change(std::string_view change, std::span<const std::string> topics);
  void add_gone(std::string_view no, std::span<const std::string> topics);
  void add_row(std::string_view row);

  std::vector<text> finish(std::string_view position) &&;

  static constexpr std::size_t text_bytes_max = 48 * 1024;

 private:
  void add(std::string& list, std::string_view item);
  std::string take_members();

  std::string at_;
  std::vector<text> texts_;
  std::string changes_;
  std::string gone_;
  std::string rows_;
};

}  // namespace hotline::gateway::live
