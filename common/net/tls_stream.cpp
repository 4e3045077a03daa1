#include "common/net/tls_stream.hpp"

#include <fmt/core.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <tuple>

namespace hotline::net {

namespace asio = boost::asio;
namespace ssl = asio::ssl;

class tls_trust {
 public:
  tls_trust() : context_(ssl::context::tls_client) {
    // 1.0 and 1.1 are deprecated (RFC 8996).
    SSL_CTX_set_min_proto_version(context_.native_handle(), TLS1_2_VERSION);
    context_.set_verify_mode(ssl::verify_peer);
  }

  boost::system::error_code believe(const std::string& ca_file) {
    boost::system::error_code error;
    if (ca_file.empty()) {
      context_.set_default_verify_paths(error);
    } else {
      context_.load_verify_file(ca_file, error);
    }
    return error;
  }

  /// Streams of Asio ask for one that may be changed, and do not change it.
  ssl::context& context() const { return context_; }

 private:
  mutable ssl::context context_;
};

namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

bool is_address(const std::string& host) {
  boost::system::error_code error;
  asio::ip::make_address(host, error);
  return !error;
}

class checked_stream final : public tls_stream {
 public:
  checked_stream(client_socket& socket, std::shared_ptr<const tls_trust> trust, std::string host)
      : trust_(std::move(trust)), host_(std::move(host)), stream_(socket, trust_->context()) {}

  asio::awaitable<result<void>> greet() override {
    if (!expect_host())
      co_return fail(errc::invalid_argument, fmt::format("{} cannot be a TLS name", host_));
    const auto [error] = co_await stream_.async_handshake(ssl::stream_base::client, as_result);
    if (!error) co_return result<void>();
    co_return fail(errc::unavailable, fmt::format("TLS with {}: {}", host_, reason(error)));
  }

  asio::awaitable<error_code> write(asio::const_buffer bytes) override {
    const auto [error, count] = co_await asio::async_write(stream_, bytes, as_result);
    co_return error;
  }

  asio::awaitable<std::pair<error_code, std::size_t>> read_some(
      asio::mutable_buffer into) override {
    const auto [error, count] = co_await stream_.async_read_some(into, as_result);
    co_return std::pair(error, count);
  }

 private:
  bool expect_host() {
    SSL* const handle = stream_.native_handle();
    if (is_address(host_))
      return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(handle), host_.c_str()) == 1;
    SSL_set_hostflags(handle, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return SSL_set1_host(handle, host_.c_str()) == 1 &&
           SSL_set_tlsext_host_name(handle, host_.c_str()) == 1;
  }

  /// What is wrong with the certificate says more than that the handshake failed.
  std::string reason(const error_code& error) {
    const long verdict = SSL_get_verify_result(stream_.native_handle());
    return verdict == X509_V_OK ? error.message() : X509_verify_cert_error_string(verdict);
  }

  std::shared_ptr<const tls_trust> trust_;
  std::string host_;
  ssl::stream<client_socket&> stream_;
};

}  // namespace

result<std::shared_ptr<const tls_trust>> make_tls_trust(const std::string& ca_file) {
  auto trust = std::make_shared<tls_trust>();
  if (const auto error = trust->believe(ca_file)) {
    return fail(errc::misconfigured,
                fmt::format("no authorities to be had from {}: {}",
                            ca_file.empty() ? "the system" : ca_file, error.message()));
  }
  return std::shared_ptr<const tls_trust>(std::move(trust));
}

std::unique_ptr<tls_stream> make_tls_stream(client_socket& socket,
                                            std::shared_ptr<const tls_trust> trust,
                                            std::string host) {
  return std::make_unique<checked_stream>(socket, std::move(trust), std::move(host));
}

}  // namespace hotline::net
