// What a fuzzer feeds: functions that take any bytes, must not crash, and abort when a promise
// about what they read is broken.
#pragma once

#include <string_view>

namespace hotline::fuzz {

bool json(std::string_view bytes);       ///< JSON text that is read can be written and read again
bool xml(std::string_view bytes);        ///< the same for XML
bool gb18030(std::string_view bytes);    ///< what is decoded is encoded to the same bytes
bool signature(std::string_view bytes);  ///< header fields, address, body: never verified by chance
bool signing(std::string_view bytes);    ///< a body that was signed verifies, changed it does not
bool answer(std::string_view bytes);     ///< answers, lists, cursors, references of each partner
bool message(std::string_view bytes);    ///< each shipped partner: an item alone is the same item

}  // namespace hotline::fuzz
