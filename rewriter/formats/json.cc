#include "rewriter/formats/json.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

namespace metrishift::formats {
namespace {

// Lets the library read the text and counts what it took. It reads byte by byte, so the count is
// where the current token ends (one byte later after a number, whose end only the next byte shows).
class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator(const char* at, size_t* consumed) : at_(at), consumed_(consumed) {}

  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    ++at_;
    ++*consumed_;
    return *this;
  }
  friend bool operator==(const CountingIterator& a, const CountingIterator& b) {
    return a.at_ == b.at_;
  }
  friend bool operator!=(const CountingIterator& a, const CountingIterator& b) { return !(a == b); }

 private:
  const char* at_;
  size_t* consumed_;
};

// "[json.exception.parse_error.101] parse error at line 1, column 7: syntax error while parsing
// value - invalid literal; last read: '1x'" without what the diagnostic says in its own way.
std::string Reason(std::string_view what) {
  if (const size_t head = what.find(" - "); head != what.npos) {
    what.remove_prefix(head + 3);
  } else if (const size_t code = what.find("] "); code != what.npos) {
    what.remove_prefix(code + 2);
  }
  std::string reason(what);
  if (const size_t read = reason.find("; last read: '"); read != reason.npos) {
    const size_t expected = reason.rfind("'; expected ");
    reason.erase(read, expected == reason.npos ? expected : expected + 1 - read);
  }
  return reason;
}

const char* HintFor(std::string_view text, size_t at) {
  if (text.find_first_not_of(" \t\r\n") == text.npos) return "the file is empty";
  if (at >= text.size()) return "the file may have been cut off";
  if (text.substr(at - std::min<size_t>(at, 1)).starts_with("{{")) {
    return "this looks like a template; render it first";
  }
  return "";
}

class TreeBuilder {
 public:
  explicit TreeBuilder(std::string_view text) : text_(text), tree_(text) {}

  Outcome<TextTree> Build() {
    // The library takes a NUL for the end of the text and would not look at what follows.
    if (const size_t nul = text_.find('\0'); nul != text_.npos) {
      return {
          std::nullopt,
          {{Severity::kError, {nul, nul + 1}, "not valid JSON: a NUL byte", "is this a text?"}}};
    }
    // What the library says of a text with nothing in it changes from version to version.
    if (text_.find_first_not_of(" \t\r\n") == text_.npos) {
      return {std::nullopt,
              {{Severity::kError, {0, 0}, "not valid JSON: there is no value", HintFor(text_, 0)}}};
    }
    // Every node but the root is followed or preceded by a comma or a colon of its own.
    tree_.Reserve(1 + static_cast<size_t>(std::ranges::count(text_, ',')) +
                  static_cast<size_t>(std::ranges::count(text_, ':')));
    const char* data = text_.data();
    const CountingIterator begin(data, &consumed_);
    const CountingIterator end(data + text_.size(), &consumed_);
    if (!nlohmann::json::sax_parse(begin, end, this)) return {std::nullopt, {std::move(error_)}};
    return {tree_.Take(), {}};
  }

  // The library's side: one call per token; false ends the parse.
  bool null() { return Literal(); }
  bool boolean(bool) { return Literal(); }
  bool number_integer(int64_t) { return Literal(); }
  bool number_unsigned(uint64_t) { return Literal(); }
  bool number_float(double, const std::string&) { return Literal(); }
  bool string(std::string& value) { return String(value); }
  bool key(std::string& value) { return String(value); }
  bool binary(std::vector<uint8_t>&) { return false; }  // not in JSON texts
  bool start_object(size_t) { return Open(TextNode::Kind::kMapping); }
  bool start_array(size_t) { return Open(TextNode::Kind::kSequence); }
  bool end_object() { return Close(); }
  bool end_array() { return Close(); }

  bool parse_error(size_t position, const std::string&, const std::exception& error) {
    // The library counts the end of the text as a byte.
    const size_t end = std::min(position, text_.size());
    const bool at_end = position > text_.size() || end == 0;
    const size_t begin = std::min(NextToken(), at_end ? end : end - 1);
    error_ = {Severity::kError,
              {begin, end},
              "not valid JSON: " + Reason(error.what()),
              HintFor(text_, begin)};
    return false;
  }

 private:
  // Where the token after the last accepted one begins: behind blanks and one comma or colon, of
  // which the library does not tell us.
  size_t NextToken() const {
    size_t at = token_end_;
    if (at == 0 && text_.starts_with("\xEF\xBB\xBF")) at = 3;
    const auto skip = [&](std::string_view bytes) {
      return at < text_.size() && bytes.find(text_[at]) != bytes.npos;
    };
    constexpr std::string_view kBlank = " \t\r\n";
    while (skip(kBlank)) ++at;
    if (skip(",:")) ++at;
    while (skip(kBlank)) ++at;
    return at;
  }

  bool Literal() {
    const size_t begin = NextToken();
    const size_t end = std::min(text_.find_first_of(" \t\r\n,]}", begin), text_.size());
    return Add(ScalarStyle::kJsonLiteral, {begin, end}, text_.substr(begin, end - begin));
  }

  // Between two tokens there are no quotes, so the first one begins this token.
  bool String(std::string& value) {
    return Add(ScalarStyle::kJsonString, {text_.find('"', token_end_), consumed_}, value);
  }

  bool Add(ScalarStyle style, FileSpan span, std::string_view value) {
    token_end_ = span.end;
    tree_.AddScalar(span, style, value);
    return WithinLimits(span);
  }

  bool Open(TextNode::Kind kind) {
    const FileSpan span{consumed_ - 1, consumed_};
    token_end_ = consumed_;
    tree_.Open(kind, span);
    return WithinLimits(span);
  }

  bool Close() {
    tree_.Close(consumed_);
    token_end_ = consumed_;
    return true;
  }

  bool WithinLimits(FileSpan span) {
    std::optional<Diagnostic> error = tree_.CheckLimits(span);
    if (!error) return true;
    error_ = *std::move(error);
    return false;
  }

  std::string_view text_;
  size_t consumed_ = 0;
  size_t token_end_ = 0;  // of the last token that was accepted
  TextTreeAssembler tree_;
  Diagnostic error_;
};

}  // namespace

Outcome<TextTree> ParseJson(std::string_view text) { return TreeBuilder(text).Build(); }

}  // namespace metrishift::formats
