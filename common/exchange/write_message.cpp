#include "common/exchange/write_message.hpp"

#include <optional>
#include <utility>

#include "common/domain/personal.hpp"
#include "common/exchange/charset.hpp"
#include "common/exchange/mapping.hpp"
#include "common/json/text_rules.hpp"

namespace hotline::exchange {
namespace {

std::string content_type_of(const v1::PartnerFormat& format) {
  if (!format.content_type().empty()) return format.content_type();
  if (format.syntax() != v1::SYNTAX_XML) return "application/json";
  return "application/xml; charset=" + std::string(charset_name(format.charset()));
}

/// The tree, under its root element in XML, as bytes.
std::expected<written, fault> finish(node content, const v1::PartnerFormat& format,
                                     std::string_view xml_root) {
  content.kind = node::form::object;
  node document;
  if (format.syntax() == v1::SYNTAX_XML) {
    document.kind = node::form::object;
    document.members.push_back({std::string(xml_root), std::move(content)});
  } else {
    document = std::move(content);
  }
  auto bytes =
      from_utf8(format_document(document, format.syntax(), format.charset()), format.charset());
  if (!bytes) return std::unexpected(fault{"", "含有不能编码的字符"});
  return written{.body = std::move(*bytes), .content_type = content_type_of(format)};
}

class event_writer {
 public:
  event_writer(const partner_mapping& to, const v1::PartnerEvent& event)
      : to_(to), event_(event), syntax_(to.config.outbound().format().syntax()) {}

  std::expected<written, fault> run() {
    if (to_.word_out(event_.kind()).empty())
      return std::unexpected(fault{"", "未约定向对方告知此类事件"});
    for (const field_rule& rule : to_.fields_out) {
      if (!rule.is_for(event_.kind()) || !rule.holds_for(event_)) continue;
      if (!write(rule)) return std::unexpected(std::move(wrong_));
    }
    const v1::PartnerFormat& format = to_.config.outbound().format();
    return finish(std::move(content_), format, format.xml_root());
  }

 private:
  bool refuse(const field_rule& rule, std::string reason) {
    wrong_ = {rule.config->theirs(), std::move(reason)};
    return false;
  }

  bool write(const field_rule& rule) {
    const v1::FieldMapping& config = *rule.config;
    if (!config.fixed().empty()) return put_text(rule, config.fixed(), 0, node::form::text);
    if (config.ours() == "kind")
      return put_text(rule, to_.word_out(event_.kind()), 0, node::form::text);
    return config.separator().empty() ? write_values(rule) : write_joined(rule);
  }

  /// A value in their words; empty: there is none. Nothing after a fault.
  std::optional<std::string> value_of(const field_rule& rule, std::size_t item) {
    std::string text = get_ours(event_, rule.ours, item, rule.form);
    if (domain::is_sealed(text)) {
      refuse(rule, "个人信息未解密");
      return std::nullopt;
    }
    using field_type = google::protobuf::FieldDescriptor;
    const bool is_truth = rule.ours.field().cpp_type() == field_type::CPPTYPE_BOOL;
    // "No" is an answer where one is required.
    if (rule.table == nullptr) {
      return text.empty() && is_truth && rule.config->required() ? "false" : std::move(text);
    }
    if (text.empty()) return std::string(is_truth ? rule.table->theirs("false") : "");
    const std::string_view theirs = rule.table->theirs(text);
    if (theirs.empty()) {
      refuse(rule, "代码表 " + rule.config->table() + " 中没有此代码");
      return std::nullopt;
    }
    return std::string(theirs);
  }

  bool write_values(const field_rule& rule) {
    const std::size_t count = rule.ours.list ? count_ours(event_, rule.ours) : 1;
    bool any = false;
    for (std::size_t i = 0; i < count; ++i) {
      const auto text = value_of(rule, i);
      if (!text) return false;
      if (text->empty()) continue;
      any = true;
      if (!put_text(rule, *text, i, form_of(rule))) return false;
    }
    return any || write_absent(rule);
  }

  bool write_joined(const field_rule& rule) {
    std::string joined;
    for (std::size_t i = 0; i < count_ours(event_, rule.ours); ++i) {
      const auto text = value_of(rule, i);
      if (!text) return false;
      if (text->empty()) continue;
      // It would come apart at another place on the other side.
      if (text->find(rule.config->separator()) != std::string::npos)
        return refuse(rule, "内容含有列表分隔符");
      if (!joined.empty()) joined += rule.config->separator();
      joined += *text;
    }
    return joined.empty() ? write_absent(rule) : put_text(rule, joined, 0, node::form::text);
  }

  bool write_absent(const field_rule& rule) {
    const v1::FieldMapping& config = *rule.config;
    if (!config.default_value().empty())
      return put_text(rule, config.default_value(), 0, node::form::text);
    return !config.required() || refuse(rule, "缺少必填内容");
  }

  /// JSON tells numbers from texts.
  static node::form form_of(const field_rule& rule) {
    using field_type = google::protobuf::FieldDescriptor;
    if (rule.table != nullptr) return node::form::text;
    const field_type& field = rule.ours.field();
    if (field.cpp_type() == field_type::CPPTYPE_BOOL) return node::form::truth;
    const bool is_unix = is_instant(field) && rule.form.date_format.starts_with("unix");
    return is_whole_number(field) || is_unix ? node::form::number : node::form::text;
  }

  bool put_text(const field_rule& rule, std::string_view text, std::size_t item, node::form kind) {
    if (json::has_forbidden_character(text)) return refuse(rule, "含有不允许的控制字符");
    put(content_, rule.theirs, {.kind = kind, .text = std::string(text), .members = {}}, syntax_,
        item);
    return true;
  }

  const partner_mapping& to_;
  const v1::PartnerEvent& event_;
  v1::Syntax syntax_;
  node content_;
  fault wrong_;
};

std::string_view answer_code(const v1::Inbound& in, answer_kind kind) {
  switch (kind) {
    case answer_kind::ok: return in.answer_ok();
    case answer_kind::duplicate:
      return in.answer_duplicate().empty() ? in.answer_ok() : in.answer_duplicate();
    case answer_kind::refused: return in.answer_refused();
    case answer_kind::again: return {};
  }
  return {};
}

}  // namespace

std::expected<written, fault> write_message(const partner& to, const v1::PartnerEvent& event) {
  return event_writer(to.mapping(), event).run();
}

written write_answer(const partner& to, answer_kind kind, std::string_view message,
                     std::string_view ticket_no) {
  constexpr std::string_view xml_root = "response";
  const partner_mapping& mapping = to.mapping();
  const v1::Inbound& in = mapping.config.inbound();
  node content;
  const auto add = [&](const document_path& path, std::string_view text) {
    if (path.empty() || text.empty()) return;
    put(content, path, {.kind = node::form::text, .text = std::string(text), .members = {}},
        in.format().syntax(), 0);
  };
  add(mapping.our_answer_code, answer_code(in, kind));
  add(mapping.our_answer_message, message);
  add(mapping.our_answer_ticket, ticket_no);
  auto answer = finish(std::move(content), in.format(), xml_root);
  // Only a message that is no UTF-8 can fail; the code is what counts.
  return answer ? std::move(*answer) : write_answer(to, kind, {}, {});
}

}  // namespace hotline::exchange
