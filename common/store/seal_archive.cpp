#include "common/store/seal_archive.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace hotline::store {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t length_bytes = 4;
constexpr std::size_t number_bytes = 8;
/// Far more than the longest run that is sealed at once.
constexpr std::uint64_t body_bytes_max = 64U << 20U;

void append_number(std::string& out, std::uint64_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) out += static_cast<char>(value >> (8 * i) & 0xFFU);
}

std::uint64_t read_number(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    value |= static_cast<std::uint64_t>(static_cast<std::uint8_t>(bytes[i])) << (8 * i);
  return value;
}

}  // namespace

fs::path archive_path(const fs::path& directory, std::string_view shard) {
  return directory / fmt::format("{}.seals", shard);
}

archive_reader::archive_reader(const fs::path& path) : path_(path), in_(path, std::ios::binary) {}

void archive_reader::resume() {
  in_.close();
  in_.clear();
  in_.open(path_, std::ios::binary);
  in_.seekg(static_cast<std::streamoff>(good_bytes_));
}

bool archive_reader::read(std::string& bytes, std::size_t size) {
  bytes.resize(size);
  in_.read(bytes.data(), static_cast<std::streamsize>(size));
  return static_cast<std::size_t>(in_.gcount()) == size;
}

result<std::optional<stored_seal>> archive_reader::next() {
  std::error_code failed;
  if (!in_.is_open()) {
    if (!fs::exists(path_, failed) && !failed) return std::optional<stored_seal>();
    return fail(errc::io_error, fmt::format("{} cannot be read", path_.string()));
  }
  std::string head;
  if (!read(head, length_bytes + number_bytes)) {
    if (in_.bad()) return fail(errc::io_error, fmt::format("{} cannot be read", path_.string()));
    return std::optional<stored_seal>();
  }
  const std::uint64_t size = read_number(std::string_view(head).substr(0, length_bytes));
  stored_seal seal;
  const std::uint64_t number = read_number(std::string_view(head).substr(length_bytes));
  if (size > body_bytes_max || number == 0 || number >> 62U != 0)
    return fail(errc::corrupt_data,
                fmt::format("{} does not check out behind byte {}", path_.string(), good_bytes_));
  seal.number = static_cast<std::int64_t>(number);
  std::string hash;
  if (!read(seal.body, size) || !read(hash, seal.hash.size())) return std::optional<stored_seal>();
  std::ranges::transform(hash, seal.hash.begin(),
                         [](char c) { return static_cast<unsigned char>(c); });
  good_bytes_ += head.size() + size + hash.size();
  return std::optional<stored_seal>(std::move(seal));
}

result<seal_archive> seal_archive::open(const fs::path& path) {
  auto file = append_file::open(path);
  if (!file) return pass(file);
  seal_archive archive(*std::move(file));
  archive_reader reader(path);
  while (true) {
    const auto seal = reader.next();
    if (!seal) return pass(seal);
    if (!*seal) break;
    if ((*seal)->number != archive.last_ + 1)
      return fail(errc::corrupt_data, fmt::format("{}: entry {} stands behind entry {}",
                                                  path.string(), (*seal)->number, archive.last_));
    archive.last_ = (*seal)->number;
  }
  if (reader.good_bytes() < archive.file_.size()) {
    std::error_code failed;
    fs::copy_file(path, fs::path(path) += ".torn", fs::copy_options::overwrite_existing, failed);
    if (failed)
      return fail(errc::io_error,
                  fmt::format("cannot copy {}: {}", path.string(), failed.message()));
    if (auto ok = archive.file_.cut(reader.good_bytes()); !ok) return pass(ok);
  }
  return archive;
}

result<void> seal_archive::append(const std::vector<stored_seal>& seals) {
  std::string bytes;
  std::int64_t last = last_;
  for (const stored_seal& seal : seals) {
    if (seal.number != last + 1 || seal.body.empty())
      return fail(errc::corrupt_data,
                  fmt::format("{}: entry {} of the chain is missing or unreadable in Redis",
                              file_.path().string(), last + 1));
    append_number(bytes, seal.body.size(), length_bytes);
    append_number(bytes, static_cast<std::uint64_t>(seal.number), number_bytes);
    bytes.append(seal.body).append(crypto::as_bytes(seal.hash));
    last = seal.number;
  }
  if (auto ok = file_.append(bytes); !ok) return ok;
  last_ = last;
  return {};
}

}  // namespace hotline::store
