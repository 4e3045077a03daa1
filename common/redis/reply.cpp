#include "common/redis/reply.hpp"

namespace hotline::redis {

std::string_view reply::string() const {
  if (const auto* text = std::get_if<std::string>(&value_)) return *text;
  if (const auto* error = std::get_if<error_text>(&value_)) return error->text;
  return {};
}

std::string reply::take_string() {
  auto* text = std::get_if<std::string>(&value_);
  return text ? std::exchange(*text, {}) : std::string{};
}

const std::vector<reply>& reply::array() const {
  static const std::vector<reply> none;
  const auto* items = std::get_if<std::vector<reply>>(&value_);
  return items ? *items : none;
}

std::vector<reply> reply::take_array() {
  auto* items = std::get_if<std::vector<reply>>(&value_);
  return items ? std::exchange(*items, {}) : std::vector<reply>{};
}

const reply& reply::at(std::size_t index) const {
  static const reply nil;
  const auto& items = array();
  return index < items.size() ? items[index] : nil;
}

}  // namespace hotline::redis
