#include "services/gateway/intake/intake_desk.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>
#include <variant>

#include "common/domain/citizen.hpp"
#include "common/domain/permission.hpp"
#include "services/gateway/answers.hpp"
#include "services/gateway/handed_in.hpp"
#include "services/gateway/problems.hpp"
#include "services/gateway/ticket_commands.hpp"

namespace hotline::gateway {

using boost::asio::awaitable;

namespace {

constexpr std::string_view hint =
    "请记住工单号。凭工单号和登记电话可查询办理进度、补充、催办或撤回；也可拨打 12351。";

template <class Words>
operation step_operation(std::string_view verb, std::string_view summary) {
  return {.verb = net::method::post,
          .pattern = "/v1/intake/" + std::string(verb),
          .name = "citizen_" + std::string(verb),
          .summary = std::string(summary),
          .body = Words::descriptor(),
          .answer = v1::Progress::descriptor(),
          .needs_key = true,
          .for_channels = true};
}

net::problem captcha_failed() {
  net::problem p = make_problem(422, "captcha_failed", "验证码未通过，请重新验证。",
                                "The captcha was not passed; try another.");
  p.field = "captcha";
  return p;
}

net::problem captcha_unavailable(std::string detail) {
  net::problem p = make_problem(503, "captcha_unavailable",
                                "验证码服务暂时不可用，本次没有受理，请稍后重试，或拨打 12351。",
                                "The captcha service does not answer; nothing was taken in.");
  p.detail = std::move(detail);
  p.retry_after_s = 10;
  return p;
}

net::problem phone_limit(instant now) {
  return limit_reached(store::intake_span::day, now, "phone_limit",
                       "该电话今日登记已达上限，请明日再来，或拨打 12351。",
                       "This number has handed in as much as it may today; call 12351.");
}

net::problem address_limit(instant now) {
  return limit_reached(store::intake_span::hour, now, "address_limit",
                       "您所在网络本小时登记过多，请稍后再来，或拨打 12351。",
                       "Too much was handed in from this address; call 12351.");
}

net::problem urged_today(instant now) {
  return limit_reached(store::intake_span::day, now, "urged_today",
                       "今日已催办，承办单位已收到，请耐心等待。",
                       "The matter was urged today already.");
}

net::response as_repeat(net::response answer, bool replayed) {
  if (replayed) answer.headers.emplace_back("Idempotency-Replayed", "true");
  return answer;
}

}  // namespace

void intake_desk::add_to(api& routes) {
  routes.add({.verb = net::method::post,
              .pattern = "/v1/intake/requests",
              .name = "citizen_request",
              .summary = "公众渠道受理：要素不全的登记为待补充",
              .body = v1::CitizenRequest::descriptor(),
              .answer = v1::CitizenReceipt::descriptor(),
              .success = 201,
              .needs_key = true,
              .for_channels = true},
             [this](call c) { return request(std::move(c)); });
  routes.add({.verb = net::method::post,
              .pattern = "/v1/intake/progress",
              .name = "citizen_progress",
              .summary = "凭工单号和登记电话查询办理进度",
              .body = v1::ProgressQuery::descriptor(),
              .answer = v1::Progress::descriptor(),
              .for_channels = true},
             [this](call c) { return progress(std::move(c)); });
  routes.add(step_operation<v1::CitizenSupplement>("supplement", "职工补充情况"),
             [this](call c) { return act<v1::CitizenSupplement>(std::move(c)); });
  routes.add(step_operation<v1::CitizenUrge>("urge", "职工催办，每件每日一次"),
             [this](call c) { return act<v1::CitizenUrge>(std::move(c)); });
  routes.add(step_operation<v1::CitizenWithdrawal>("withdraw", "职工撤诉"),
             [this](call c) { return act<v1::CitizenWithdrawal>(std::move(c)); });
  routes.add(step_operation<v1::CitizenRating>("rate", "职工评价办理结果，即回访"),
             [this](call c) { return act<v1::CitizenRating>(std::move(c)); });
}

awaitable<reading<const v1::IntakeChannel*>> intake_desk::admit(const call& c) {
  const auto may =
      domain::permit(parts_.province()->org, c.actor, domain::action::read_progress, nullptr);
  const auto* channel = find_channel(intake_.settings, c.actor.user());
  if (may != domain::access::granted || channel == nullptr) {
    co_return std::unexpected(forbidden("intake.channel", "此接口只供已登记的公众渠道使用。",
                                        "This is for the channels that are configured."));
  }
  if (auto often = co_await count_request(intake_, c.actor.user(), parts_.now.now())) {
    co_return std::unexpected(*std::move(often));
  }
  co_return channel;
}

awaitable<outcome> intake_desk::request(call c) {
  const auto channel = co_await admit(c);
  if (!channel) co_return std::unexpected(channel.error());
  v1::CitizenRequest asked;
  if (auto read = read_body(c.request, codec_, asked); !read) {
    co_return std::unexpected(std::move(read.error()));
  }
  // A token is good for once: the repeat of a request brings another one.
  v1::CitizenRequest meant = asked;
  meant.clear_captcha();
  const std::string fingerprint = fingerprint_of(c, meant);
  const auto repeat = co_await is_repeat(c.key, fingerprint);
  if (!repeat) co_return std::unexpected(repeat.error());
  if (*repeat) {
    // Its files hang on the ticket, whatever their receipts are good for by now.
    asked.clear_attachments();
  } else if (auto placed = place_files(parts_, asked, c.actor, nullptr); !placed) {
    co_return std::unexpected(std::move(placed.error()));
  }
  auto order = domain::create_of(asked, sources_of(**channel), parts_.province()->org);
  if (!order) co_return std::unexpected(problem_for_rejection(order.error()));
  v1::Command command;
  *command.mutable_create() = *std::move(order);
  command.set_id(c.key);
  *command.mutable_actor() = c.actor;

  if (!*repeat) {
    if (auto passed = co_await check_captcha(**channel, asked); !passed) {
      co_return std::unexpected(std::move(passed.error()));
    }
  }
  const auto& phone = command.create().intake().caller().phone();
  const auto now = parts_.now.now();
  std::vector<counted> limits;
  limits.emplace_back(tickets_of_phone(intake_.settings, parts_.vault.phone_index(phone)),
                      phone_limit(now));
  if (!asked.citizen_address().empty()) {
    limits.emplace_back(tickets_of_address(intake_.settings, asked.citizen_address()),
                        address_limit(now));
  }
  const auto done = *repeat ? co_await run(command, fingerprint)
                            : co_await run_counted(std::move(limits), command, fingerprint);
  if (!done) co_return std::unexpected(done.error());
  const std::string& no = done->answer.ticket_no();
  if (auto whole = co_await complete(command, fingerprint, asked, no); !whole) {
    co_return std::unexpected(std::move(whole.error()));
  }
  v1::CitizenReceipt receipt;
  receipt.set_ticket_no(no);
  receipt.set_hint(std::string(hint));
  net::response answer = make_answer(receipt, c.accepted, codec_);
  answer.status = 201;
  co_return as_repeat(std::move(answer), done->replayed);
}

awaitable<reading<void>> intake_desk::check_captcha(const v1::IntakeChannel& channel,
                                                    const v1::CitizenRequest& asked) {
  if (!channel.captcha()) co_return reading<void>{};
  if (asked.captcha().empty()) co_return std::unexpected(captcha_failed());
  if (intake_.check == nullptr) co_return std::unexpected(captcha_unavailable("not configured"));
  const auto passed = co_await intake_.check->passed(asked.captcha(), asked.citizen_address());
  if (!passed) co_return std::unexpected(captcha_unavailable(passed.error().detail));
  if (!*passed) co_return std::unexpected(captcha_failed());
  co_return reading<void>{};
}

awaitable<reading<void>> intake_desk::complete(const v1::Command& create,
                                               const std::string& fingerprint,
                                               const v1::CitizenRequest& asked, std::string no) {
  std::vector<v1::Command> steps;
  for (auto& note : domain::notes_of(asked)) {
    steps.emplace_back().mutable_annotate()->set_text(std::move(note));
  }
  auto repeated = co_await find_repeated(create.create().intake(), no);
  if (!repeated) co_return std::unexpected(net::problem_for(repeated.error()));
  if (!repeated->empty()) {
    auto& link = *steps.emplace_back().mutable_add_link()->mutable_link();
    link.set_kind(v1::LINK_KIND_REPEAT);
    link.set_ticket_no(*std::move(repeated));
    link.set_remark("同一来电人、单位和类别，建议并单");
  }
  for (std::size_t i = 0; i < steps.size(); ++i) {
    auto& step = steps[i];
    // Named after the request, whose repeat finds them done; no client's key has a blank.
    step.set_id(fmt::format("{} {}", create.id(), i + 1));
    step.set_ticket_no(no);
    *step.mutable_actor() = create.actor();
    const auto done = co_await parts_.runner.run(std::move(step), fingerprint);
    // What a rule refuses has been overtaken: the ticket is with people already.
    if (!done && !done.error().rejection) {
      co_return std::unexpected(net::problem_for(errc::outcome_unknown));
    }
  }
  co_return reading<void>{};
}

awaitable<result<std::string>> intake_desk::find_repeated(const v1::Intake& intake,
                                                          std::string own_no) {
  constexpr std::size_t looks_max = 20;
  const auto earlier =
      co_await parts_.index.page("caller:" + parts_.vault.phone_index(intake.caller().phone()),
                                 std::nullopt, looks_max, store::index_order::descending);
  if (!earlier) co_return pass(earlier);
  // Newest first: what is behind its own entry came before it, also when the request is repeated.
  const auto& members = earlier->members;
  auto at = std::ranges::find(members, own_no, &store::index_member::no);
  std::vector<std::string> numbers;
  while (at != members.end() && ++at != members.end()) numbers.push_back(at->no);
  if (numbers.empty()) co_return std::string();
  auto loaded = co_await parts_.tickets.load_many(std::move(numbers));
  if (!loaded) co_return pass(loaded);
  std::vector<v1::Ticket> tickets;
  for (auto& one : *loaded) {
    if (one && *one) tickets.push_back(**std::move(one));
  }
  co_return domain::repeated_by(intake, tickets, parts_.now.now());
}

awaitable<outcome> intake_desk::progress(call c) {
  const auto channel = co_await admit(c);
  if (!channel) co_return std::unexpected(channel.error());
  v1::ProgressQuery asked;
  if (auto read = read_body(c.request, codec_, asked); !read) {
    co_return std::unexpected(std::move(read.error()));
  }
  auto ticket = co_await claims_.prove(c, asked.claim());
  if (!ticket) co_return std::unexpected(std::move(ticket.error()));
  co_return co_await tell(*std::move(ticket), c.accepted);
}

template <class Words>
awaitable<outcome> intake_desk::act(call c) {
  const auto channel = co_await admit(c);
  if (!channel) co_return std::unexpected(channel.error());
  Words said;
  if (auto read = read_body(c.request, codec_, said); !read) {
    co_return std::unexpected(std::move(read.error()));
  }
  const auto ticket = co_await claims_.prove(c, said.claim());
  if (!ticket) co_return std::unexpected(ticket.error());
  std::string fingerprint = fingerprint_of(c, said);
  if (auto placed = place_files(parts_, said, c.actor, nullptr); !placed) {
    const auto repeat = co_await is_repeat(c.key, fingerprint);
    if (!repeat) co_return std::unexpected(repeat.error());
    if (!*repeat) co_return std::unexpected(std::move(placed.error()));
  }
  if constexpr (requires { said.attachments(); }) {
    if (const auto no = domain::check_file_count(said.attachments_size())) {
      co_return std::unexpected(problem_for_rejection(*no));
    }
  }
  v1::Command command = domain::command_of(said);
  command.set_ticket_no(ticket->no());
  command.set_id(c.key);
  *command.mutable_actor() = c.actor;
  std::vector<counted> limits;
  if (command.has_urge()) {
    limits.emplace_back(urges_of_ticket(ticket->no()), urged_today(parts_.now.now()));
  }
  auto done = limits.empty() ? co_await run(command, fingerprint)
                             : co_await run_counted(std::move(limits), command, fingerprint);
  if (!done) co_return std::unexpected(std::move(done.error()));
  auto told = co_await tell(done->ticket ? *std::move(done->ticket) : *ticket, c.accepted);
  if (!told) co_return told;
  co_return as_repeat(*std::move(told), done->replayed);
}

awaitable<outcome> intake_desk::tell(v1::Ticket ticket, body_format accepted) {
  std::optional<v1::Ticket> main;
  if (ticket.state() == v1::STATE_MERGED) {
    auto loaded = co_await parts_.tickets.load(ticket.main_no());
    if (!loaded) co_return std::unexpected(net::problem_for(loaded.error()));
    main = *std::move(loaded);
  }
  const auto land = parts_.province();
  co_return make_answer(domain::progress_of(land->org, ticket, main ? &*main : nullptr), accepted,
                        codec_);
}

// Counted before it is carried out, under the request's own token: so many requests at once have no
// more effect than is allowed, and one that is repeated after a crash counts once.
awaitable<reading<store::executed>> intake_desk::run_counted(std::vector<counted> limits,
                                                             v1::Command command,
                                                             std::string fingerprint) {
  const auto now = parts_.now.now();
  std::vector<store::intake_count> counts;
  for (const auto& one : limits) counts.push_back(one.count);
  const std::string token = command.actor().user() + " " + command.id();
  const auto full = co_await intake_.limits.take(counts, token, now);
  if (!full) co_return std::unexpected(net::problem_for(full.error()));
  if (*full) co_return std::unexpected(std::move(limits[**full].when_full));
  auto done = co_await run(std::move(command), std::move(fingerprint));
  // A rule has refused it: nothing was done that counts. Where the outcome is unknown it counts,
  // and what was done under the same key before goes on counting.
  if (!done && done.error().status < 500 && done.error().code != to_string(errc::key_reused)) {
    if (const auto back = co_await intake_.limits.give_back(counts, token, now); !back) {
      parts_.log.warn("count not taken back reason=\"{}\"", to_string(back.error()));
    }
  }
  co_return done;
}

awaitable<reading<store::executed>> intake_desk::run(v1::Command command, std::string fingerprint) {
  auto done = co_await parts_.runner.run(std::move(command), std::move(fingerprint));
  if (!done) co_return std::unexpected(problem_of(done.error()));
  if (done->replayed) parts_.counts.replayed();
  co_return *std::move(done);
}

awaitable<reading<bool>> intake_desk::is_repeat(const std::string& key, std::string fingerprint) {
  auto request = parts_.runner.request(key, fingerprint);
  const auto known = co_await parts_.tickets.find_request(*std::move(request), parts_.now.now());
  if (!known) co_return std::unexpected(net::problem_for(known.error()));
  if (std::holds_alternative<store::key_reused>(*known)) {
    co_return std::unexpected(net::problem_for(errc::key_reused));
  }
  co_return std::holds_alternative<store::replayed>(*known);
}

}  // namespace hotline::gateway
