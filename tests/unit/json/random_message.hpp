// Random messages of any type, filled by reflection; the same seed gives the same message.
#pragma once

#include <google/protobuf/message.h>

#include <random>
#include <string>

namespace hotline::json {

/// Fills about every second field with values the API allows, nested at most `depth_left` deep.
void fill_randomly(google::protobuf::Message& message, std::mt19937_64& random, int depth_left);

/// Valid UTF-8 of up to 24 characters without forbidden ones: Latin, quotes, Chinese, emoji.
std::string random_text(std::mt19937_64& random);

}  // namespace hotline::json
