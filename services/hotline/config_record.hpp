// What the hotline is configured to do is part of the record: a start with another configuration
// than the last one leaves an audit record that names the files.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/error.hpp"
#include "common/redis/client.hpp"

namespace hotline::program {

/// One line per file: name and SHA-256 of its bytes.
result<std::string> config_fingerprint(const std::filesystem::path& directory,
                                       const std::vector<std::string>& files);

/// "changed: a.textproto 1f2e3d4c; added: …; removed: …", from two fingerprints.
std::string config_difference(const std::string& before, const std::string& after);

/// Records "config.change" if the fingerprint is not the one recorded last.
boost::asio::awaitable<result<void>> record_configuration(redis::client& redis,
                                                          std::string data_set,
                                                          std::filesystem::path directory,
                                                          std::vector<std::string> files,
                                                          const clock& now);

}  // namespace hotline::program
