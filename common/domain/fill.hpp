// Filling what is empty, and nothing else.
#pragma once

#include "hotline/v1/ticket.pb.h"

namespace hotline::domain {

/// Leaves of `given` only the fields `stored` has no value in. True: one that went has another
/// value there.
bool keep_missing(const v1::Intake& stored, v1::Intake& given);

}  // namespace hotline::domain
