// A review (待核对) as it is shown: the partner's bytes as text, personal values masked.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "common/domain/province.hpp"
#include "common/exchange/partner.hpp"
#include "common/store/exchange_feed.hpp"
#include "hotline/v1/partner.pb.h"
#include "hotline/v1/review_api.pb.h"

namespace hotline::gateway {

struct shown_bytes {
  std::string text;  ///< UTF-8
  bool cut = false;  ///< the end is not shown
};

/// The beginning of what a partner sent, U+FFFD for what is no character. Numbers are masked before
/// the text is cut, so that no part of one is left; `words` are taken out.
shown_bytes show_bytes(std::string_view bytes, v1::Charset charset,
                       const std::vector<std::string>& words);

inline constexpr std::size_t shown_bytes_max = 8 * 1024;

/// All of it, for a reveal.
std::string whole_text(std::string_view bytes, v1::Charset charset);

v1::PartnerReview show_review(const store::stored_review& review, const exchange::partner& from,
                              const domain::province& land);

}  // namespace hotline::gateway
