// What is sealed with which key, counted over everything that is kept.
#include "common/store/key_census.hpp"

#include <doctest/doctest.h>

#include "common/store/exchange_feed.hpp"
#include "common/store/exchange_queue.hpp"
#include "tests/store/store_fixture.hpp"

namespace hotline::test {
namespace {

/// The keys of tests, and a second one that seals from now on.
std::shared_ptr<const crypto::key_ring> rotated_keys() {
  auto ring = std::make_shared<crypto::key_ring>();
  for (const char fill : {'k', 'n'}) {
    crypto::field_key key;
    key.id = fill == 'k' ? 1 : 2;
    key.suite = v1::CIPHER_SUITE_AES_256_GCM;
    key.active = fill == 'n';
    key.value = crypto::secret(std::string(crypto::secret_bytes, fill));
    ring->keys.push_back(std::move(key));
  }
  ring->index_suite = v1::HASH_SUITE_SHA_256;
  ring->index_key = crypto::secret(std::string(crypto::secret_bytes, 'i'));
  ring->signing_seed = crypto::secret(std::string(crypto::secret_bytes, 's'));
  return ring;
}

v1::Command create_with_caller() {
  auto command = create_command("k1");
  auto& caller = *command.mutable_create()->mutable_intake()->mutable_caller();
  caller.set_name("赵师傅");
  caller.set_phone("13805310001");
  return command;
}

store::key_census census_of(store_fixture& f) {
  auto found = f.run(store::count_key_uses(*f.redis.client));
  REQUIRE_MESSAGE(found.has_value(), (found ? "" : to_string(found.error())));
  CHECK(found->unreadable == 0);
  return *std::move(found);
}

TEST_CASE("tickets, their histories and the exchange are counted by key") {
  store_fixture f;
  CHECK(census_of(f).uses.empty());
  const auto created = f.run(f.runner->run(create_with_caller(), "body"));
  REQUIRE_MESSAGE(created.has_value(), (created ? "" : to_string(created.error().why)));
  const auto no = created->answer.ticket_no();
  auto first = census_of(f);
  CHECK(first.tickets == 1);
  REQUIRE(first.uses.size() == 1);
  const auto fields = first.uses[1].ticket_fields;
  CHECK(fields >= 2);
  CHECK(first.uses[1].history_fields >= fields);
  CHECK(first.uses[1].exchange_items == 0);

  store::exchange_vault exchange_keys([ring = rotated_keys()] { return ring; });
  store::exchange_feed feed(*f.redis.client, exchange_keys, "jining-12345", f.guard.data_set());
  store::exchange_queue queue(*f.redis.client, exchange_keys, "jining-12345", f.guard.data_set());
  REQUIRE(f.run(feed.adopt()));
  v1::OutMessage message;
  message.mutable_event()->set_kind(v1::PARTNER_EVENT_KIND_PROGRESS);
  REQUIRE(f.run(queue.put({no, 1}, message, monday)));
  auto second = census_of(f);
  CHECK(second.uses[1].total() == first.uses[1].total());
  CHECK(second.uses[2].exchange_items == 1);
  CHECK(second.uses[2].total() == 1);
}

TEST_CASE("a long history is counted to its end") {
  store_fixture f;
  const auto created = f.run(f.runner->run(create_with_caller(), "body"));
  REQUIRE(created.has_value());
  const auto no = created->answer.ticket_no();
  const auto once = census_of(f).uses[1].history_fields;
  const auto event = f.exec("LINDEX", "{3708}:history:" + no, 0);
  for (int i = 0; i < 450; ++i) {
    f.exec("RPUSH", "{3708}:history:" + no, std::string(event.string()));
  }
  CHECK(census_of(f).uses[1].history_fields == 451 * once);
}

TEST_CASE("what cannot be read is said, not passed over") {
  store_fixture f;
  f.exec("SET", "{3708}:ticket:3708-20261123-00009", "nonsense");
  f.exec("RPUSH", "{p:jining-12345}:waiting:1", "~!!!!");
  const auto found = f.run(store::count_key_uses(*f.redis.client));
  REQUIRE(found.has_value());
  CHECK(found->unreadable == 2);
}

}  // namespace
}  // namespace hotline::test
