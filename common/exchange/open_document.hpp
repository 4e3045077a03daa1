// Bytes of a partner to the tree: size, charset, syntax.
#pragma once

#include <expected>
#include <string_view>

#include "common/exchange/document.hpp"

namespace hotline::exchange {

/// An XML document must not declare another charset than its partner is configured with.
std::expected<node, fault> open_document(std::string_view bytes, const v1::PartnerFormat& format);

/// Where paths into an answer begin: the JSON value itself, or the root element.
const node& content_of(const node& document, v1::Syntax syntax);

/// The text at a path into an answer; empty when there is none.
std::string text_at(const node& content, const document_path& path);

}  // namespace hotline::exchange
