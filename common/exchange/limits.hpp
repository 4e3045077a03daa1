// How large a document of a partner may be.
#pragma once

#include <cstddef>

namespace hotline::exchange {

inline constexpr std::size_t document_bytes_max = std::size_t{8} * 1024 * 1024;
inline constexpr std::size_t document_depth_max = 32;       ///< objects, lists, elements
inline constexpr std::size_t document_nodes_max = 500'000;  ///< values, elements, attributes

/// Their number of a ticket and their serial, as the store keeps them.
inline constexpr std::size_t name_bytes_max = 200;

}  // namespace hotline::exchange
