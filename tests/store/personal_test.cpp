// Personal data at rest: no plain value anywhere in Redis, and readable with the keys alone.
#include <doctest/doctest.h>

#include "common/domain/apply.hpp"
#include "common/domain/personal.hpp"
#include "tests/store/store_fixture.hpp"

using namespace hotline;
using namespace hotline::test;

namespace {

constexpr const char* name = "赵师傅";
constexpr const char* phone = "13805310001";
constexpr const char* identity_no = "11010519491231002X";
constexpr const char* address = "山东省济宁市邹城市某路一号";

v1::Command create_with_everything() {
  auto command = create_command("k1");
  auto& caller = *command.mutable_create()->mutable_intake()->mutable_caller();
  caller.set_name(name);
  caller.set_phone(phone);
  caller.set_address(address);
  command.mutable_create()->mutable_intake()->mutable_call()->set_number(phone);
  return command;
}

/// Every value of every key, as Redis would write it to its file.
std::string everything(store_fixture& f) {
  std::string all;
  const auto keys = f.exec("KEYS", "*");
  for (const auto& key : keys.array()) {
    all += key.string();
    all += f.exec("DUMP", key.string()).string();
  }
  return all;
}

v1::Ticket load(store_fixture& f, const std::string& no) {
  auto loaded = f.run(f.tickets->load(no));
  REQUIRE(loaded.has_value());
  REQUIRE(loaded->has_value());
  return **loaded;
}

std::string created(store_fixture& f) {
  const auto run = f.run(f.runner->run(create_with_everything(), "body"));
  REQUIRE_MESSAGE(run.has_value(), (run ? "" : to_string(run.error().why)));
  return run->answer.ticket_no();
}

}  // namespace

TEST_CASE("Redis holds no personal value in plain") {
  // Uncompressed, so that DUMP shows what is there.
  store_fixture f({"rdbcompression no"});
  const auto no = created(f);
  const auto stored = everything(f);
  REQUIRE(stored.find(no) != std::string::npos);
  for (const char* plain : {name, phone, address}) {
    CHECK_MESSAGE(stored.find(plain) == std::string::npos, plain);
  }
}

TEST_CASE("what is stored opens to what was given, bound to its ticket and field") {
  store_fixture f;
  const auto no = created(f);
  const auto caller = load(f, no).intake().caller();
  CHECK(domain::is_sealed(caller.phone()));
  CHECK(f.vault.open(no, "caller.phone", caller.phone()).value() == phone);
  CHECK(f.vault.open(no, "caller.name", caller.name()).value() == name);
  CHECK(f.vault.open(no, "caller.address", caller.address()).value() == address);
  CHECK_FALSE(f.vault.open(no, "call.number", caller.phone()).has_value());
  CHECK_FALSE(f.vault.open("3708-20261123-99999", "caller.phone", caller.phone()).has_value());
}

TEST_CASE("a caller is found by the number, which is no part of any key") {
  store_fixture f;
  const auto no = created(f);
  const auto key = "{3708}:caller:" + f.vault.phone_index(phone);
  CHECK(f.exec("ZSCORE", key, no).string() != "");
  CHECK(f.exec("ZCARD", key).integer() == 1);
}

TEST_CASE("a correction seals what is new, keeps what is not, and moves the caller's index") {
  store_fixture f;
  const auto no = created(f);
  const auto before = load(f, no).intake().caller();
  auto command = command_of(no, v1::ROLE_OPERATOR, "370000");
  auto& given = *command.mutable_supplement();
  given.mutable_intake()->mutable_caller()->set_phone("13905310002");
  given.mutable_intake()->mutable_caller()->set_identity_no(identity_no);
  given.set_reason("来电更正");
  const auto run = f.run(f.runner->run(command));
  REQUIRE_MESSAGE(run.has_value(), (run ? "" : to_string(run.error().why)));
  const auto after = load(f, no).intake().caller();
  CHECK(after.name() == before.name());
  CHECK(f.vault.open(no, "caller.phone", after.phone()).value() == "13905310002");
  CHECK(f.vault.open(no, "caller.identity_no", after.identity_no()).value() == identity_no);
  CHECK(after.phone_index() == f.vault.phone_index("13905310002"));
  CHECK(f.exec("EXISTS", "{3708}:caller:" + f.vault.phone_index(phone)).integer() == 0);
  const auto stored = everything(f);
  CHECK(stored.find("13905310002") == std::string::npos);
  CHECK(stored.find(identity_no) == std::string::npos);
}

TEST_CASE("the history replays to the stored ticket, tokens and all") {
  store_fixture f;
  const auto no = created(f);
  const auto ticket = load(f, no);
  const auto events = f.run(f.tickets->history(no, 1, 100));
  REQUIRE(events.has_value());
  v1::Ticket folded;
  for (const auto& event : *events) domain::apply(folded, event);
  CHECK(folded.SerializeAsString() == ticket.SerializeAsString());
}

TEST_CASE("a rotation takes effect on the next decision, and old values stay readable") {
  auto keys = test_keys();
  store::personal_vault vault([&keys] { return keys; });
  v1::Event event;
  event.set_ticket_no("3708-20261123-00001");
  event.mutable_change()->mutable_intake()->mutable_caller()->set_name(name);
  auto second = event;
  REQUIRE(vault.seal(event));
  auto rotated = std::make_shared<crypto::key_ring>();
  for (const char fill : {'k', 'n'}) {
    crypto::field_key key;
    key.id = fill == 'k' ? 1 : 2;
    key.suite = fill == 'k' ? v1::CIPHER_SUITE_AES_256_GCM : v1::CIPHER_SUITE_SM4_CTR_HMAC_SM3;
    key.active = fill == 'n';
    key.value = crypto::secret(std::string(crypto::secret_bytes, fill));
    rotated->keys.push_back(std::move(key));
  }
  rotated->index_suite = v1::HASH_SUITE_SHA_256;
  rotated->index_key = crypto::secret(std::string(crypto::secret_bytes, 'i'));
  rotated->signing_seed = crypto::secret(std::string(crypto::secret_bytes, 's'));
  keys = rotated;
  REQUIRE(vault.seal(second));
  const auto opened = [&](const v1::Event& e) {
    return vault.open(e.ticket_no(), "caller.name", e.change().intake().caller().name()).value();
  };
  CHECK(opened(event) == name);
  CHECK(opened(second) == name);
  // The older keys alone cannot read what the new one sealed.
  store::personal_vault old([] { return test_keys(); });
  CHECK_FALSE(
      old.open(second.ticket_no(), "caller.name", second.change().intake().caller().name()));
}
