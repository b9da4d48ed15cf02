#include "rewriter/formats/text_fields.h"

#include <algorithm>
#include <optional>

namespace metrishift::formats {
namespace {

struct FieldName {
  std::string_view name;
  QueryKind kind = QueryKind::kPromQL;
  QueryUse use = QueryUse::kEvaluated;
};

constexpr FieldName kFields[] = {
    {"expr"},
    {"query"},
    {"definition", QueryKind::kGrafanaVariable},
    {"series", QueryKind::kGrafanaVariable, QueryUse::kTestSeries},
    {"seriesQuery", QueryKind::kGrafanaVariable, QueryUse::kSelector},
    {"metricsQuery"},
    {"error_query"},
    {"total_query"},
    {"error_ratio_query"},
    {"errorQuery"},
    {"totalQuery"},
    {"errorRatioQuery"},
};

bool IsWordByte(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool IsBlank(char c) { return c == ' ' || c == '\t'; }

class Scanner {
 public:
  Scanner(std::string_view text, bool code) : text_(text), code_(code) {}

  std::vector<TextField> Run() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (code_ && (at_ == 0 || text_[at_ - 1] == '\n') && Fence()) continue;
      if (!IsWordByte(c)) {
        if (code_ && c == '`') RawRules();
        ++at_;
        continue;
      }
      const size_t begin = at_;
      while (at_ < text_.size() && IsWordByte(text_[at_])) ++at_;
      const auto* field =
          std::ranges::find(kFields, text_.substr(begin, at_ - begin), &FieldName::name);
      if (field != std::end(kFields)) Field(*field, begin);
    }
    return std::move(fields_);
  }

 private:
  char Byte(size_t at) const { return at < text_.size() ? text_[at] : '\0'; }
  size_t LineBegin(size_t at) const {
    const size_t newline = at == 0 ? text_.npos : text_.rfind('\n', at - 1);
    return newline == text_.npos ? 0 : newline + 1;
  }
  size_t LineEnd(size_t at) const { return std::min(text_.find('\n', at), text_.size()); }
  size_t SkipBlanks(size_t at) const {
    while (IsBlank(Byte(at))) ++at;
    return at;
  }

  // A block of Markdown that is PromQL as a whole, or YAML, where plain values are no variables.
  bool Fence() {
    const std::string_view line = text_.substr(at_, LineEnd(at_) - at_);
    if (line.starts_with("```yaml") || line.starts_with("```yml")) {
      yaml_end_ = std::min(text_.find("\n```", at_), text_.size());
    }
    const bool is_promql = line.starts_with("```promql") || line.starts_with("```metricsql");
    const size_t body = LineEnd(at_) + 1;
    if (!is_promql || body >= text_.size()) return false;
    const size_t end = text_.find("\n```", body - 1);
    if (end == text_.npos || end <= body) return false;
    TextField block;
    block.name = "promql";
    block.span = {body, end};
    block.style = ScalarStyle::kVerbatim;
    fields_.push_back(block);
    at_ = end + 4;
    return true;
  }

  // Rules in a raw string of Go, from a line end on.
  void RawRules() {
    const size_t line_end = LineEnd(at_);
    if (SkipBlanks(at_ + 1) != line_end) return;
    const size_t end = std::min(text_.find('`', at_ + 1), text_.size());
    const std::string_view inner = text_.substr(line_end, end - line_end);
    for (const std::string_view sign : {"\ngroups:", "- alert:", "- record:"}) {
      if (inner.find(sign) != inner.npos) yaml_end_ = end;
    }
  }

  // Looks for a value behind a name at `begin`; at_ is behind the name.
  void Field(const FieldName& field, size_t begin) {
    const char before = begin == 0 ? '\n' : text_[begin - 1];
    const bool is_quoted = before == '"' || before == '\'';
    if (is_quoted && Byte(at_) != before) return;
    // "\"expr\":" is JSON in a string of another language.
    if (!is_quoted && std::string_view(" \t\n-,{(").find(before) == std::string_view::npos) return;
    size_t at = SkipBlanks(is_quoted ? at_ + 1 : at_);
    const bool is_colon = Byte(at) == ':';
    if (!is_colon && (Byte(at) != '=' || Byte(at + 1) == '=' || Byte(at + 1) == '~')) return;
    if (is_colon && Byte(at + 1) == ':') ++at;  // jsonnet: "expr:: ..."
    at = SkipBlanks(at + 1);
    const size_t key = is_quoted ? begin - 1 : begin;
    TextField found{field.name, {at, at}, ScalarStyle::kPlain, field.kind, field.use, {}};
    if (!Value(found, key, is_quoted && before == '"', is_colon)) return;
    if (found.name == "query" && IsVariable(found.span)) found.kind = QueryKind::kGrafanaVariable;
    if (found.name == "expr") found.record = Record(key, found.span.end);
    at_ = std::max(at_, found.span.end);
    fields_.push_back(found);
  }

  bool Value(TextField& found, size_t key, bool is_json, bool is_colon) {
    switch (Byte(found.span.begin)) {
      case '"':
        found.style = is_json    ? ScalarStyle::kJsonString
                      : is_colon ? ScalarStyle::kDoubleQuoted
                                 : ScalarStyle::kGoString;
        return Quoted(found);
      case '\'':
        found.style = ScalarStyle::kSingleQuoted;
        return Quoted(found);
      case '`':
        found.style = ScalarStyle::kGoRaw;
        return code_ && Quoted(found);
      case '|':
      case '>':
        return Block(found, key);
      case '<':
        return Heredoc(found);
      default:
        return is_colon && (!code_ || found.span.begin < yaml_end_) && Plain(found, key);
    }
  }

  bool Quoted(TextField& found) {
    const char quote = text_[found.span.begin];
    const bool has_escapes = quote == '"';
    for (size_t i = found.span.begin + 1; i < text_.size(); ++i) {
      if (has_escapes && text_[i] == '\\') {
        ++i;
      } else if ((text_[i] == '\n' && found.style == ScalarStyle::kJsonString) ||
                 (text_[i] == '\\' && quote == '\'' && code_)) {
        return false;  // not YAML's quotes, whose backslash is a byte as any other
      } else if (text_[i] == quote) {
        if (quote == '\'' && Byte(i + 1) == '\'') {
          ++i;
          continue;
        }
        found.span.end = i + 1;
        return found.span.size() > 2;
      }
    }
    return false;
  }

  // YAML's blocks, and jsonnet's, which end with another "|||".
  bool Block(TextField& found, size_t key) {
    found.style = text_[found.span.begin] == '|' ? ScalarStyle::kLiteral : ScalarStyle::kFolded;
    const size_t header_end = LineEnd(found.span.begin);
    std::string_view header = text_.substr(found.span.begin, header_end - found.span.begin);
    const bool is_jsonnet = header.starts_with("|||");
    header.remove_prefix(std::min(header.size(), header.find_first_not_of("|>+-0123456789")));
    header.remove_prefix(std::min(header.size(), header.find_first_not_of(" \t\r")));
    if (!header.empty() && header[0] != '#') return false;
    if (is_jsonnet) return UntilLine(found, header_end, "|||");
    found.span.end = Indented(header_end, Column(key));
    return found.span.end > header_end;
  }

  bool Heredoc(TextField& found) {
    if (!text_.substr(found.span.begin).starts_with("<<")) return false;
    size_t word = found.span.begin + 2;
    if (Byte(word) == '-' || Byte(word) == '~') ++word;
    size_t end = word;
    while (IsWordByte(Byte(end))) ++end;
    if (end == word || LineEnd(end) != SkipBlanks(Byte(end) == '\r' ? end + 1 : end)) return false;
    found.style = ScalarStyle::kLiteral;
    return UntilLine(found, LineEnd(end), text_.substr(word, end - word));
  }

  // Ends `found` before the line that begins with `word`.
  bool UntilLine(TextField& found, size_t header_end, std::string_view word) {
    for (size_t line = header_end + 1; line < text_.size(); line = LineEnd(line) + 1) {
      if (!text_.substr(SkipBlanks(line)).starts_with(word)) continue;
      found.span.end = line;
      return line > header_end + 1;
    }
    return false;
  }

  // Where the lines end behind `line_end` that are empty or indented more than `column`; the empty
  // ones at the end do not count.
  size_t Indented(size_t line_end, size_t column) const {
    size_t end = line_end;
    for (size_t line = line_end + 1; line < text_.size(); line = LineEnd(line) + 1) {
      const size_t first = SkipBlanks(line);
      if (Byte(first) == '\n' || Byte(first) == '\r') continue;
      if (first >= text_.size() || first - line <= column) break;
      end = std::min(LineEnd(line) + 1, text_.size());
    }
    return end;
  }

  bool Plain(TextField& found, size_t key) {
    const size_t line_end = LineEnd(found.span.begin);
    const char first = Byte(found.span.begin);
    if (std::string_view("{}[],&*!%@#").find(first) != std::string_view::npos) return false;
    if (found.span.begin >= text_.size()) return false;
    const bool is_below = first == '\n' || first == '\r';
    const size_t end = Indented(line_end, Column(key));
    if (is_below) {
      found.span.begin = SkipBlanks(line_end + 1);
      if (end == line_end || IsStructure(found.span.begin)) return false;
      if (Byte(found.span.begin) == '"' || Byte(found.span.begin) == '\'') {
        found.style =
            Byte(found.span.begin) == '"' ? ScalarStyle::kDoubleQuoted : ScalarStyle::kSingleQuoted;
        return Quoted(found);
      }
    }
    found.span.end = PlainEnd(found.span.begin, std::max(end, line_end));
    return !found.span.empty();
  }

  // Without comments, and without what follows one.
  size_t PlainEnd(size_t begin, size_t end) const {
    for (size_t i = begin; i < end; ++i) {
      if (text_[i] == '#' && (i == begin || IsBlank(text_[i - 1]) || text_[i - 1] == '\n')) end = i;
    }
    while (end > begin &&
           (IsBlank(text_[end - 1]) || text_[end - 1] == '\n' || text_[end - 1] == '\r')) {
      --end;
    }
    return end;
  }

  // True iff a line begins here that is an item or a member of a collection.
  bool IsStructure(size_t at) const {
    if (Byte(at) == '-' && IsBlank(Byte(at + 1))) return true;
    while (IsWordByte(Byte(at))) ++at;
    return Byte(at) == ':' && (IsBlank(Byte(at + 1)) || Byte(at + 1) == '\n');
  }

  bool IsVariable(FileSpan span) const {
    std::string_view text = text_.substr(span.begin, span.size());
    text.remove_prefix(std::min(text.size(), text.find_first_not_of(" \t\r\n\"'")));
    for (const std::string_view call :
         {"label_values(", "query_result(", "metrics(", "label_names("}) {
      if (text.starts_with(call)) return true;
    }
    return false;
  }

  // Of keys in the order of the text: none looks at what is before the last one, or a file of one
  // line would take the square of its length.
  size_t Column(size_t key) {
    const size_t newline = text_.substr(column_from_, key - column_from_).rfind('\n');
    if (newline != text_.npos) line_begin_ = column_from_ + newline + 1;
    column_from_ = key;
    return key - line_begin_;
  }

  // The value of "record:" in the lines above or below that belong to the same mapping as the key.
  FileSpan Record(size_t key, size_t value_end) {
    constexpr size_t kMaxLines = 30;
    constexpr size_t kMaxColumn = 500;  // of a key beside which others stand in lines of their own
    const size_t column = Column(key);
    if (column > kMaxColumn) return {};
    size_t line = LineBegin(key);
    for (size_t i = 0; i < kMaxLines && line > 0 && !IsItem(line, column); ++i) {
      line = LineBegin(line - 1);
      if (const auto found = RecordIn(line, column)) return *found;
    }
    line = LineEnd(value_end > 0 ? value_end - 1 : 0) + 1;
    for (size_t i = 0; i < kMaxLines && line < text_.size() && !IsItem(line, column); ++i) {
      if (const auto found = RecordIn(line, column)) return *found;
      line = LineEnd(line) + 1;
    }
    return {};
  }

  // True iff the item of a sequence begins in this line whose keys stand in `column`, or something
  // around it.
  bool IsItem(size_t line, size_t column) const {
    const size_t first = SkipBlanks(line);
    return Byte(first) == '-' && first - line < column;
  }

  std::optional<FileSpan> RecordIn(size_t line, size_t column) const {
    constexpr std::string_view kRecord = "record:";
    const size_t key = line + column;
    if (key > text_.size() || !text_.substr(key).starts_with(kRecord)) return std::nullopt;
    const std::string_view indentation = text_.substr(line, column);
    if (indentation.find_first_not_of(" -") != indentation.npos) return std::nullopt;
    const size_t begin = SkipBlanks(key + kRecord.size());
    return FileSpan{begin, PlainEnd(begin, LineEnd(begin))};
  }

  std::string_view text_;
  bool code_;
  size_t at_ = 0;
  size_t column_from_ = 0;  // the last key whose column was asked for
  size_t line_begin_ = 0;   // of its line
  size_t yaml_end_ = 0;     // of the last block of Markdown, or string of Go, that is YAML
  std::vector<TextField> fields_;
};

}  // namespace

std::vector<TextField> FindTextFields(std::string_view text, bool code) {
  return Scanner(text, code).Run();
}

}  // namespace metrishift::formats
