// What clients say of files (Attachment.reference): a receipt becomes the file it was given for,
// and nobody refers to a file by its digest alone, which whoever has seen a ticket may know.
#pragma once

#include <google/protobuf/message.h>

#include <boost/asio/awaitable.hpp>

#include "hotline/v1/command.pb.h"
#include "hotline/v1/ticket.pb.h"
#include "services/gateway/parts.hpp"
#include "services/gateway/request_reading.hpp"

namespace hotline::gateway {

/// Walks every Attachment of the message, wherever it stands. A good receipt of this user is put
/// into digest, size and reference; a digest is let pass if `kept` has that file (nullptr: never);
/// other references (pages of the unions' own systems) are for staff. Otherwise the first problem,
/// with the path of the field: file_receipt_wrong, file_not_handed_in.
reading<void> place_files(const gateway_parts& parts, google::protobuf::Message& said,
                          const v1::Actor& who, const v1::Ticket* kept);

/// The same for a command of staff, whose ticket is loaded where its files are named again. The
/// path is one into `body`, which is the command's.
boost::asio::awaitable<reading<void>> place_files_of(const gateway_parts& parts,
                                                     v1::Command& command,
                                                     google::protobuf::Message& body);

}  // namespace hotline::gateway
