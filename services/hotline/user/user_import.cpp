// `hotline user import`: users from a table, with one-time passwords in a file of their own.
#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "services/hotline/exit_code.hpp"
#include "services/hotline/user/user_command.hpp"
#include "services/hotline/user/user_list.hpp"
#include "services/hotline/user_office.hpp"

namespace hotline::program {

namespace {

using boost::asio::awaitable;

constexpr int progress_every = 100;

/// The passwords, readable by us alone. Each is written as soon as its user exists.
class password_file {
 public:
  static result<password_file> create(const std::string& name) {
    const int descriptor = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor < 0) {
      return fail(errc::io_error, fmt::format("{}: {}", name, std::strerror(errno)));
    }
    password_file made(::fdopen(descriptor, "w"));
    fmt::print(made.file_.get(), "user,password\n");
    return made;
  }

  result<void> add(const std::string& user, const std::string& password) {
    // Neither holds a comma or a quote.
    fmt::print(file_.get(), "{},{}\n", user, password);
    if (std::fflush(file_.get()) == 0) return {};
    return fail(errc::io_error, fmt::format("passwords not written: {}", std::strerror(errno)));
  }

  result<void> finish() {
    if (::fsync(::fileno(file_.get())) == 0) return {};
    return fail(errc::io_error, fmt::format("passwords not saved: {}", std::strerror(errno)));
  }

 private:
  struct closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  explicit password_file(std::FILE* file) : file_(file) {}
  std::unique_ptr<std::FILE, closer> file_;
};

int failed(const failure& f) {
  fmt::print(stderr, "hotline: {}\n", f.detail);
  return exit_failed;
}

void report(const std::string& file, const table_mistake& mistake) {
  fmt::print(stderr, "{}:{}: {}{}{}\n", file, mistake.line, mistake.column,
             mistake.column.empty() ? "" : ": ", mistake.reason);
}

class user_importer {
 public:
  user_importer(tool_session& session, user_office& office, const user_import_options& options)
      : session_(session), office_(office), options_(options) {}

  awaitable<int> run() {
    const auto rows = read_table(options_.file);
    if (!rows) {
      fmt::print(stderr, "hotline: {}: {}\n", options_.file, rows.error().detail);
      co_return rows.error().code == errc::io_error ? exit_failed : exit_found;
    }
    const user_list list = read_user_list(*rows, session_.land().org);
    for (const auto& mistake : list.mistakes) report(options_.file, mistake);
    wrong_ = list.mistakes.size();
    if (options_.dry_run) co_return co_await look(list);
    auto passwords = password_file::create(options_.passwords);
    if (!passwords) co_return failed(passwords.error());
    for (const listed_user& one : list.users) {
      if (session_.stopping().raised()) break;
      const auto done = co_await create(one, *passwords);
      if (!done) co_return failed(done.error());
    }
    if (const auto saved = passwords->finish(); !saved) co_return failed(saved.error());
    fmt::print("建立 {} 个用户，{} 处有误；一次性密码在 {}\n", made_, wrong_, options_.passwords);
    co_return wrong_ == 0 && made_ == list.users.size() ? exit_ok : exit_found;
  }

 private:
  /// What would happen.
  awaitable<int> look(const user_list& list) {
    for (const listed_user& one : list.users) {
      const auto known = co_await office_.people.load_user(one.order.id());
      if (!known) co_return failed(known.error());
      if (!*known) continue;
      report(options_.file, {one.line, "用户名", "该用户名已被使用。"});
      ++wrong_;
    }
    fmt::print("试运行：可建立 {} 个用户，{} 处有误\n", list.users.size(), wrong_);
    co_return wrong_ == 0 ? exit_ok : exit_found;
  }

  awaitable<result<void>> create(const listed_user& one, password_file& passwords) {
    const auto done = co_await office_.desk.create(office_.who, one.order);
    if (!done && done.error().kind == identity::refused::failed) {
      co_return std::unexpected(done.error().why);
    }
    if (!done) {
      report(options_.file, {one.line, "", sentence(done.error())});
      ++wrong_;
      co_return result<void>();
    }
    ++made_;
    if (made_ % progress_every == 0) fmt::print(stderr, "已建立 {} 个\n", made_);
    co_return passwords.add(done->user().id(), done->password());
  }

  tool_session& session_;
  user_office& office_;
  user_import_options options_;
  std::size_t made_ = 0;
  std::size_t wrong_ = 0;
};

awaitable<int> import(tool_session& session, std::filesystem::path data,
                      user_import_options options) {
  const auto host = identity_host::open(session.ready().settings(), data);
  if (!host) co_return failed(host.error());
  user_office office(session, **host);
  user_importer importer(session, office, options);
  co_return co_await importer.run();
}

}  // namespace

int import_users(const command_places& where, const user_import_options& options) {
  return tool_session::run(
      where, false, [&](tool_session& session) { return import(session, where.data, options); });
}

}  // namespace hotline::program
