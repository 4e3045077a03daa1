#include "common/runtime/source_map.hpp"

#include <google/protobuf/descriptor.h>

#include <utility>

namespace hotline::runtime {
namespace pb = google::protobuf;

/// One pass over a part, beside what is merged so far.
struct source_map::walk {
  source_map& map;
  const std::string& file;
  std::vector<conflict> conflicts;

  using tree = pb::TextFormat::ParseInfoTree;

  void message(const pb::Message& part, const tree* info, const pb::Message& merged,
               const std::string& prefix) {
    if (!info) return;
    for (int i = 0; i < part.GetDescriptor()->field_count(); ++i) {
      const pb::FieldDescriptor* field = part.GetDescriptor()->field(i);
      const std::string path = prefix.empty() ? field->name() : prefix + "." + field->name();
      if (field->is_repeated())
        repeated(part, *info, merged, field, path);
      else
        single(part, *info, merged, field, path, prefix);
    }
  }

  void repeated(const pb::Message& part, const tree& info, const pb::Message& merged,
                const pb::FieldDescriptor* field, const std::string& path) {
    const pb::Reflection* look = part.GetReflection();
    const int before = merged.GetReflection()->FieldSize(merged, field);
    for (int i = 0; i < look->FieldSize(part, field); ++i) {
      const std::string element = path + "[" + std::to_string(before + i) + "]";
      remember(element, info.GetLocation(field, i));
      if (field->cpp_type() != pb::FieldDescriptor::CPPTYPE_MESSAGE) continue;
      const pb::Message& value = look->GetRepeatedMessage(part, field, i);
      // A list element is new: nothing earlier can stand in it.
      message(value, info.GetTreeForNested(field, i), *empty_like(value), element);
    }
  }

  void single(const pb::Message& part, const tree& info, const pb::Message& merged,
              const pb::FieldDescriptor* field, const std::string& path,
              const std::string& prefix) {
    const auto location = info.GetLocation(field, -1);
    if (location.line < 0) return;
    // Alternatives of a oneof exclude each other, so they share one entry.
    const pb::OneofDescriptor* alternatives = field->real_containing_oneof();
    const std::string choice =
        alternatives ? (prefix.empty() ? "" : prefix + ".") + alternatives->name() : path;
    const bool is_message = field->cpp_type() == pb::FieldDescriptor::CPPTYPE_MESSAGE;
    if (!is_message || alternatives) {
      if (const auto earlier = map.places_.find(choice); earlier != map.places_.end())
        conflicts.push_back({place_of(location), earlier->second, path});
    }
    remember(choice, location);
    remember(path, location);
    if (is_message)
      message(part.GetReflection()->GetMessage(part, field), info.GetTreeForNested(field, -1),
              merged.GetReflection()->GetMessage(merged, field), path);
  }

  static const pb::Message* empty_like(const pb::Message& value) {
    return pb::MessageFactory::generated_factory()->GetPrototype(value.GetDescriptor());
  }

  source_place place_of(pb::TextFormat::ParseLocation location) const {
    return {.file = file, .line = location.line + 1, .column = location.column + 1};
  }

  void remember(const std::string& path, pb::TextFormat::ParseLocation location) const {
    if (location.line >= 0) map.places_.emplace(path, place_of(location));
  }
};

std::vector<source_map::conflict> source_map::add(const pb::Message& part,
                                                  const pb::TextFormat::ParseInfoTree& tree,
                                                  const pb::Message& merged,
                                                  const std::string& file,
                                                  const std::string& prefix) {
  walk pass{.map = *this, .file = file, .conflicts = {}};
  pass.message(part, &tree, merged, prefix);
  return std::move(pass.conflicts);
}

source_place source_map::find(std::string_view path) const {
  while (!path.empty()) {
    if (const auto found = places_.find(path); found != places_.end()) return found->second;
    const std::size_t cut = path.find_last_of(".[");
    path = cut == std::string_view::npos ? std::string_view() : path.substr(0, cut);
  }
  return {};
}

}  // namespace hotline::runtime
