// The exchange with a partner as the partner sees it: what comes in for us goes out for it.
#pragma once

#include "hotline/v1/partner.pb.h"

namespace hotline::test {

/// A configuration with which common/exchange speaks and reads for the partner: `outbound` writes
/// what our `inbound` reads, `inbound` reads what our `outbound` writes. Each side calls its own
/// number the ticket's and the other's the external one, so these two change places in the mapping.
/// What a side demands of the other (`required`) is not demanded of what it says itself: a stand-in
/// must be able to say too little.
v1::Partner mirror_of(const v1::Partner& ours);

}  // namespace hotline::test
