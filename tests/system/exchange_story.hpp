// What becomes of the tickets of an exchange: which story each lives, what its partner says about
// it, and what is true at its end.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "hotline/v1/exchange.pb.h"
#include "hotline/v1/ticket.pb.h"
#include "tests/partner/ledger.hpp"

namespace hotline::test {

enum class story {
  plain,        ///< handled, reviewed; the partner visits and is content
  rework,       ///< the partner is not content at first
  urged,        ///< urged, supervised and supplemented on the way
  withdrawn,    ///< taken back by the partner
  extended,     ///< an extension is asked for and granted
  handed_back,  ///< no matter of the unions: given back in time
  with_files,   ///< a file at the beginning and one later
  granted,      ///< given to the partner, who finishes it
  refused,      ///< given to the partner, who sends it back
  declined,     ///< given to the partner, who does not even take it
};

/// A county, by its code and as the partners call it.
struct place {
  std::string unit;
  std::string city_name;  ///< "邹城市"
  std::string full_name;  ///< "济宁市邹城市"
};

struct plot {
  story kind = story::plain;
  std::string partner;      ///< its name in the configuration
  std::string external_no;  ///< empty while the partner has not got it yet
  std::string ticket_no;    ///< empty while the hotline's number is not known
  place where;

  bool is_from_partner() const {
    return kind != story::granted && kind != story::refused && kind != story::declined;
  }
};

/// The tickets of a run: from the city platform, from the provincial platform, for legal aid.
std::vector<plot> plots_of(int tickets);
/// The story a number stands for: how the partner's will knows what to do.
story story_of(std::string_view external_no);

v1::PartnerEvent create_of(const plot& p);
/// What the partner says on the second day.
std::vector<v1::PartnerEvent> pressure_of(const plot& p);
/// What the partner does about something it was told.
std::vector<v1::PartnerEvent> reaction(const v1::PartnerEvent& told, const std::string& external_no,
                                       const book_entry& entry);
/// What legal aid does about a referral; it knows the story by the words of the matter.
std::vector<v1::PartnerEvent> legal_reaction(const v1::PartnerEvent& told,
                                             const std::string& external_no,
                                             const book_entry& entry);
bool legal_declines(const v1::PartnerEvent& told);
/// What legal aid asks for in each case it takes, beyond the half year it has.
inline constexpr int days_for_legal_aid = 10;

/// The words of a matter that is given to legal aid.
std::string words_for_legal_aid(story kind);

/// The state the hotline has the ticket in when all is over.
v1::State end_of(story kind);

}  // namespace hotline::test
