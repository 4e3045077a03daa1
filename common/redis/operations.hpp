// The operations behind link::exec and link::exec_all, by the type of their completion handler.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "common/redis/link.hpp"

namespace hotline::redis {

/// One command, one waiter.
template <class Handler>
class single_operation final : public operation {
 public:
  explicit single_operation(Handler handler) : handler_(std::move(handler)) {}

  void settle(result<reply> outcome) noexcept override { outcome_ = std::move(outcome); }

  void deliver() override {
    auto handler = std::move(handler_);
    auto outcome = std::move(outcome_);
    delete this;
    std::move(handler)(std::move(outcome));
  }

  void discard() noexcept override { delete this; }

 private:
  Handler handler_;
  result<reply> outcome_;
};

/// Many commands, one waiter, one completion when the last outcome is known.
template <class Handler>
class batch_operation {
 public:
  batch_operation(std::size_t size, Handler handler)
      : handler_(std::move(handler)), outcomes_(size), left_(size), parts_(new part[size]) {
    for (std::size_t i = 0; i < size; ++i) {
      parts_[i].owner = this;
      parts_[i].outcome = &outcomes_[i];
    }
  }

  operation& at(std::size_t index) { return parts_[index]; }

 private:
  struct part final : operation {
    void settle(result<reply> o) noexcept override { *outcome = std::move(o); }
    void deliver() override { owner->one_delivered(); }
    void discard() noexcept override { owner->one_discarded(); }
    batch_operation* owner = nullptr;
    result<reply>* outcome = nullptr;
  };

  void one_delivered() {
    if (--left_ > 0) return;
    auto handler = std::move(handler_);
    auto outcomes = std::move(outcomes_);
    delete this;
    std::move(handler)(std::move(outcomes));
  }

  void one_discarded() noexcept {
    if (--left_ == 0) delete this;
  }

  Handler handler_;
  std::vector<result<reply>> outcomes_;
  std::size_t left_;
  std::unique_ptr<part[]> parts_;
};

}  // namespace hotline::redis
