#include "services/transfer/file_outlet.hpp"

#include <fmt/core.h>

#include <utility>

#include "common/base/durable_file.hpp"

namespace hotline::transfer {

file_outlet::file_outlet(const exchange::partner& to, store::personal_vault& vault,
                         const store::file_links& links)
    : directory_(to.config().outbound().file().directory()),
      suffix_(to.config().outbound().file().suffix()),
      writer_(to, vault, links) {}

boost::asio::awaitable<telling> file_outlet::tell(const store::taken_message& message,
                                                  instant now) {
  telling end;
  v1::PartnerEvent event = message.message.event();
  end.files_left_out = writer_.place_files(message.id.ticket_no, event, now);
  auto content = writer_.write(message.id, std::move(event), message.external_no);
  if (!content) {
    end.how = telling::end::impossible;
    end.failure = std::move(content.error());
    co_return end;
  }
  const auto name = fmt::format("{}-{}{}", message.id.ticket_no, message.id.version, suffix_);
  const auto written = write_durably(directory_ / name, content->body);
  end.how = written ? telling::end::accepted : telling::end::silent;
  if (!written) end.failure.set_text("文件未写成：" + written.error().detail);
  co_return end;
}

}  // namespace hotline::transfer
