#include "services/gateway/file_uploads.hpp"

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <memory>
#include <utility>

#include "common/domain/permission.hpp"
#include "common/store/attachment_store.hpp"
#include "common/store/file_rules.hpp"
#include "common/store/file_type.hpp"
#include "hotline/v1/files_api.pb.h"
#include "services/gateway/answers.hpp"
#include "services/gateway/intake/channel_rules.hpp"
#include "services/gateway/problems.hpp"

namespace hotline::gateway {

using boost::asio::awaitable;

namespace {

constexpr std::chrono::hours good_for{24};
// A place is somebody else's turn: who sends slowly does not keep it.
constexpr std::chrono::milliseconds patience{120'000};
constexpr int busy_for_s = 5;
constexpr int full_for_s = 300;

constexpr std::array<std::string_view, 0> every_known_type{};

constexpr std::array parameters{
    query_parameter{"name", "文件名，不含路径，最多 200 字节；后缀与内容不符时补上正确的", true}};

net::problem no_room() {
  net::problem p = make_problem(429, "too_many_uploads", "同时上传的文件过多，请稍后重试。",
                                "Too many files are on their way; try again.");
  p.retry_after_s = busy_for_s;
  return p;
}

net::problem wrong_name() {
  net::problem p =
      make_problem(422, "file_name_wrong", "文件名为空、过长，或含有路径、控制字符。",
                   "A file's name has 1 to 200 bytes, no path and no control characters.");
  p.field = "name";
  return p;
}

net::problem empty_file() {
  return make_problem(422, "file_empty", "文件为空。", "The file is empty.");
}

net::problem wrong_type() {
  return make_problem(
      422, "file_type_not_taken",
      "不接收此类文件。可提交图片、PDF、Word、Excel、ZIP、录音、MP4 视频和纯文本。",
      "Not a type of file that is taken: pictures, PDF, Word, Excel, ZIP, sound, MP4, plain text.");
}

net::problem no_space() {
  net::problem p =
      make_problem(503, "files_full", "附件存储空间不足，本次未保存，请联系系统管理员。",
                   "There is too little space for files; it was not kept.");
  p.retry_after_s = full_for_s;
  return p;
}

/// A place among the uploads, for as long as it lives.
class held_place {
 public:
  static std::shared_ptr<held_place> take(std::shared_ptr<net::connection_budget> room,
                                          std::string user) {
    if (!room->acquire(user, true)) return nullptr;
    return std::make_shared<held_place>(std::move(room), std::move(user));
  }
  held_place(std::shared_ptr<net::connection_budget> room, std::string user)
      : room_(std::move(room)), user_(std::move(user)) {}
  ~held_place() { room_->release(user_, true); }
  held_place(const held_place&) = delete;
  held_place& operator=(const held_place&) = delete;

 private:
  std::shared_ptr<net::connection_budget> room_;
  std::string user_;
};

}  // namespace

void file_uploads::add_to(api& routes) {
  if (parts_.files == nullptr || parts_.uploads == nullptr) return;
  routes.add(
      {.verb = net::method::post,
       .pattern = "/v1/files",
       .name = "upload_file",
       .summary = "上传附件：所得回执写入工单命令或公众渠道请求的附件引用",
       .answer = v1::UploadedFile::descriptor(),
       .query = {parameters.begin(), parameters.end()},
       .success = 201,
       .file_bytes_max = parts_.uploads->file_bytes_max,
       .for_channels = true},
      [this](call c) { return take(std::move(c)); },
      [this](call c) { return admit(std::move(c)); });
}

reading<std::string> file_uploads::check(const call& c) const {
  const auto may =
      domain::permit(parts_.province()->org, c.actor, domain::action::hand_in_file, nullptr);
  const bool is_channel = c.actor.role() == v1::ROLE_CHANNEL;
  const bool known = !is_channel || (parts_.intake != nullptr &&
                                     find_channel(parts_.intake->settings, c.actor.user()));
  if (may != domain::access::granted || !known) {
    return std::unexpected(
        forbidden("file.role", "此岗位不能提交附件。", "Under this post no files are handed in."));
  }
  const std::string* const name = c.request.query_value("name");
  if (name == nullptr || !store::is_file_name(*name)) return std::unexpected(wrong_name());
  return *name;
}

/// A channel is limited here, where what it sends has not cost anything yet.
awaitable<admission> file_uploads::admit(call c) {
  auto name = check(c);
  if (!name) co_return std::unexpected(std::move(name.error()));
  if (c.actor.role() == v1::ROLE_CHANNEL) {
    if (auto often = co_await count_request(*parts_.intake, c.actor.user(), parts_.now.now()))
      co_return std::unexpected(*std::move(often));
  }
  net::body_place place{.deadline = patience};
  if (parts_.uploads->room != nullptr) {
    place.held = held_place::take(parts_.uploads->room, c.actor.user());
    if (place.held == nullptr) co_return std::unexpected(no_room());
  }
  co_return place;
}

awaitable<outcome> file_uploads::take(call c) {
  auto name = check(c);
  if (!name) co_return std::unexpected(std::move(name.error()));
  if (c.request.body.empty()) co_return std::unexpected(empty_file());
  const auto size = static_cast<std::int64_t>(c.request.body.size());
  auto file = co_await keep(std::move(c.request.body));
  if (!file) co_return std::unexpected(std::move(file.error()));
  const std::string suffix(store::suffix_of_type(file->type));
  // Whole seconds are what a receipt keeps.
  const auto until = std::chrono::floor<std::chrono::seconds>(parts_.now.now() + good_for);
  v1::UploadedFile told;
  told.set_reference(
      parts_.uploads->receipts.reference_of({c.actor.user(), file->sha256, size, suffix, until}));
  told.set_name(store::name_with_suffix(*std::move(name), suffix));
  told.set_sha256(std::move(file->sha256));
  told.set_size_bytes(size);
  told.set_type(std::string(file->type));
  told.set_expires_at(to_unix_ms(until));
  net::response answer = make_answer(told, c.accepted, codec_);
  answer.status = 201;
  co_return answer;
}

awaitable<std::expected<file_uploads::kept, net::problem>> file_uploads::keep(std::string bytes) {
  using end = std::expected<kept, net::problem>;
  const auto write = [](const store::attachment_store& files, std::uintmax_t free_min,
                        std::string what) -> awaitable<end> {
    const auto type = store::type_of_file(what);
    if (!store::is_taken_type(every_known_type, type)) co_return std::unexpected(wrong_type());
    const auto left = files.free_bytes();
    if (left && *left < free_min) co_return std::unexpected(no_space());
    auto sha256 = files.put(what);
    if (!sha256) co_return std::unexpected(net::problem_for(sha256.error()));
    co_return kept{type, *std::move(sha256)};
  };
  co_return co_await boost::asio::co_spawn(
      disk_, write(*parts_.files, parts_.uploads->free_bytes_min, std::move(bytes)),
      boost::asio::use_awaitable);
}

}  // namespace hotline::gateway
