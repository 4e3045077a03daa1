// Remembers where in which file each field of a merged configuration was set.
#pragma once

#include <google/protobuf/message.h>
#include <google/protobuf/text_format.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace hotline::runtime {

/// A place in a file; line and column count from 1, 0 = unknown.
struct source_place {
  std::string file;
  int line = 0;
  int column = 0;
};

/// Paths lead from the merged message to a field: "organisation.units[17].parent", indexes counted
/// over all files.
class source_map {
 public:
  /// A setting made in a second file.
  struct conflict {
    source_place place;
    source_place earlier;
    std::string path;
  };

  /// Learns the fields of `part`, read from `file`, before it is merged into `merged`; `prefix` is
  /// the path of both in the whole ("" or "calendar"). Answers with the single settings some
  /// earlier file has made already.
  std::vector<conflict> add(const google::protobuf::Message& part,
                            const google::protobuf::TextFormat::ParseInfoTree& tree,
                            const google::protobuf::Message& merged, const std::string& file,
                            const std::string& prefix);

  /// Where the field was set; when it was not, where the nearest enclosing message begins.
  source_place find(std::string_view path) const;

 private:
  struct walk;
  std::map<std::string, source_place, std::less<>> places_;
};

}  // namespace hotline::runtime
