// Messages as files: whole, named by the message, the same however often they are written.
#include "services/transfer/file_outlet.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/unit/transfer/transfer_fixture.hpp"

namespace hotline::test {
namespace {

namespace fs = std::filesystem;
using transfer::telling;

struct file_fixture : temporary_directory, transfer_fixture {
  file_fixture() : transfer_fixture({to_files(path())}) {}

  static v1::Partner to_files(const std::string& directory) {
    auto made = talkative_partner();
    made.mutable_outbound()->mutable_file()->set_directory(directory);
    made.mutable_outbound()->mutable_file()->set_suffix(".json");
    return made;
  }
  store::taken_message message() {
    put(link(), 1, 7);
    return run(link().queue.take(clock.now(), milliseconds(1000), 1))->front();
  }
  std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const auto& one : fs::directory_iterator(temporary_directory::path()))
      all.push_back(one.path().filename());
    return all;
  }

  transfer::file_outlet way{link().partner, kit.vault, file_links};
};

TEST_CASE("a message is one file, also when it is told twice") {
  file_fixture f;
  const auto message = f.message();
  const std::vector<std::string> expected{"3708-20261123-00001-7.json"};
  CHECK(f.run(f.way.tell(message, f.clock.now())).how == telling::end::accepted);
  CHECK(f.names() == expected);
  CHECK(f.run(f.way.tell(message, f.clock.now())).how == telling::end::accepted);
  CHECK(f.names() == expected);
  std::ifstream file(f.temporary_directory::path() + "/" + expected[0]);
  const std::string content(std::istreambuf_iterator<char>(file), {});
  CHECK(content.find("3708-20261123-00001:7") != std::string::npos);
}

TEST_CASE("a file there is no way for is left out, and said to be") {
  file_fixture f;
  auto message = f.message();
  auto& file = *message.message.mutable_event()->add_attachments();
  file.set_reference(store::stored_reference(std::string(64, 'a')));
  message.message.mutable_event()->add_attachments()->set_reference("http://a.cn/x");
  const auto end = f.run(f.way.tell(message, f.clock.now()));
  CHECK(end.how == telling::end::accepted);
  CHECK(end.files_left_out == 1);
}

TEST_CASE("a directory that is not there is tried again later") {
  file_fixture f;
  const auto message = f.message();
  fs::remove_all(f.temporary_directory::path());
  const auto end = f.run(f.way.tell(message, f.clock.now()));
  CHECK(end.how == telling::end::silent);
  CHECK(end.failure.text().find("cannot create") != std::string::npos);
}

}  // namespace
}  // namespace hotline::test
