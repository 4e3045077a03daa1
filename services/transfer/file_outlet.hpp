// Messages to a partner as files in a directory it collects them from.
#pragma once

#include <filesystem>
#include <string>

#include "common/exchange/partner.hpp"
#include "services/transfer/message_writer.hpp"
#include "services/transfer/outlet.hpp"

namespace hotline::transfer {

/// Everything given outlives it. A file that is there is whole and on the disk, and of the same
/// name however often its message is written: "3708-20261123-00001-7.xml". Writing waits for the
/// disk, and the thread with it.
class file_outlet final : public outlet {
 public:
  file_outlet(const exchange::partner& to, store::personal_vault& vault,
              const store::file_links& links);

  boost::asio::awaitable<telling> tell(const store::taken_message& message, instant now) override;

 private:
  std::filesystem::path directory_;
  std::string suffix_;
  message_writer writer_;
};

}  // namespace hotline::transfer
