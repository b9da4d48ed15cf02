#include <cstdint>
#include <set>
#include <utility>

#include "rewriter/promql/keywords.h"
#include "rewriter/promql/literals.h"
#include "rewriter/promql/parser.h"
#include "rewriter/promql/parser_impl.h"
#include "rewriter/promql/quote.h"

namespace metrishift::promql {

namespace {

bool IsDigit(int c) { return c >= '0' && c <= '9'; }
bool IsAlpha(int c) { return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsSpace(int c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return lower;
}

// The values of a series: "0+10x5 _ stale {{schema:1 count:3}}x2". A language of its own: white
// space counts, "x" is an operator.
class ValuesParser {
 public:
  ValuesParser(std::string_view text, size_t begin) : text_(text), pos_(begin) {}

  std::optional<ParseError> Run() {
    while (!error_ && Peek() >= 0) {
      if (!IsSpace(Peek())) {
        Unexpected(TokenLength(), "white space");
        break;
      }
      SkipSpace();
      if (Peek() >= 0) Item();
    }
    return std::move(error_);
  }

 private:
  struct Histogram {
    int64_t schema = 0;
    static constexpr int64_t kCustomBuckets = -53;
    bool custom() const { return schema == kCustomBuckets; }
  };

  int Peek(size_t ahead = 0) const {
    return pos_ + ahead < text_.size() ? static_cast<unsigned char>(text_[pos_ + ahead]) : -1;
  }
  bool Accept(char c) {
    if (Peek() != static_cast<unsigned char>(c)) return false;
    ++pos_;
    return true;
  }
  void SkipSpace() {
    while (IsSpace(Peek())) ++pos_;
  }

  void Fail(QuerySpan span, std::string message) {
    if (!error_) error_ = ParseError{span, std::move(message)};
  }

  // The bytes here are no token at all.
  void FailLexing(const char* message) { Fail({pos_, text_.size()}, message); }

  void Unexpected(size_t length, const char* expected) {
    if (length == 0 && Peek() >= 0) return FailLexing("unexpected character in series values");
    const std::string found =
        length == 0 ? "end of input" : QuoteForMessage(text_.substr(pos_, length));
    Fail({pos_, pos_ + length}, "unexpected " + found + " in series values, expected " + expected);
  }

  // The length of the token here, outside histograms; 0 when there is none.
  size_t TokenLength() const {
    const int c = Peek();
    if (c == '{') return Peek(1) == '{' ? 2 : 0;
    if (c == '+' || c == '-' || c == 'x' || c == '_' || IsSpace(c)) return 1;
    if (IsDigit(c) || (c == '.' && IsDigit(Peek(1)))) return NumberLength(pos_);
    return IsAlpha(c) ? WordLength() : 0;
  }

  size_t WordLength() const {
    size_t length = 0;
    while (IsAlpha(Peek(length)) || IsDigit(Peek(length)) || Peek(length) == ':') ++length;
    return length;
  }

  // Decimal digits with "_", "." and an exponent, at most one of the latter each; 0 when it is none
  // or glued to a letter other than "x".
  size_t NumberLength(size_t begin) const {
    size_t end = begin;
    bool dot = false;
    bool exponent = false;
    const auto at = [&](size_t i) -> int {
      return i < text_.size() ? static_cast<unsigned char>(text_[i]) : -1;
    };
    const auto is_any = [](int c, std::string_view set) {
      return c >= 0 && set.find(static_cast<char>(c)) != std::string_view::npos;
    };
    if (at(end) == '.') ++end;
    if (IsDigit(at(end))) ++end;
    for (;; ++end) {
      const int c = at(end);
      if (c == '.') {
        if (dot || is_any(at(end + 1), "_.")) return 0;
        dot = true;
      } else if (c == 'e' || c == 'E') {
        if (exponent) return 0;
        exponent = true;
        if (at(end + 1) == '+' || at(end + 1) == '-') ++end;
        if (at(end + 1) < 0 || is_any(at(end + 1), "._eE")) return 0;
      } else if (c == '_') {
        if (at(end + 1) < 0 || is_any(at(end + 1), "._eE")) return 0;
      } else if (!IsDigit(c)) {
        break;
      }
    }
    const int next = at(end);
    return end > begin && (next == 'x' || !IsAlpha(next)) ? end - begin : 0;
  }

  bool Number() {
    const size_t length = NumberLength(pos_);
    if (length == 0) {
      FailLexing("bad number");
      return false;
    }
    if (!ParseNumber(text_.substr(pos_, length))) {
      Fail({pos_, pos_ + length}, "bad number");
      return false;
    }
    pos_ += length;
    return true;
  }

  // inf and nan are numbers, too.
  bool AtSpecialNumber(size_t length) const {
    return FindKeyword(text_.substr(pos_, length)) == TokenKind::kNumber;
  }

  bool AnyNumber() {
    const int c = Peek();
    if (IsDigit(c) || (c == '.' && IsDigit(Peek(1)))) return Number();
    const size_t word = c == 'x' ? 0 : WordLength();
    if (word != 0 && AtSpecialNumber(word)) {
      pos_ += word;
      return AfterWord();
    }
    Unexpected(TokenLength(), "a number");
    return false;
  }

  // Behind a word a brace begins a label set, which cannot be here.
  bool AfterWord() {
    if (Peek() == '{') Unexpected(1, "white space");
    return !error_;
  }

  void Item() {
    if (Peek() == '{' && Peek(1) == '{') return HistogramItem();
    if (Accept('_')) {
      if (Accept('x')) Repetition();
      return;
    }
    if (Peek() == '+' || Peek() == '-') {
      ++pos_;
      if (!AnyNumber()) return;
    } else if (!Value()) {
      return;
    }
    if (Peek() == '+' || Peek() == '-') {
      ++pos_;
      if (!AnyNumber()) return;
      if (Peek() != 'x') return Unexpected(TokenLength(), "\"x\"");
    }
    if (Accept('x')) Repetition();
  }

  bool Value() {
    const size_t word = IsAlpha(Peek()) && Peek() != 'x' ? WordLength() : 0;
    if (word == 0 || AtSpecialNumber(word)) return AnyNumber();
    if (text_.substr(pos_, word) != "stale") {
      Unexpected(word, "a number or \"stale\"");
      return false;
    }
    pos_ += word;
    return AfterWord();
  }

  uint64_t Repetition() {
    const size_t begin = pos_;
    if (!IsDigit(Peek()) && !(Peek() == '.' && IsDigit(Peek(1)))) {
      Unexpected(TokenLength(), "a number of repetitions");
      return 0;
    }
    if (!Number()) return 0;
    uint64_t value = 0;
    for (size_t i = begin; i < pos_; ++i) {
      const uint64_t digit = static_cast<uint64_t>(text_[i] - '0');
      if (!IsDigit(text_[i]) || value > (UINT64_MAX - digit) / 10) {
        Fail({begin, pos_}, "bad number of repetitions");
        return 0;
      }
      value = value * 10 + digit;
    }
    last_number_ = {begin, pos_};
    return value;
  }

  void HistogramItem() {
    const Histogram base = OneHistogram();
    if (error_) return;
    if (Accept('x')) {
      Repetition();
      return;
    }
    if (!Accept('+') && !Accept('-')) return;
    if (Peek() != '{' || Peek(1) != '{') return Unexpected(TokenLength(), "a histogram");
    const Histogram step = OneHistogram();
    if (error_) return;
    if (!Accept('x')) return Unexpected(TokenLength(), "\"x\"");
    const uint64_t times = Repetition();
    const bool compatible = base.schema <= step.schema && base.custom() == step.custom();
    if (times > 0 && !compatible)
      Fail(last_number_, "histograms of these schemas cannot be combined");
  }

  Histogram OneHistogram() {
    Histogram histogram;
    std::set<std::string> keys;
    pos_ += 2;
    if (IsSpace(Peek())) {
      SkipSpace();
      if (!AtClose()) UnexpectedInHistogram();
    } else {
      while (!error_ && !AtClose()) {
        Field(&histogram, &keys);
        if (error_ || AtClose()) break;
        if (!IsSpace(Peek())) UnexpectedInHistogram();
        SkipSpace();
      }
    }
    pos_ += 2;
    return histogram;
  }

  bool AtClose() const { return Peek() == '}' && Peek(1) == '}'; }

  // The tokens within a histogram are words, numbers and single characters.
  void UnexpectedInHistogram() {
    const int c = Peek();
    if (IsAlpha(c)) {
      const std::string word = Lower(Word());
      const bool hint =
          word == "unknown" || word == "reset" || word == "not_reset" || word == "gauge";
      const bool known =
          hint || AtSpecialNumber(word.size()) || (IsKey(word) && Peek(word.size()) == ':');
      if (known) return Unexpected(word.size(), "a histogram field");
      return FailLexing("bad histogram field");
    }
    if (AtClose()) return Unexpected(2, "a histogram field");
    if (c == ':' || c == '-' || c == '[' || IsSpace(c)) return Unexpected(1, "a histogram field");
    if (IsDigit(c)) {
      const size_t length = NumberLength(pos_);
      return length != 0 ? Unexpected(length, "a histogram field") : FailLexing("bad number");
    }
    FailLexing("histogram is not complete");
  }

  std::string_view Word() const {
    size_t length = 0;
    while (IsAlpha(Peek(length))) ++length;
    return text_.substr(pos_, length);
  }

  static bool IsKey(const std::string& word) {
    static const std::set<std::string_view> kKeys = {
        "sum",       "count",    "schema",     "offset",        "n_offset",          "buckets",
        "n_buckets", "z_bucket", "z_bucket_w", "custom_values", "counter_reset_hint"};
    return kKeys.count(word) != 0;
  }

  void Field(Histogram* histogram, std::set<std::string>* keys) {
    const std::string key = Lower(Word());
    if (!IsKey(key) || Peek(key.size()) != ':') return UnexpectedInHistogram();
    pos_ += key.size() + 1;
    if (key == "buckets" || key == "n_buckets" || key == "custom_values") {
      Buckets();
    } else if (key == "counter_reset_hint") {
      Hint();
    } else if (key == "schema" || key == "offset" || key == "n_offset") {
      const bool negative = Accept('-');
      if (!IsDigit(Peek())) return UnexpectedInHistogram();
      const int64_t value = static_cast<int64_t>(Repetition());
      if (key == "schema") histogram->schema = negative ? -value : value;
    } else {
      if (key != "z_bucket_w") Accept('-');
      HistogramNumber();
    }
    // Prometheus has no position for this one.
    if (!error_ && !keys->insert(key).second)
      Fail({0, 0}, "histogram field \"" + key + "\" is given twice");
  }

  void HistogramNumber() {
    if (IsDigit(Peek())) {
      Number();
    } else if (const size_t word = Word().size(); word != 0 && AtSpecialNumber(word)) {
      pos_ += word;
    } else {
      UnexpectedInHistogram();
    }
  }

  void Hint() {
    const std::string word = Lower(Word());
    if (word != "unknown" && word != "reset" && word != "not_reset" && word != "gauge") {
      return UnexpectedInHistogram();
    }
    pos_ += word.size();
  }

  void Buckets() {
    if (!Accept('[')) return UnexpectedInHistogram();
    for (;;) {
      Bucket();
      if (error_) return;
      const bool space = IsSpace(Peek());
      const size_t space_at = pos_;
      SkipSpace();
      if (Accept(']')) return;
      if (!space) {
        pos_ = space_at;
        return UnexpectedInBuckets();
      }
    }
  }

  void Bucket() {
    if (Accept('-')) {
      if (NumberLength(pos_) == 0) return FailLexing("bad number in buckets");
    } else if (!IsDigit(Peek())) {
      const std::string word = Lower(text_.substr(pos_, 3));
      if (word != "inf" && word != "nan") return UnexpectedInBuckets();
      pos_ += 3;
      return;
    }
    Number();
  }

  void UnexpectedInBuckets() {
    const int c = Peek();
    if (c == '-' || c == ']' || IsSpace(c)) return Unexpected(1, "a number");
    if (IsDigit(c)) return Unexpected(NumberLength(pos_), "white space");
    FailLexing("invalid character in buckets");
  }

  std::string_view text_;
  size_t pos_;
  QuerySpan last_number_;
  std::optional<ParseError> error_;
};

QuerySpan Trimmed(std::string_view text, size_t begin) {
  size_t end = text.size();
  while (begin < end && IsSpace(text[begin])) ++begin;
  while (end > begin && IsSpace(text[end - 1])) --end;
  return {begin, end};
}

}  // namespace

namespace internal {

SeriesResult Parser::Series() {
  SeriesDescription series;
  if (text_.size() > kMaxQueryBytes) Fail({0, text_.size()}, "series is too long");
  if (!failed()) SeriesName(series);
  if (!failed()) error_ = ValuesParser(text_, last_end_).Run();
  SeriesResult result;
  if (failed()) {
    result.error = std::move(error_);
    return result;
  }
  series.values = Trimmed(text_, last_end_);
  result.series = std::move(series);
  return result;
}

// Reads the name and labels, and not a token further: what follows is of another language.
void Parser::SeriesName(SeriesDescription& series) {
  series.series = {Peek().span.begin, Peek().span.begin};
  bool braces = At(TokenKind::kLeftBrace);
  if (!braces && IsMetricName(Peek().kind)) {
    const Token name = Take();
    series.name = Name(name);
    series.series.end = name.span.end;
    braces = text_.substr(last_end_, 1) == "{";
  } else if (!braces) {
    if (!At(TokenKind::kEnd)) FailUnexpected("series", "a metric name or \"{\"");
    last_end_ = text_.size();
  }
  if (braces && SeriesLabels(series)) series.series.end = last_end_;
}

bool Parser::SeriesLabels(SeriesDescription& series) {
  Take();
  while (!At(TokenKind::kRightBrace)) {
    if (!SeriesLabel(series)) return false;
    if (At(TokenKind::kRightBrace)) break;
    Token comma;
    if (!Expect(TokenKind::kComma, &comma, "label set", "\",\" or \"}\"")) return false;
  }
  Take();
  return !failed();
}

bool Parser::SeriesLabel(SeriesDescription& series) {
  if (!At(TokenKind::kIdentifier) && !At(TokenKind::kString) && !At(TokenKind::kTemplate)) {
    FailUnexpected("label set", "a label name or \"}\"");
    return false;
  }
  const Token name = Take();
  if (name.kind == TokenKind::kString && !At(TokenKind::kAssign) && !series.name) {
    series.name = Name(name);
    return true;
  }
  LabelMatcher label;
  label.name = Name(name);
  Token op;
  if (name.kind == TokenKind::kString && !At(TokenKind::kAssign)) {
    label.span = name.span;
    label.value = String(name);
    label.form = LabelMatcher::Form::kQuotedName;
    label.name = {{name.span.begin, name.span.begin}, "__name__", false, false};
    label.op_span = label.name.span;
  } else {
    if (!Expect(TokenKind::kAssign, &op, "label set", "\"=\"")) return false;
    Token value;
    if (!Expect(TokenKind::kString, &value, "label set", "a string")) return false;
    label.op_span = op.span;
    label.value = String(value);
    label.span = {name.span.begin, value.span.end};
  }
  series.labels.push_back(std::move(label));
  return true;
}

}  // namespace internal

SeriesResult ParseSeries(std::string_view text, ParseOptions options) {
  return internal::Parser(text, options).Series();
}

}  // namespace metrishift::promql
