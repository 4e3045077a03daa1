// A dead letter (未送达) as it is shown, what sending it again may change, and giving it up: the
// same over HTTP and on the command line.
#pragma once

#include <optional>
#include <string>

#include "common/domain/projection.hpp"
#include "common/store/exchange_queue.hpp"
#include "hotline/v1/letter.pb.h"
#include "services/gateway/request_reading.hpp"

namespace hotline::gateway {

/// In a URL a colon introduces what is to be done: "3708-20261123-00001.7".
std::string shown_message_id(const store::message_id& id);
std::optional<store::message_id> parse_shown_message_id(std::string text);

/// Everything personal masked; `open` opens what is sealed for the ticket of the letter.
v1::DeadLetter show_letter(const store::dead_letter& letter, const domain::token_opener& open);

/// What was shown masked does not come back as if it were the number.
reading<void> check_resend(const v1::ResendLetter& order);
/// With the words of the order; nothing where it has none.
std::optional<v1::OutMessage> edited(const v1::OutMessage& message, const v1::ResendLetter& order);
reading<void> check_dismiss(const v1::DismissLetter& order);
/// What the order changes, before and after, numbers masked: who is told what can be proven later.
std::string edited_words(const v1::OutMessage& message, const v1::ResendLetter& order);
/// What the partner is not told, for the record.
std::string untold_words(const v1::OutMessage& message);

}  // namespace hotline::gateway
