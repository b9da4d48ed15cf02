#include "core/yaml.h"

#include <yaml.h>

#include <algorithm>
#include <map>
#include <optional>
#include <span>
#include <string>

#include "core/abridged_yaml.h"

namespace metrishift {
namespace {

// libyaml's marks count characters; the project counts bytes. One mark is near the one before, so
// the last answer is where the next search starts, in either direction.
class CharacterIndex {
 public:
  explicit CharacterIndex(std::string_view text) : text_(text), ascii_(IsAscii(text)) {}

  size_t ToByte(size_t character) {
    if (ascii_) return std::min(character, text_.size());
    while (character_ > character) {
      --byte_;
      while (IsInside(byte_)) --byte_;
      --character_;
    }
    while (character_ < character && byte_ < text_.size()) {
      ++byte_;
      while (byte_ < text_.size() && IsInside(byte_)) ++byte_;
      ++character_;
    }
    return byte_;
  }

 private:
  // Compilers make vectors of a loop of so many turns.
  static bool IsAscii(std::string_view text) {
    constexpr size_t kBlock = 64;
    while (text.size() >= kBlock) {
      unsigned char any = 0;
      for (size_t i = 0; i < kBlock; ++i) any |= static_cast<unsigned char>(text[i]);
      if (any >= 0x80) return false;
      text.remove_prefix(kBlock);
    }
    return std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
  }

  // True iff the byte belongs to the character that began before it.
  bool IsInside(size_t at) const { return (static_cast<unsigned char>(text_[at]) & 0xC0) == 0x80; }

  std::string_view text_;
  size_t byte_ = 0;
  size_t character_ = 0;
  bool ascii_;
};

ScalarStyle StyleOf(yaml_scalar_style_t style) {
  switch (style) {
    case YAML_SINGLE_QUOTED_SCALAR_STYLE:
      return ScalarStyle::kSingleQuoted;
    case YAML_DOUBLE_QUOTED_SCALAR_STYLE:
      return ScalarStyle::kDoubleQuoted;
    case YAML_LITERAL_SCALAR_STYLE:
      return ScalarStyle::kLiteral;
    case YAML_FOLDED_SCALAR_STYLE:
      return ScalarStyle::kFolded;
    case YAML_ANY_SCALAR_STYLE:
    case YAML_PLAIN_SCALAR_STYLE:
      break;
  }
  return ScalarStyle::kPlain;
}

// Builds a TextTree from libyaml's events, without recursion.
class TreeBuilder {
 public:
  // `text`: what is left of `file` without its first `skipped` bytes and without `cuts`.
  TreeBuilder(std::string_view file, size_t skipped, std::string_view text,
              std::span<const LiteralCut> cuts)
      : index_(text), skipped_(skipped), cuts_(cuts), place_(cuts), file_(file), tree_(file) {
    ready_ = yaml_parser_initialize(&parser_) != 0;
    if (!ready_) return;
    yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()),
                                 text.size());
  }
  TreeBuilder(const TreeBuilder&) = delete;
  TreeBuilder& operator=(const TreeBuilder&) = delete;
  ~TreeBuilder() { yaml_parser_delete(&parser_); }

  Outcome<TextTree> Build() {
    // A parser that has got no memory would give events without end.
    if (!ready_) return Fail({Severity::kError, {}, kNoMemory, ""});
    for (bool done = false; !done;) {
      yaml_event_t event;
      if (!yaml_parser_parse(&parser_, &event)) return Fail(SyntaxError());
      done = event.type == YAML_STREAM_END_EVENT;
      const std::optional<Diagnostic> error = Handle(event);
      yaml_event_delete(&event);
      if (error) return Fail(*error);
    }
    return {tree_.Take(), {}};
  }

  // True iff every cut turned out to be in a literal block. Otherwise what was built means nothing.
  bool cuts_hold() const { return cuts_.empty(); }

 private:
  static constexpr const char* kNoMemory = "there is no memory to read it";

  static Outcome<TextTree> Fail(Diagnostic error) { return {std::nullopt, {std::move(error)}}; }

  Diagnostic SyntaxError() {
    if (parser_.error == YAML_MEMORY_ERROR) return {Severity::kError, {}, kNoMemory, ""};
    std::string message = "not valid YAML";
    if (parser_.problem != nullptr) message += std::string(": ") + parser_.problem;
    if (parser_.context != nullptr) message += std::string(" ") + parser_.context;
    // A reader error (bad UTF-8) knows a byte offset only; the others know a mark.
    const size_t at = parser_.error == YAML_READER_ERROR ? skipped_ + parser_.problem_offset
                                                         : Byte(parser_.problem_mark);
    return {Severity::kError, {at, at}, message, ""};
  }

  size_t Byte(const yaml_mark_t& mark) { return skipped_ + place_.Of(index_.ToByte(mark.index)); }

  FileSpan SpanOf(const yaml_event_t& event) {
    const size_t begin = Byte(event.start_mark);
    return {begin, Byte(event.end_mark)};
  }

  std::optional<Diagnostic> Handle(const yaml_event_t& event) {
    switch (event.type) {
      case YAML_SCALAR_EVENT:
        return Scalar(event);
      case YAML_MAPPING_START_EVENT:
        Enter(event.data.mapping_start.style == YAML_FLOW_MAPPING_STYLE);
        return Collection(TextNode::Kind::kMapping, event, event.data.mapping_start.anchor);
      case YAML_SEQUENCE_START_EVENT:
        Enter(event.data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE);
        return Collection(TextNode::Kind::kSequence, event, event.data.sequence_start.anchor);
      case YAML_MAPPING_END_EVENT:
      case YAML_SEQUENCE_END_EVENT:
        tree_.Close(Byte(event.end_mark));
        if (flow_depth_ > 0) --flow_depth_;
        return std::nullopt;
      case YAML_ALIAS_EVENT:
        return Alias(event);
      case YAML_DOCUMENT_START_EVENT:
        anchors_.clear();
        return std::nullopt;
      case YAML_NO_EVENT:
      case YAML_STREAM_START_EVENT:
      case YAML_STREAM_END_EVENT:
      case YAML_DOCUMENT_END_EVENT:
        return std::nullopt;
    }
    return std::nullopt;
  }

  std::optional<Diagnostic> Scalar(const yaml_event_t& event) {
    std::string_view value(reinterpret_cast<const char*>(event.data.scalar.value),
                           event.data.scalar.length);
    ScalarStyle style = StyleOf(event.data.scalar.style);
    if (style == ScalarStyle::kPlain && flow_depth_ > 0) style = ScalarStyle::kFlowPlain;
    std::optional<std::string> restored;
    if (style == ScalarStyle::kLiteral && !cuts_.empty() &&
        index_.ToByte(event.start_mark.index) == cuts_.front().header) {
      restored = Restore(file_.substr(skipped_), cuts_.front(), value);
    }
    if (restored) {
      cuts_ = cuts_.subspan(1);
      value = *restored;
    }
    const FileSpan span = SpanOf(event);
    return Named(tree_.AddScalar(span, style, value), span, event.data.scalar.anchor);
  }

  // What is in a flow collection is in flow style as well.
  void Enter(bool is_flow) {
    if (is_flow || flow_depth_ > 0) ++flow_depth_;
  }

  std::optional<Diagnostic> Collection(TextNode::Kind kind, const yaml_event_t& event,
                                       const yaml_char_t* anchor) {
    const FileSpan span = SpanOf(event);
    return Named(tree_.Open(kind, span), span, anchor);
  }

  std::optional<Diagnostic> Named(NodeId id, FileSpan span, const yaml_char_t* anchor) {
    if (anchor != nullptr) anchors_[reinterpret_cast<const char*>(anchor)] = id;
    return tree_.CheckLimits(span);
  }

  std::optional<Diagnostic> Alias(const yaml_event_t& event) {
    const auto* name = reinterpret_cast<const char*>(event.data.alias.anchor);
    const auto found = anchors_.find(name);
    if (found == anchors_.end()) {
      return Diagnostic{Severity::kError, SpanOf(event),
                        std::string("alias *") + name + " has no anchor before it", ""};
    }
    const NodeId id = found->second;
    if (tree_.IsOpen(id)) {
      return Diagnostic{Severity::kError, SpanOf(event),
                        std::string("alias *") + name + " stands inside its own anchor", ""};
    }
    tree_.AddAlias(id);
    return std::nullopt;
  }

  yaml_parser_t parser_;
  CharacterIndex index_;
  size_t skipped_;
  std::span<const LiteralCut> cuts_;  // those that were not met yet
  WholePlace place_;
  std::string_view file_;
  bool ready_ = false;
  size_t flow_depth_ = 0;  // of the open collections, from the outermost in flow style on
  TextTreeAssembler tree_;
  std::map<std::string, NodeId, std::less<>> anchors_;
};

}  // namespace

Outcome<TextTree> ParseYaml(std::string_view text, size_t percent) {
  // libyaml would take a byte order mark for an indentation of one column.
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  const size_t skipped = text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  const std::string_view body = text.substr(skipped);
  const AbridgedYaml abridged = Abridge(body, percent);
  if (!abridged.cuts.empty()) {
    TreeBuilder builder(text, skipped, abridged.text, abridged.cuts);
    Outcome<TextTree> tree = builder.Build();
    if (tree && builder.cuts_hold()) return tree;
  }
  return TreeBuilder(text, skipped, body, {}).Build();
}

}  // namespace metrishift
