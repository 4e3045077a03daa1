#include "common/json/codec.hpp"

#include "common/json/checker.hpp"
#include "common/json/reader.hpp"
#include "common/json/writer.hpp"

namespace hotline::json {

std::expected<void, fault> codec::read(std::string_view text,
                                       google::protobuf::Message& out) const {
  return read_object(text, schema_.of(out.GetDescriptor()), out);
}

void codec::write(const google::protobuf::Message& message, std::string& out) const {
  write_object(message, schema_.of(message.GetDescriptor()), out);
}

std::string codec::write(const google::protobuf::Message& message) const {
  std::string out;
  write(message, out);
  return out;
}

std::expected<void, fault> codec::check(const google::protobuf::Message& message) const {
  return check_message(message, schema_.of(message.GetDescriptor()));
}

}  // namespace hotline::json
