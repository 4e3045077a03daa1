#include "common/store/register_numbers.hpp"

#include <algorithm>
#include <utility>

#include "common/crypto/digest.hpp"
#include "common/domain/ticket_no.hpp"
#include "common/store/function_call.hpp"
#include "common/store/keys.hpp"

namespace hotline::store {
namespace {

using boost::asio::awaitable;

// As functions/register.lua has them.
constexpr std::size_t row_digits = 32;
constexpr std::size_t said_digits = 16;

std::string hex(std::string_view print, std::size_t digits) {
  return print.empty() ? std::string() : crypto::to_hex(print).substr(0, digits);
}

bool is_hex(std::string_view text, std::size_t digits) {
  return text.size() == digits &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

awaitable<result<register_place>> register_numbers::find(register_row row) {
  co_return co_await reserve(std::move(row), {});
}

awaitable<result<register_place>> register_numbers::reserve(register_row row,
                                                            std::string ticket_no) {
  const std::vector<std::string> keys{register_key(), head_key(people_shard)};
  auto command = function_call("register_reserve", keys);
  command.add(data_set_).add(hex(row.row, row_digits)).add(hex(row.said, said_digits));
  command.add(hex(row.unanswered, row_digits)).add(ticket_no);
  const auto answer = co_await call_function(redis_, std::move(command));
  if (!answer) co_return pass(answer);
  register_place place;
  place.how = static_cast<register_place::kind>(answer->at(0).integer());
  if (place.how == register_place::kind::unknown) co_return place;
  place.ticket_no = answer->at(1).string();
  if (place.how == register_place::kind::reserved) {
    floor_.seen(people_shard, answer->at(2).integer());
  }
  co_return place;
}

std::string_view wrong_register_entry(std::string_view row, std::string_view value) {
  if (!is_hex(row, row_digits)) return "is not the print of a row";
  const auto no = register_entry_no(value);
  if (!domain::is_ticket_no(no)) return "has no ticket number";
  const auto said = value.substr(std::min(no.size() + 1, value.size()));
  return is_hex(said, said_digits) ? "" : "has no print of what the row said";
}

std::string_view register_entry_no(std::string_view value) {
  return value.substr(0, value.find(' '));
}

}  // namespace hotline::store
