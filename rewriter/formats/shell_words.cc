#include "rewriter/formats/shell_words.h"

#include <algorithm>

namespace metrishift::formats {
namespace {

constexpr std::string_view kOperators = ";&|()<>";
// Beyond these, what is read is no script of anybody's.
constexpr size_t kMaxDocumentsOfLine = 4;
constexpr size_t kMaxExpansion = 4096;

class Lexer {
 public:
  Lexer(std::string_view text, FileSpan range, ShellSyntax syntax)
      : text_(text.substr(0, range.end)), at_(range.begin), syntax_(syntax) {}

  ShellScript Read() {
    while (at_ < text_.size()) Next();
    EndCommand();
    return std::move(script_);
  }

  ShellWord Word() {
    word_ = {};
    word_.span = {at_, at_};
    while (at_ < text_.size() && !EndsWord()) Part();
    word_.span.end = at_;
    return std::move(word_);
  }

  bool closed() const { return closed_; }

 private:
  bool IsScript() const { return syntax_ == ShellSyntax::kScript; }
  char At(size_t at) const { return at < text_.size() ? text_[at] : '\0'; }

  // The length of a line end at `at`, which may be "\r\n".
  size_t LineEnd(size_t at) const {
    if (At(at) == '\n') return 1;
    return At(at) == '\r' && At(at + 1) == '\n' ? 2 : 0;
  }

  bool EndsWord() const {
    const char c = text_[at_];
    if (c == ' ' || c == '\t' || LineEnd(at_) > 0) return true;
    if (c == '\\' && LineEnd(at_ + 1) > 0) return !IsScript();
    return IsScript() && kOperators.find(c) != kOperators.npos;
  }

  void Next() {
    const char c = text_[at_];
    if (c == ' ' || c == '\t') {
      ++at_;
    } else if (const size_t line_end = LineEnd(at_); line_end > 0) {
      at_ += line_end;
      if (!in_array_) EndCommand();
      Documents();
    } else if (c == '\\' && LineEnd(at_ + 1) > 0) {
      at_ += 1 + LineEnd(at_ + 1);
      if (!IsScript()) SkipCommentLines();
    } else if (c == '#' && IsScript()) {
      at_ = std::min(text_.find('\n', at_), text_.size());
    } else if (IsScript() && kOperators.find(c) != kOperators.npos) {
      Operator();
    } else {
      AddWord();
    }
  }

  void SkipCommentLines() {
    while (true) {
      const size_t first = text_.find_first_not_of(" \t", at_);
      if (At(first) != '#' && At(first) != ';') return;
      at_ = text_.find('\n', at_);
      if (at_ == text_.npos)
        at_ = text_.size();
      else
        ++at_;
      if (at_ == text_.size()) return;
    }
  }

  void AddWord() {
    ShellWord word = Word();
    if (At(at_) == '(' && IsScript() && word.text.ends_with('=') && !in_array_) {
      EndCommand();
      ++at_;
      in_array_ = command_.is_array = true;
    }
    // A number right before a redirection is its own.
    const bool number = !word.text.empty() && (At(at_) == '<' || At(at_) == '>') && IsScript() &&
                        std::ranges::all_of(word.text, [](char c) { return c >= '0' && c <= '9'; });
    if (!skip_word_ && !number) command_.words.push_back(std::move(word));
    skip_word_ = false;
  }

  void Operator() {
    const char c = text_[at_];
    if (c == '<' || c == '>') return Redirection();
    ++at_;
    if (c == ')' && in_array_) in_array_ = false;
    if (!in_array_) EndCommand();
  }

  void Redirection() {
    const bool document = text_.substr(at_).starts_with("<<") && At(at_ + 2) != '<';
    const size_t begin = at_;
    while (at_ < text_.size() && at_ < begin + 3 &&
           (text_[at_] == '<' || text_[at_] == '>' || text_[at_] == '&' || text_[at_] == '|'))
      ++at_;
    skip_word_ = !document;
    if (!document) return;
    const bool indented = At(at_) == '-';
    if (indented) ++at_;
    while (At(at_) == ' ' || At(at_) == '\t') ++at_;
    if (at_ < text_.size() && !EndsWord() && delimiters_.size() < kMaxDocumentsOfLine)
      delimiters_.push_back({Word().text, indented});
  }

  // The here-documents that begin after the line that ended at at_.
  void Documents() {
    for (const auto& [delimiter, indented] : delimiters_) {
      if (endless_) break;
      const size_t begin = at_;
      size_t line = at_;
      bool found = false;
      while (line < text_.size() && !found) {
        const size_t end = std::min(text_.find('\n', line), text_.size());
        std::string_view content = text_.substr(line, end - line);
        if (content.ends_with('\r')) content.remove_suffix(1);
        if (indented)
          content.remove_prefix(std::min(content.find_first_not_of('\t'), content.size()));
        found = content == delimiter;
        if (!found)
          line = std::min(end + 1, text_.size());
        else
          at_ = std::min(end + 1, text_.size());
      }
      // One that does not end is none: a shift operator, or no script at all.
      endless_ = !found;
      if (found && begin < line) script_.documents.push_back({begin, line});
    }
    delimiters_.clear();
  }

  void EndCommand() {
    if (!command_.words.empty()) script_.commands.push_back(std::move(command_));
    command_ = {};
  }

  // --- parts of a word

  void Verbatim(size_t size) {
    word_.map.Append(size, {at_, at_ + size}, true);
    word_.text.append(text_.substr(at_, size));
    at_ += size;
  }

  void Part() {
    switch (text_[at_]) {
      case '\'':
        return SingleQuoted();
      case '"':
        return DoubleQuoted();
      case '\\':
        return Escape(false);
      case '$':
      case '`':
        if (IsScript()) return Verbatim(ExpansionSize());
        [[fallthrough]];
      default:
        return Verbatim(1);
    }
  }

  void SingleQuoted() {
    ++at_;
    const size_t end = std::min(text_.find('\'', at_), text_.size());
    closed_ = closed_ && end < text_.size();
    if (end > at_) Verbatim(end - at_);
    at_ = std::min(end + 1, text_.size());
  }

  void DoubleQuoted() {
    ++at_;
    while (at_ < text_.size() && text_[at_] != '"') {
      if (text_[at_] == '\\')
        Escape(true);
      else if ((text_[at_] == '$' || text_[at_] == '`') && IsScript())
        Verbatim(ExpansionSize());
      else
        Verbatim(1);
    }
    closed_ = closed_ && at_ < text_.size();
    at_ = std::min(at_ + 1, text_.size());
  }

  void Escape(bool quoted) {
    const size_t line_end = LineEnd(at_ + 1);
    if (line_end > 0) {
      at_ += 1 + line_end;
      return;
    }
    if (at_ + 1 >= text_.size()) return Verbatim(1);
    if (quoted && std::string_view("$`\"\\").find(text_[at_ + 1]) == std::string_view::npos)
      return Verbatim(1);
    word_.map.Append(1, {at_, at_ + 2}, false);
    word_.text += text_[at_ + 1];
    at_ += 2;
  }

  // Of ${..}, $(..) and `..`, which may have blanks and quotes in them; of what does not end on its
  // line only the first character.
  size_t ExpansionSize() const {
    const bool back = text_[at_] == '`';
    const char open = back ? '\0' : At(at_ + 1);
    if (!back && open != '{' && open != '(') return 1;
    const char close = back ? '`' : open == '{' ? '}' : ')';
    size_t depth = 1;
    const size_t limit = std::min(text_.size(), at_ + kMaxExpansion);
    for (size_t end = at_ + (back ? 1 : 2); end < limit && text_[end] != '\n'; ++end) {
      if (text_[end] == close && --depth == 0) return end + 1 - at_;
      if (!back && text_[end] == open) ++depth;
    }
    return 1;
  }

  struct Document {
    std::string delimiter;
    bool indented = false;
  };

  std::string_view text_;
  size_t at_;
  ShellSyntax syntax_;
  ShellScript script_;
  ShellCommand command_;
  ShellWord word_;
  std::vector<Document> delimiters_;
  bool in_array_ = false;
  bool skip_word_ = false;  // it is the target of a redirection
  bool endless_ = false;    // some here-document does not end
  bool closed_ = true;
};

}  // namespace

ShellScript ReadShell(std::string_view text, FileSpan range, ShellSyntax syntax) {
  return Lexer(text, range, syntax).Read();
}

ShellWord ReadShellWord(std::string_view text, size_t begin, size_t end) {
  Lexer lexer(text, {begin, end}, ShellSyntax::kScript);
  ShellWord word = lexer.Word();
  if (!lexer.closed()) word = {};
  return word;
}

}  // namespace metrishift::formats
