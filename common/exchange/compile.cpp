#include "common/exchange/compile.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/core.h>

#include "common/domain/personal.hpp"
#include "common/exchange/date_format.hpp"
#include "common/exchange/xml_document.hpp"

namespace hotline::exchange {
namespace {

using google::protobuf::FieldDescriptor;

enum class direction { in, out };

bool is_code_of_unit(std::string_view name) {
  return name == "region" || name == "complained_unit" || name == "handler_unit";
}

/// Fields of PartnerEvent that no message of a partner may set.
bool is_our_own(const our_path& path) {
  return path.text == "partner" || path.text == "kind" || path.text == "intake.external_partner" ||
         path.text == "intake.caller.phone_index";
}

class compiler {
 public:
  compiler(const v1::Partner& config, const domain::organisation& units, const v1::Policies& rules,
           const domain::region_recogniser* places)
      : units_(units), made_(std::make_shared<partner_mapping>()) {
    made_->config = config;
    made_->places = places;
    for (const v1::Category& one : rules.categories().categories()) categories_.insert(one.code());
  }

  compiled run() {
    mistakes_ = check_terms(made_->config, units_);
    index_tables();
    if (config().has_inbound()) inbound(config().inbound());
    if (config().has_outbound()) outbound(config().outbound());
    if (config().has_reconciliation()) reconciliation(config().reconciliation());
    made_->answer.upload_reference =
        path("attachments.upload_reference_path", config().attachments().upload_reference_path());
    return {std::move(made_), std::move(mistakes_)};
  }

 private:
  const v1::Partner& config() const { return made_->config; }

  void wrong(std::string at, std::string reason) {
    domain::config_mistake mistake{std::move(at), std::move(reason)};
    // Several fields may use one table.
    if (std::ranges::find(mistakes_, mistake) == mistakes_.end())
      mistakes_.push_back(std::move(mistake));
  }

  document_path path(std::string at, std::string_view text) {
    auto parsed = parse_path(text);
    if (parsed) return std::move(*parsed);
    wrong(std::move(at), parsed.error());
    return {};
  }

  /// A path to one value.
  document_path single(std::string at, std::string_view text) {
    document_path parsed = path(at, text);
    if (has_list(parsed)) wrong(std::move(at), "this is one value: write the path without '[]'");
    return parsed;
  }

  /// A path to messages: the last name is a list, whether it says so or not.
  document_path list(std::string at, std::string_view text) {
    document_path parsed = path(at, text);
    if (parsed.empty()) return parsed;
    parsed.back().every = true;
    if (std::ranges::count_if(parsed, &path_step::every) > 1)
      wrong(std::move(at), "only the last name may be a list");
    return parsed;
  }

  void index_tables() {
    for (int i = 0; i < config().tables_size(); ++i) {
      const v1::CodeTable& from = config().tables(i);
      const std::string at = fmt::format("tables[{}]", i);
      if (from.name().empty()) wrong(at, "give the table a name");
      const auto [place, added] = made_->tables.try_emplace(from.name());
      if (!added) wrong(at + ".name", fmt::format("there are two tables '{}'", from.name()));
      code_table& table = place->second;
      table.otherwise_ours = from.otherwise_ours();
      table.otherwise_theirs = from.otherwise_theirs();
      for (int e = 0; e < from.entries_size(); ++e) {
        const auto& entry = from.entries(e);
        if (entry.theirs().empty() || entry.ours().empty())
          wrong(fmt::format("{}.entries[{}]", at, e), "an entry needs `theirs` and `ours`");
        table.ours_of.try_emplace(entry.theirs(), entry.ours());
        table.theirs_of.try_emplace(entry.ours(), entry.theirs());
      }
    }
  }

  void inbound(const v1::Inbound& from) {
    made_->items_in = list("inbound.format.items", from.format().items());
    made_->event_word = single("inbound.event_path", from.event_path());
    made_->next_cursor = single("inbound.pull.next_cursor", from.pull().next_cursor());
    made_->our_answer_code = single("inbound.answer_code_path", from.answer_code_path());
    made_->our_answer_message = single("inbound.answer_message_path", from.answer_message_path());
    made_->our_answer_ticket = single("inbound.answer_ticket_path", from.answer_ticket_path());
    for (int i = 0; i < from.fields_size(); ++i)
      made_->fields_in.push_back(field(made_->config.inbound().fields(i), direction::in,
                                       from.format().syntax(),
                                       fmt::format("inbound.fields[{}]", i)));
    need_field_in("external_no", "the partner's number of the ticket");
    const bool creates =
        from.event_path().empty() || std::ranges::any_of(from.events(), [](const v1::EventWord& w) {
          return w.kind() == v1::PARTNER_EVENT_KIND_CREATE;
        });
    if (creates) need_field_in("intake.matter.content", "what the matter is");
  }

  void need_field_in(std::string_view ours, std::string_view what) {
    const bool there = std::ranges::any_of(
        made_->fields_in, [&](const field_rule& rule) { return rule.ours.text == ours; });
    if (!there) wrong("inbound", fmt::format("map a field to '{}': {}", ours, what));
  }

  void outbound(const v1::Outbound& from) {
    answer_paths& answer = made_->answer;
    answer.code = single("outbound.answer_code_path", from.answer_code_path());
    answer.message = single("outbound.answer_message_path", from.answer_message_path());
    answer.external_no = single("outbound.answer_external_no_path", from.answer_external_no_path());
    for (int i = 0; i < from.fields_size(); ++i)
      made_->fields_out.push_back(field(made_->config.outbound().fields(i), direction::out,
                                        from.format().syntax(),
                                        fmt::format("outbound.fields[{}]", i)));
    if (from.fields().empty()) wrong("outbound", "list the fields they are told");
    const bool xml = from.format().syntax() == v1::SYNTAX_XML;
    if (xml && !is_xml_name(from.format().xml_root()))
      wrong("outbound.format.xml_root", "name the root element of what they are sent");
  }

  void reconciliation(const v1::Reconciliation& from) {
    made_->list_items = list("reconciliation.items", from.items());
    made_->list_external_no = single("reconciliation.external_no_path", from.external_no_path());
    made_->list_state = single("reconciliation.state_path", from.state_path());
    if (from.external_no_path().empty())
      wrong("reconciliation", "external_no_path says where the ticket's number is");
  }

  field_rule field(const v1::FieldMapping& from, direction way, v1::Syntax syntax,
                   const std::string& at) {
    field_rule rule;
    rule.config = &from;
    if (from.theirs().empty()) wrong(at, "`theirs` is empty: where in their message is it?");
    rule.theirs = path(at + ".theirs", from.theirs());
    if (syntax == v1::SYNTAX_XML && way == direction::out &&
        !std::ranges::all_of(rule.theirs, [](const auto& s) { return is_xml_name(s.name); }))
      wrong(at + ".theirs", "this cannot be the name of an XML element or attribute");
    conditions(from, rule, way, at);
    if (!from.fixed().empty()) {
      if (way == direction::in || !from.ours().empty())
        wrong(at + ".fixed", "a fixed text is for outbound fields without `ours`");
      return rule;
    }
    auto ours = resolve_ours(from.ours());
    if (!ours) {
      wrong(at + ".ours", ours.error());
      return rule;
    }
    rule.ours = std::move(*ours);
    if (way == direction::in && is_our_own(rule.ours))
      wrong(at + ".ours", "the hotline sets this field itself");
    lists_agree(from, rule, at);
    form(from, rule, at);
    table(from, rule, at);
    return rule;
  }

  void conditions(const v1::FieldMapping& from, field_rule& rule, direction way,
                  const std::string& at) {
    if (way == direction::in && !from.where().empty())
      wrong(at + ".where", "conditions are for outbound fields");
    for (int i = 0; i < from.where_size(); ++i) {
      const std::string here = fmt::format("{}.where[{}]", at, i);
      auto ours = resolve_ours(from.where(i).ours());
      if (!ours || ours->list) {
        wrong(here + ".ours", ours ? "a condition is about one value" : ours.error());
        continue;
      }
      field_rule value;
      value.ours = std::move(*ours);
      for (int v = 0; v < from.where(i).values_size(); ++v)
        check_value(value, from.where(i).values(v), fmt::format("{}.values[{}]", here, v));
      if (from.where(i).values().empty()) wrong(here, "list the `values` it holds for");
      rule.where.push_back(
          {std::move(value.ours), {from.where(i).values().begin(), from.where(i).values().end()}});
    }
  }

  void lists_agree(const v1::FieldMapping& from, const field_rule& rule, const std::string& at) {
    if (std::ranges::count_if(rule.theirs, &path_step::every) > 1)
      wrong(at + ".theirs", "only one list may be on the way");
    const bool theirs = has_list(rule.theirs);
    const bool separated = !from.separator().empty();
    const bool ours = rule.ours.list.has_value();
    if (ours && theirs == separated)
      wrong(at, "our list needs their list ('name[]') or a `separator`, and not both");
    if (!ours && (theirs || separated))
      wrong(at, "theirs is a list and ours is not: write '[]' behind the name of our list");
  }

  void form(const v1::FieldMapping& from, field_rule& rule, const std::string& at) {
    const FieldDescriptor& field = rule.ours.field();
    const bool dated = is_instant(field) || is_day(field);
    if (!from.date_format().empty() && !dated)
      wrong(at + ".date_format", fmt::format("'{}' is neither an instant nor a day", from.ours()));
    if (!is_date_format(from.date_format()))
      wrong(at + ".date_format",
            "use yyyy, MM, dd, HH, mm, ss, SSS with year, month and day among them, or unix_ms, "
            "unix_s");
    rule.form.date_format = from.date_format();
    rule.form.end_of_day = config().due_is_date() && is_instant(field) &&
                           (field.name() == "due_at" || field.name() == "partner_due_at");
    if (from.scale() == 0) return;
    rule.form.scale = from.scale();
    std::int64_t power = from.scale();
    while (power > 1 && power % 10 == 0) power /= 10;
    if (!is_whole_number(field) || power != 1 || from.scale() > 1'000'000)
      wrong(at + ".scale", "a scale is a power of ten up to a million, of a number");
  }

  void table(const v1::FieldMapping& from, field_rule& rule, const std::string& at) {
    if (from.recognise_place() &&
        (!from.table().empty() || rule.ours.text != "intake.matter.region"))
      wrong(at + ".recognise_place", "this is for 'intake.matter.region' without a table");
    if (!from.default_value().empty() && at.starts_with("inbound"))
      check_value(rule, from.default_value(), at + ".default_value");
    if (from.table().empty()) return;
    const auto found = made_->tables.find(from.table());
    if (found == made_->tables.end())
      return wrong(at + ".table", fmt::format("there is no table '{}'", from.table()));
    rule.table = &found->second;
    for (int i = 0; i < config().tables_size(); ++i) {
      const v1::CodeTable& one = config().tables(i);
      if (one.name() != from.table()) continue;
      for (int e = 0; e < one.entries_size(); ++e)
        check_value(rule, one.entries(e).ours(), fmt::format("tables[{}].entries[{}].ours", i, e));
      if (!one.otherwise_ours().empty())
        check_value(rule, one.otherwise_ours(), fmt::format("tables[{}].otherwise_ours", i));
    }
  }

  /// A value of ours that is written down in the configuration.
  void check_value(const field_rule& rule, const std::string& value, std::string at) {
    const FieldDescriptor& field = rule.ours.field();
    if (is_code_of_unit(field.name())) {
      if (!units_.contains(value))
        wrong(std::move(at), fmt::format("there is no unit '{}'", value));
    } else if (field.name() == "category") {
      if (!categories_.contains(value))
        wrong(std::move(at), fmt::format("there is no category '{}'", value));
    } else if (v1::PartnerEvent scratch; !set_ours(scratch, rule.ours, 0, value, {})) {
      wrong(std::move(at),
            field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM
                ? fmt::format("'{}' is no value of {}", value, field.enum_type()->name())
                : fmt::format("'{}' is no value of '{}'", value, rule.ours.text));
    }
  }

  const domain::organisation& units_;
  std::set<std::string, std::less<>> categories_;
  std::shared_ptr<partner_mapping> made_;
  std::vector<domain::config_mistake> mistakes_;
};

}  // namespace

compiled compile_partner(const v1::Partner& config, const domain::organisation& units,
                         const v1::Policies& rules, const domain::region_recogniser* places) {
  return compiler(config, units, rules, places).run();
}

}  // namespace hotline::exchange
