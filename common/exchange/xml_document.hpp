// XML text and the document tree.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "common/exchange/document.hpp"

namespace hotline::exchange {

/// By pugixml, with what it lets pass refused: a document type (and with it every external or
/// nested entity), entities but the five of XML, more than one root element, an attribute twice,
/// text between elements. Depth and size are bounded.
std::expected<node, fault> parse_xml(std::string_view utf8);

/// The charset the XML declaration names, upper case; empty when there is none.
std::string declared_charset(std::string_view xml);

/// The first line of a document that is converted to the charset.
std::string xml_declaration(v1::Charset charset);

/// With an XML declaration for the charset the text is to be converted to.
std::string format_xml(const node& root, v1::Charset charset);

/// A name of an element or, behind "@", of an attribute.
bool is_xml_name(std::string_view name);

}  // namespace hotline::exchange
