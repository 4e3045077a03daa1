#include "services/gateway/handed_in.hpp"

#include <fmt/core.h>
#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "common/domain/decide.hpp"
#include "common/domain/permission.hpp"
#include "common/store/attachment_store.hpp"
#include "common/store/file_receipt.hpp"
#include "common/store/file_rules.hpp"
#include "services/gateway/attachment_files.hpp"
#include "services/gateway/problems.hpp"

namespace hotline::gateway {

using boost::asio::awaitable;

namespace {

namespace pb = google::protobuf;

/// Returns false to stop.
using file_visitor = std::function<bool(v1::Attachment&, const std::string& path)>;

bool visit_files(pb::Message& message, std::string& path, const file_visitor& visit) {
  if (auto* file = pb::DynamicCastToGenerated<v1::Attachment>(&message)) return visit(*file, path);
  const auto* reflection = message.GetReflection();
  std::vector<const pb::FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const auto* field : fields) {
    if (field->cpp_type() != pb::FieldDescriptor::CPPTYPE_MESSAGE) continue;
    const auto mark = path.size();
    const int count = field->is_repeated() ? reflection->FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      path += (path.empty() ? "" : ".") + field->name();
      if (field->is_repeated()) path += fmt::format("[{}]", i);
      pb::Message* const inner = field->is_repeated()
                                     ? reflection->MutableRepeatedMessage(&message, field, i)
                                     : reflection->MutableMessage(&message, field);
      if (!visit_files(*inner, path, visit)) return false;
      path.resize(mark);
    }
  }
  return true;
}

net::problem at_field(net::problem p, std::string_view path, std::string_view field) {
  p.field = path.empty() ? std::string(field) : fmt::format("{}.{}", path, field);
  return p;
}

net::problem wrong_receipt(std::string_view path) {
  return at_field(
      make_problem(422, "file_receipt_wrong", "附件回执无效、已过期或属于他人，请重新上传该文件。",
                   "The receipt is not good (any more), or somebody else's; hand the "
                   "file in again."),
      path, "reference");
}

net::problem not_handed_in(std::string_view path) {
  return at_field(make_problem(422, "file_not_handed_in", "附件须先上传，并以上传所得的回执引用。",
                               "A file is handed in first, and referred to by the receipt for it."),
                  path, "reference");
}

net::problem wrong_name(std::string_view path) {
  return at_field(make_problem(422, "file_name_wrong", "文件名为空、过长，或含有路径、控制字符。",
                               "A file's name has 1 to 200 bytes, no path and no control "
                               "characters."),
                  path, "name");
}

/// In any spelling: what only looks like a digest names no file, and is no page either.
bool names_digest(std::string_view reference) {
  constexpr std::string_view scheme = "sha256:";
  return reference.size() >= scheme.size() &&
         std::ranges::equal(reference.substr(0, scheme.size()), scheme, [](char a, char b) {
           return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
         });
}

bool names_kept_files(pb::Message& body) {
  std::string path;
  return !visit_files(body, path, [](const v1::Attachment& file, const std::string&) {
    return !names_digest(file.reference());
  });
}

class placer {
 public:
  placer(const gateway_parts& parts, const v1::Actor& who, const v1::Ticket* kept)
      : parts_(parts), who_(who), kept_(kept) {}

  std::optional<net::problem> place(v1::Attachment& file, const std::string& path) const {
    if (store::is_receipt(file.reference())) return by_receipt(file, path);
    if (who_.role() == v1::ROLE_CHANNEL) return not_handed_in(path);
    if (names_digest(file.reference())) return by_digest(file, path);
    return std::nullopt;
  }

 private:
  std::optional<net::problem> by_receipt(v1::Attachment& file, const std::string& path) const {
    if (parts_.uploads == nullptr) return wrong_receipt(path);
    const auto good =
        parts_.uploads->receipts.read(file.reference(), who_.user(), parts_.now.now());
    if (!good) return wrong_receipt(path);
    if (!store::is_file_name(file.name())) return wrong_name(path);
    file.set_name(store::name_with_suffix(file.name(), good->suffix));
    file.set_reference(store::stored_reference(good->sha256));
    file.set_sha256(good->sha256);
    file.set_size_bytes(good->size_bytes);
    return std::nullopt;
  }

  std::optional<net::problem> by_digest(v1::Attachment& file, const std::string& path) const {
    const auto sha256 = store::digest_of_reference(file.reference());
    const auto* const there = kept_ && sha256 ? find_file(*kept_, *sha256) : nullptr;
    if (there == nullptr) return not_handed_in(path);
    // Also its name: it may have been given a suffix.
    file = v1::Attachment(*there);
    return std::nullopt;
  }

  const gateway_parts& parts_;
  const v1::Actor& who_;
  const v1::Ticket* kept_;
};

}  // namespace

reading<void> place_files(const gateway_parts& parts, pb::Message& said, const v1::Actor& who,
                          const v1::Ticket* kept) {
  const placer placing(parts, who, kept);
  std::optional<net::problem> no;
  std::string path;
  visit_files(said, path, [&](v1::Attachment& file, const std::string& at) {
    no = placing.place(file, at);
    return !no;
  });
  if (no) return std::unexpected(*std::move(no));
  return {};
}

awaitable<reading<void>> place_files_of(const gateway_parts& parts, v1::Command& command,
                                        pb::Message& body) {
  if (command.has_create() || !names_kept_files(body)) {
    co_return place_files(parts, body, command.actor(), nullptr);
  }
  const auto loaded = co_await parts.tickets.load(command.ticket_no());
  if (!loaded) co_return std::unexpected(net::problem_for(loaded.error()));
  const v1::Ticket* const ticket = *loaded ? &**loaded : nullptr;
  const auto land = parts.province();
  const auto may = domain::permit(land->org, command.actor(), command.body_case(), ticket);
  if (may != domain::access::granted) {
    // What files it has is not for who may not do this; the rules say why.
    const auto verdict = domain::decide(ticket, command, *land, parts.now.now());
    if (!verdict) co_return std::unexpected(problem_for_rejection(verdict.error()));
    co_return std::unexpected(not_found());
  }
  co_return place_files(parts, body, command.actor(), ticket);
}

}  // namespace hotline::gateway
