#include "common/crypto/key_file.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "common/base/assert.hpp"
#include "common/base/durable_file.hpp"
#include "common/crypto/key_file_check.hpp"

namespace hotline::crypto {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t file_bytes_max = 1U << 20U;

/// Takes an unfinished file away unless it was kept.
class draft_file {
 public:
  explicit draft_file(fs::path path)
      : path_(std::move(path)),
        file_(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)) {}
  ~draft_file() {
    if (file_ && !kept_) ::unlink(path_.c_str());
  }
  draft_file(const draft_file&) = delete;
  draft_file& operator=(const draft_file&) = delete;

  explicit operator bool() const { return static_cast<bool>(file_); }
  const fs::path& path() const { return path_; }
  void keep() { kept_ = true; }

  result<void> write(std::string_view bytes) { return write_and_sync(file_, bytes, path_); }

 private:
  fs::path path_;
  file_descriptor file_;
  bool kept_ = false;
};

std::string random_secret() {
  unsigned char bytes[secret_bytes];
  HL_ASSERT(RAND_bytes(bytes, sizeof bytes) == 1, "random numbers");
  return secret_text({reinterpret_cast<const char*>(bytes), sizeof bytes});
}

/// Written by hand: the text stays in one string that can be wiped.
std::string render(const v1::KeyFile& file) {
  std::string text =
      "# proto-message: hotline.v1.KeyFile\n"
      "# Whoever loses this file loses every personal field; whoever copies it can read them.\n";
  for (const v1::Key& key : file.keys())
    text += fmt::format("keys {{ id: {} suite: {} secret: \"{}\" state: {} }}\n", key.id(),
                        v1::CipherSuite_Name(key.suite()), key.secret(),
                        v1::KeyState_Name(key.state()));
  text += fmt::format("index_key {{ suite: {} secret: \"{}\" }}\n",
                      v1::HashSuite_Name(file.index_key().suite()), file.index_key().secret());
  return text + fmt::format("signing_seed: \"{}\"\n", file.signing_seed());
}

result<std::string> read_private_file(const fs::path& path) {
  const file_descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return system_failure("cannot open the key file", path);
  struct stat about{};
  if (::fstat(file.get(), &about) != 0) return system_failure("cannot look at", path);
  if (!S_ISREG(about.st_mode))
    return fail(errc::misconfigured, fmt::format("{}: is no regular file", path.string()));
  if ((about.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    return fail(
        errc::misconfigured,
        fmt::format("{}: group or others may use the key file (mode {:04o}): chmod 0600 it, "
                    "and treat its keys as known",
                    path.string(), about.st_mode & 07777U));
  if (static_cast<std::size_t>(about.st_size) > file_bytes_max)
    return fail(errc::misconfigured, fmt::format("{}: is too long for a key file", path.string()));
  std::string text(static_cast<std::size_t>(about.st_size), '\0');
  for (std::size_t have = 0; have < text.size();) {
    const auto got = ::read(file.get(), text.data() + have, text.size() - have);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_failure("cannot read", path);
    if (got == 0) return fail(errc::io_error, fmt::format("{} became shorter", path.string()));
    have += static_cast<std::size_t>(got);
  }
  return text;
}

result<key_file_reading> read(const fs::path& path) {
  auto text = read_private_file(path);
  if (!text) return pass(text);
  return check_key_file(path.string(), std::move(*text));
}

std::unexpected<failure> busy(const fs::path& path) {
  return system_failure("cannot create (does somebody else change the keys? if not, remove it)",
                        fs::path(path) += ".new");
}

/// Puts this content in the place of the file, on the disk, and wipes it.
result<void> replace(const fs::path& path, draft_file& draft, v1::KeyFile& content) {
  std::string text = render(content);
  wipe(content);
  const auto written = draft.write(text);
  wipe(text);
  if (!written) return written;
  if (::rename(draft.path().c_str(), path.c_str()) != 0)
    return system_failure("cannot replace", path);
  draft.keep();
  return sync_directory_of(path);
}

}  // namespace

result<std::shared_ptr<const key_ring>> read_key_file(const fs::path& path) {
  auto reading = read(path);
  if (!reading) return pass(reading);
  wipe(reading->file);
  return std::move(reading->ring);
}

result<void> create_key_file(const fs::path& path, v1::CipherSuite suite) {
  v1::KeyFile content;
  v1::Key& key = *content.add_keys();
  key.set_id(1);
  key.set_suite(suite);
  key.set_secret(random_secret());
  key.set_state(v1::KEY_STATE_ACTIVE);
  const bool national = suite == v1::CIPHER_SUITE_SM4_CTR_HMAC_SM3;
  content.mutable_index_key()->set_suite(national ? v1::HASH_SUITE_SM3 : v1::HASH_SUITE_SHA_256);
  content.mutable_index_key()->set_secret(random_secret());
  content.set_signing_seed(random_secret());
  std::string text = render(content);
  wipe(content);

  draft_file file(path);
  if (!file) {
    wipe(text);
    return system_failure("cannot create the key file", path);
  }
  const auto written = file.write(text);
  wipe(text);
  if (!written) return written;
  if (auto synced = sync_directory_of(path); !synced) return synced;
  file.keep();
  return {};
}

result<std::uint16_t> add_key(const fs::path& path, v1::CipherSuite suite) {
  // The draft is the lock: whoever makes it reads the file after everybody who had it before.
  draft_file draft(fs::path(path) += ".new");
  if (!draft) return busy(path);
  auto reading = read(path);
  if (!reading) return pass(reading);
  v1::KeyFile& content = reading->file;
  int last = 0;
  for (v1::Key& key : *content.mutable_keys()) {
    last = std::max(last, key.id());
    key.set_state(v1::KEY_STATE_READ_ONLY);
  }
  if (last == 65535)
    return fail(errc::misconfigured, fmt::format("{}: no key id is left", path.string()));
  v1::Key& key = *content.add_keys();
  key.set_id(last + 1);
  key.set_suite(suite);
  key.set_secret(random_secret());
  key.set_state(v1::KEY_STATE_ACTIVE);
  if (const auto replaced = replace(path, draft, content); !replaced) return pass(replaced);
  return static_cast<std::uint16_t>(last + 1);
}

result<void> drop_key(const fs::path& path, std::uint16_t id) {
  draft_file draft(fs::path(path) += ".new");
  if (!draft) return busy(path);
  auto reading = read(path);
  if (!reading) return pass(reading);
  v1::KeyFile& content = reading->file;
  auto& keys = *content.mutable_keys();
  const auto found = std::find_if(keys.begin(), keys.end(),
                                  [&](const v1::Key& key) { return key.id() == int{id}; });
  if (found == keys.end() || found->state() == v1::KEY_STATE_ACTIVE) {
    const bool active = found != keys.end();
    wipe(content);
    return fail(errc::misconfigured,
                fmt::format("{}: {}", path.string(),
                            active ? fmt::format("key {} seals: add another one first", id)
                                   : fmt::format("there is no key {}", id)));
  }
  std::fill(found->mutable_secret()->begin(), found->mutable_secret()->end(), '\0');
  keys.erase(found);
  return replace(path, draft, content);
}

}  // namespace hotline::crypto
