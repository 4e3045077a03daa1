// What became of each row of a register, for whoever keeps it: CSV that grows with the run, so that
// a break loses nothing of it.
#pragma once

#include <cstddef>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/error.hpp"

namespace hotline::program {

/// Every row is one of these.
enum class row_end {
  made,     ///< 新建
  known,    ///< 已有
  wrong,    ///< 有误
  waiting,  ///< 未处理: the run broke off before it was done
};

struct row_outcome {
  std::size_t line = 0;
  std::string ticket_no;  ///< empty: there is none
  row_end end = row_end::waiting;
  std::string words;
};

class register_report {
 public:
  /// An empty name: nothing is written. io_error, with the system's words. What was in the file is
  /// gone.
  static result<register_report> open(const std::string& name);

  /// Hands the row to the system at once. io_error: it could not be written.
  result<void> add(const row_outcome& row);

 private:
  struct closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  register_report() = default;
  result<void> write(std::string_view text);

  std::unique_ptr<std::FILE, closer> file_;
};

std::string_view word(row_end end);

}  // namespace hotline::program
