// A codec for the messages these tests use, and shorthands.
#pragma once

#include <google/protobuf/descriptor.pb.h>

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "common/json/codec.hpp"
#include "hotline/v1/api.pb.h"
#include "hotline/v1/command.pb.h"
#include "hotline/v1/event.pb.h"
#include "hotline/v1/ticket.pb.h"

namespace hotline::json {

inline codec make_test_codec() {
  const std::array roots{
      v1::Ticket::descriptor(),
      v1::Event::descriptor(),
      v1::Command::descriptor(),
      v1::TicketView::descriptor(),
      v1::HistoryPage::descriptor(),
      v1::QueuePage::descriptor(),
      v1::ClockView::descriptor(),
      v1::SetClock::descriptor(),
      v1::Board::descriptor(),
      v1::CommandAnswer::descriptor(),
      google::protobuf::DescriptorProto::descriptor(),
  };
  return codec(roots);
}

/// Reads `text` as a Message and gives the fault, or nothing when it was good.
template <class Message>
std::optional<fault> fault_of(const codec& c, std::string_view text) {
  Message message;
  auto read = c.read(text, message);
  if (read) return std::nullopt;
  return read.error();
}

}  // namespace hotline::json
