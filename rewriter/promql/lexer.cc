#include "rewriter/promql/lexer.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "rewriter/promql/keywords.h"
#include "rewriter/promql/quote.h"
#include "rewriter/promql/template.h"
#include "rewriter/promql/utf8.h"

namespace metrishift::promql {

namespace {

constexpr std::string_view kDecimalDigits = "0123456789";
constexpr std::string_view kHexDigits = "0123456789abcdefABCDEF";

// Classes of bytes, as bits.
constexpr uint8_t kSpace = 1;
constexpr uint8_t kLetter = 2;  // and "_"
constexpr uint8_t kDigit = 4;
constexpr uint8_t kColon = 8;
constexpr uint8_t kInString =
    16;  // stands for itself in a string, whatever the quotes and the dialect

constexpr std::array<uint8_t, 256> kClasses = [] {
  std::array<uint8_t, 256> classes{};
  for (size_t c = 0; c < 0x80; ++c) {
    const char byte = static_cast<char>(c);
    const bool letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
    if (byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r') classes[c] |= kSpace;
    if (letter || byte == '_') classes[c] |= kLetter;
    if (byte >= '0' && byte <= '9') classes[c] |= kDigit;
    if (byte == ':') classes[c] |= kColon;
    if (std::string_view("\"'`\\\n{").find(byte) == std::string_view::npos) classes[c] |= kInString;
  }
  return classes;
}();

bool Is(int c, unsigned classes) {
  return c >= 0 && (kClasses[static_cast<size_t>(c)] & classes) != 0;
}
bool IsDigit(int c) { return Is(c, kDigit); }
bool IsAlpha(int c) { return Is(c, kLetter); }
bool IsAlphaNumeric(int c) { return Is(c, kLetter | kDigit); }
bool IsSpace(int c) { return Is(c, kSpace); }

bool Contains(std::string_view set, int c) {
  return c >= 0 && set.find(static_cast<char>(c)) != std::string_view::npos;
}

unsigned DigitValue(int c) {
  if (IsDigit(c)) return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  return 16;
}

int ByteAt(std::string_view text, size_t pos) {
  return pos < text.size() ? static_cast<unsigned char>(text[pos]) : -1;
}

// The first word of an action: "if" of "{{- if .x }}".
std::string_view FirstWord(std::string_view action) {
  size_t begin = 2;
  while (IsSpace(ByteAt(action, begin)) || ByteAt(action, begin) == '-') ++begin;
  if (action.substr(begin, 2) == "/*") return "/*";
  size_t end = begin;
  while (IsAlpha(ByteAt(action, end))) ++end;
  return action.substr(begin, end - begin);
}

bool IsControlAction(std::string_view action) {
  static constexpr std::string_view kWords[] = {"if",    "else",   "end",   "range",    "with",
                                                "block", "define", "break", "continue", "/*"};
  const std::string_view word = FirstWord(action);
  return std::find(std::begin(kWords), std::end(kWords), word) != std::end(kWords);
}

}  // namespace

bool Lexer::Accept(std::string_view set) {
  if (!Contains(set, Peek())) return false;
  ++pos_;
  return true;
}

void Lexer::SkipClasses(unsigned classes) {
  const size_t size = text_.size();
  const char* bytes = text_.data();
  while (pos_ < size && (kClasses[static_cast<unsigned char>(bytes[pos_])] & classes) != 0) ++pos_;
}

void Lexer::SkipSpace() {
  SkipClasses(kSpace);
  start_ = pos_;
}

Token Lexer::Emit(TokenKind kind) {
  const Token token{kind, {start_, pos_}};
  start_ = pos_;
  return token;
}

Token Lexer::EmitAs(TokenKind kind, size_t length) {
  pos_ = start_ + length;
  return Emit(kind);
}

Token Lexer::Fail(std::string message) {
  failed_ = true;
  error_ = std::move(message);
  error_offset_ = start_;
  error_token_ = {TokenKind::kError, {start_, pos_}};
  return error_token_;
}

// Prometheus finds some characters wrong only after it has taken them for a token.
Token Lexer::FailBehind(std::string message) {
  const Token token = Fail(std::move(message));
  error_offset_ = pos_;
  return token;
}

Token Lexer::FailAtByte(const char* context) {
  pos_ = start_;
  if (Peek() < 0) return Fail("unexpected end of input" + std::string(context));
  pos_ += DecodeUtf8(text_, pos_).size;
  return Fail("unexpected character " + QuoteForMessage(text_.substr(start_, pos_ - start_)) +
              context);
}

void Lexer::Resume() {
  failed_ = false;
  start_ = pos_;
  if (pos_ < text_.size()) return;
  paren_depth_ = 0;
  in_braces_ = in_brackets_ = in_duration_ = false;
}

Token Lexer::Next() {
  if (failed_) return error_token_;
  SkipSpace();
  if (dialect_ != Dialect::kPrometheus) {
    if (const size_t n = ControlLength(); n != 0) return EmitAs(TokenKind::kComment, n);
    if (const size_t n = TemplateWordLength(); n != 0) {
      if (in_brackets_) got_duration_ = true;
      in_duration_ = false;
      return EmitAs(TokenKind::kTemplate, n);
    }
  }
  if (in_braces_) return NextInBraces();
  if (in_duration_) return NextInDuration();
  return NextNormal();
}

Token Lexer::NextNormal() {
  const int c = Peek();
  if (c < 0) {
    if (paren_depth_ != 0) return Fail("left parenthesis is not closed");
    if (in_brackets_) return Fail("left bracket is not closed");
    return Emit(TokenKind::kEnd);
  }
  if (IsAlpha(c) || c == ':') return in_brackets_ ? WordInBrackets() : Word();
  if (IsDigit(c) || (c == '.' && IsDigit(Peek(1)))) return NumberOrDuration();
  switch (c) {
    case '#':
      return Comment();
    case ',':
      return EmitAs(TokenKind::kComma, 1);
    case '*':
      return EmitAs(TokenKind::kMul, 1);
    case '/':
      return EmitAs(TokenKind::kDiv, 1);
    case '%':
      return EmitAs(TokenKind::kMod, 1);
    case '+':
      return EmitAs(TokenKind::kAdd, 1);
    case '-':
      return EmitAs(TokenKind::kSub, 1);
    case '^':
      return EmitAs(TokenKind::kPow, 1);
    case '@':
      return EmitAs(TokenKind::kAt, 1);
    case '=':
    case '!':
    case '<':
    case '>':
      return Comparison(static_cast<char>(c));
    case '"':
    case '\'':
      return String(static_cast<char>(c));
    case '`':
      return RawString();
    case '(':
    case ')':
    case '[':
    case ']':
      return ParenOrBracket(static_cast<char>(c));
    case '{':
      in_braces_ = true;
      return EmitAs(TokenKind::kLeftBrace, 1);
    default:
      return FailAtByte("");
  }
}

Token Lexer::Comparison(char first) {
  const int next = Peek(1);
  switch (first) {
    case '=':
      if (next == '=') return EmitAs(TokenKind::kEqual, 2);
      if (next != '~') return EmitAs(TokenKind::kAssign, 1);
      pos_ += 2;
      return Fail("unexpected \"=~\" outside braces");
    case '!':
      if (next == '=') return EmitAs(TokenKind::kNotEqual, 2);
      pos_ += next == '~' ? 2 : 1;
      return Fail("unexpected \"!\", expected \"!=\"");
    case '<':
      if (next == '=') return EmitAs(TokenKind::kLessEqual, 2);
      return next == '/' ? EmitAs(TokenKind::kTrimUpper, 2) : EmitAs(TokenKind::kLess, 1);
    default:
      if (next == '=') return EmitAs(TokenKind::kGreaterEqual, 2);
      return next == '/' ? EmitAs(TokenKind::kTrimLower, 2) : EmitAs(TokenKind::kGreater, 1);
  }
}

Token Lexer::ParenOrBracket(char c) {
  ++pos_;
  switch (c) {
    case '(':
      ++paren_depth_;
      return Emit(TokenKind::kLeftParen);
    case ')':
      if (paren_depth_ == 0) return FailBehind("unexpected right parenthesis");
      --paren_depth_;
      return Emit(TokenKind::kRightParen);
    case '[': {
      if (in_brackets_) return Fail("unexpected left bracket inside brackets");
      in_brackets_ = in_duration_ = true;
      got_colon_ = false;
      return Emit(TokenKind::kLeftBracket);
    }
    default:
      if (!in_brackets_) return Fail("unexpected right bracket");
      in_brackets_ = in_duration_ = false;
      return Emit(TokenKind::kRightBracket);
  }
}

Token Lexer::NextInBraces() {
  const int c = Peek();
  if (IsAlpha(c)) {
    SkipClasses(kLetter | kDigit);
    return Emit(TokenKind::kIdentifier);
  }
  switch (c) {
    case '#':
      return Comment();
    case ',':
      return EmitAs(TokenKind::kComma, 1);
    case '"':
    case '\'':
      return String(static_cast<char>(c));
    case '`':
      return RawString();
    case '=':
      return Peek(1) == '~' ? EmitAs(TokenKind::kRegexMatch, 2) : EmitAs(TokenKind::kAssign, 1);
    case '!':
      if (Peek(1) == '~') return EmitAs(TokenKind::kNotRegexMatch, 2);
      if (Peek(1) == '=') return EmitAs(TokenKind::kNotEqual, 2);
      ++pos_;
      return Fail("unexpected \"!\" inside braces, expected \"!=\" or \"!~\"");
    case '}':
      in_braces_ = false;
      return EmitAs(TokenKind::kRightBrace, 1);
    default:
      return FailAtByte(" inside braces");
  }
}

// Between "[" and the first number, where Prometheus knows fewer tokens than behind it: no
// comments, for one.
Token Lexer::NextInDuration() {
  const int c = Peek();
  if (IsDigit(c) || (c == '.' && IsDigit(Peek(1)))) {
    got_duration_ = true;
    in_duration_ = false;
    return NumberOrDuration();
  }
  switch (c) {
    case ':':
      return ColonInDuration();
    case '(':
    case ')':
    case ']':
      return ParenOrBracket(static_cast<char>(c));
    case '+':
      return EmitAs(TokenKind::kAdd, 1);
    case '-':
      return EmitAs(TokenKind::kSub, 1);
    case '*':
      return EmitAs(TokenKind::kMul, 1);
    case '/':
      return EmitAs(TokenKind::kDiv, 1);
    case '%':
      return EmitAs(TokenKind::kMod, 1);
    case '^':
      return EmitAs(TokenKind::kPow, 1);
    case ',':
      return EmitAs(TokenKind::kComma, 1);
    default:
      if (IsAlpha(c)) return DurationKeyword(" in duration expression");
      return FailAtByte(" in duration expression");
  }
}

Token Lexer::ColonInDuration() {
  ++pos_;
  if (!got_duration_) return FailBehind("unexpected colon before the range of a subquery");
  if (got_colon_) return FailBehind("unexpected second colon in brackets");
  got_colon_ = true;
  return Emit(TokenKind::kColon);
}

Token Lexer::WordInBrackets() {
  if (Peek() != ':') return DurationKeyword(", expected \":\"");
  ++pos_;
  if (got_colon_) return Fail("unexpected second colon in brackets");
  got_colon_ = true;
  return Emit(TokenKind::kColon);
}

Token Lexer::DurationKeyword(const char* otherwise) {
  while (IsAlpha(Peek())) ++pos_;
  switch (const TokenKind kind = FindKeyword(text_.substr(start_, pos_ - start_))) {
    case TokenKind::kStep:
    case TokenKind::kRange:
    case TokenKind::kMaxOf:
    case TokenKind::kMinOf:
      return Emit(kind);
    default:
      return Fail("unexpected " + QuoteForMessage(text_.substr(start_, pos_ - start_)) + otherwise);
  }
}

Token Lexer::Word() {
  SkipClasses(kLetter | kDigit);
  const bool colon = Peek() == ':';
  if (colon) SkipClasses(kLetter | kDigit | kColon);
  if (colon) return Emit(TokenKind::kMetricIdentifier);
  const TokenKind kind = FindKeyword(text_.substr(start_, pos_ - start_));
  // "fill" came late to the language; it is a keyword only where no older query can have used it as
  // a name.
  if (kind == TokenKind::kFill || kind == TokenKind::kFillLeft || kind == TokenKind::kFillRight) {
    size_t ahead = 0;
    while (IsSpace(Peek(ahead))) ++ahead;
    if (Peek(ahead) != '(') return Emit(TokenKind::kIdentifier);
  }
  return Emit(kind);
}

Token Lexer::Comment() {
  while (Peek() >= 0 && Peek() != '\n' && Peek() != '\r') ++pos_;
  return Emit(TokenKind::kComment);
}

Token Lexer::NumberOrDuration() {
  if (ScanNumber()) return Emit(TokenKind::kNumber);
  if (ScanRestOfDuration()) return Emit(TokenKind::kDuration);
  if (pos_ == start_) ++pos_;
  return Fail("bad number or duration " + QuoteForMessage(text_.substr(start_, pos_ - start_)));
}

// Returns true iff there is something here that looks like a number and is not glued to a letter.
// That it is one is for ParseNumber() to decide: "0x" and "1__0" pass.
bool Lexer::ScanNumber() {
  std::string_view digits = kDecimalDigits;
  if (Accept("0") && Accept("xX")) {
    Accept("_");
    digits = kHexDigits;
  }
  Accept(".");
  Accept(digits);
  return ScanNumberTail(digits) && !IsAlphaNumeric(Peek());
}

bool Lexer::ScanNumberTail(std::string_view digits) {
  const bool hex = digits.size() > 10;
  bool dot = false;
  bool exponent = false;
  for (;;) {
    const int c = Peek();
    if (c == '.') {
      ++pos_;
      if (dot || hex || Accept("_.")) return false;
      dot = true;
    } else if (c == 'e' || c == 'E') {
      ++pos_;
      if (exponent) return false;
      exponent = true;
      Accept("+-");
      if (Accept("._eE") || Peek() < 0) return false;
    } else if (c == '_') {
      ++pos_;
      if (Accept("._eE") || Peek() < 0) return false;
    } else if (Accept(digits)) {
      while (Accept(digits)) {  // in 0x1aee the e are digits
      }
    } else {
      return true;
    }
  }
}

// Behind the digits of "1h30m". Order and spelling of the units are for ParseDurationLiteral() to
// check.
bool Lexer::ScanRestOfDuration() {
  if (!Accept("smhdwy")) return false;
  Accept("s");
  while (Accept(kDecimalDigits)) {
    while (Accept(kDecimalDigits)) {
    }
    if (!Accept("smhdw")) return false;
    Accept("s");
  }
  return !IsAlphaNumeric(Peek());
}

Token Lexer::String(char quote) {
  ++pos_;
  for (;;) {
    SkipClasses(kInString);
    const int c = Peek();
    if (c < 0 || c == '\n') return Fail("string is not terminated");
    if (c == quote) {
      ++pos_;
      return Emit(TokenKind::kString);
    }
    if (c == '\\') {
      ++pos_;
      if (!SkipEscape(quote)) return Fail("invalid escape sequence in string");
    } else if (c == '{' && dialect_ == Dialect::kGoTemplate) {
      const size_t n = TemplateLength(text_, pos_, dialect_, TemplateContext::kString);
      pos_ += n != 0 ? n : 1;
    } else if (c < 0x80) {
      ++pos_;
    } else {
      const Utf8Rune rune = DecodeUtf8(text_, pos_);
      pos_ += rune.size;
      // Prometheus cannot tell a well-formed U+FFFD from a broken byte either.
      if (rune.value == kReplacementRune) return Fail("invalid UTF-8 in string");
    }
  }
}

Token Lexer::RawString() {
  ++pos_;
  for (;;) {
    const int c = Peek();
    if (c < 0) return Fail("raw string is not terminated");
    const Utf8Rune rune = DecodeUtf8(text_, pos_);
    pos_ += rune.size;
    if (rune.value == kReplacementRune) return Fail("invalid UTF-8 in string");
    if (c == '`') return Emit(TokenKind::kString);
  }
}

// Returns true iff a valid escape sequence follows (its backslash is behind us), and skips it.
bool Lexer::SkipEscape(char quote) {
  const int c = Peek();
  if (c >= '0' && c <= '7') return SkipDigits(3, 8, 255);
  if (c < 0 || c == '\n') return false;
  ++pos_;
  switch (c) {
    case 'x':
      return SkipDigits(2, 16, 255);
    case 'u':
      return SkipDigits(4, 16, 0x10FFFF);
    case 'U':
      return SkipDigits(8, 16, 0x10FFFF);
    default:
      return c == quote || Contains("abfnrtv\\", c);
  }
}

bool Lexer::SkipDigits(int count, unsigned base, uint32_t max) {
  uint32_t value = 0;
  for (; count > 0; --count) {
    const unsigned digit = DigitValue(Peek());
    if (digit >= base) return false;
    value = value * base + digit;
    ++pos_;
  }
  const bool surrogate = value >= 0xD800 && value < 0xE000;
  return value <= max && !surrogate;
}

// The length of the word at the current position if it has a variable or action in it, else 0.
size_t Lexer::TemplateWordLength() const {
  const bool colons = !in_braces_ && !in_brackets_;
  const bool dots = IsDigit(Peek());
  bool found = false;
  size_t end = pos_;
  while (end < text_.size()) {
    const int c = static_cast<unsigned char>(text_[end]);
    if (IsAlphaNumeric(c) || (c == ':' && colons) || (c == '.' && dots)) {
      ++end;
      continue;
    }
    const size_t n = TemplateLength(text_, end, dialect_, TemplateContext::kBare);
    if (n == 0) break;
    if (c == '{' && IsControlAction(text_.substr(end, n))) break;
    found = true;
    end += n;
  }
  return found ? end - pos_ : 0;
}

// The length of the control action ({{ if .x }}, {% endif %}) or template comment at the current
// position, else 0: it says which parts of the text are used and is no part of the query itself.
size_t Lexer::ControlLength() const {
  if (dialect_ != Dialect::kGoTemplate || Peek() != '{') return 0;
  if (Peek(1) == '%') {
    const size_t end = text_.find_first_of("{}", pos_ + 2);
    const bool closed = end != std::string_view::npos && text_[end] == '}' && text_[end - 1] == '%';
    return closed ? end + 1 - pos_ : 0;
  }
  const size_t n = TemplateLength(text_, pos_, dialect_, TemplateContext::kBare);
  return n != 0 && IsControlAction(text_.substr(pos_, n)) ? n : 0;
}

std::vector<Token> Tokenize(std::string_view text, Dialect dialect) {
  std::vector<Token> tokens;
  Lexer lexer(text, dialect);
  for (;;) {
    const Token token = lexer.Next();
    if (token.kind == TokenKind::kEnd) return tokens;
    if (token.kind == TokenKind::kError) lexer.Resume();
    if (!token.span.empty()) tokens.push_back(token);
  }
}

}  // namespace metrishift::promql
