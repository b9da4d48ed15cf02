#ifndef METRISHIFT_REWRITER_PROMQL_LEXER_H_
#define METRISHIFT_REWRITER_PROMQL_LEXER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "rewriter/promql/token.h"

namespace metrishift::promql {

// Splits a query into tokens, one at a time. What a character means depends on whether it stands in
// braces, in brackets or outside; the lexer keeps that state. `text` must outlive the lexer. Not
// thread-safe; use one lexer per thread.
class Lexer {
 public:
  explicit Lexer(std::string_view text, Dialect dialect = Dialect::kPrometheus)
      : text_(text), dialect_(dialect) {}

  // The next token, comments included. After the last token it returns kEnd for ever, after an
  // error kError (the state is then as if the text ended there, unless Resume() is called).
  Token Next();

  // After kError: why, and the offset at which Prometheus reports it. The span of the error token
  // is the bytes that are no token; it is empty when the text ended too early.
  const std::string& error() const { return error_; }
  size_t error_offset() const { return error_offset_; }

  // Goes on behind the bytes of the error token.
  void Resume();

 private:
  Token NextNormal();
  Token NextInBraces();
  Token NextInDuration();
  Token Comparison(char first);
  Token Word();
  Token WordInBrackets();
  Token DurationKeyword(const char* otherwise);
  Token NumberOrDuration();
  Token String(char quote);
  Token RawString();
  Token Comment();
  Token ParenOrBracket(char c);
  Token ColonInDuration();

  bool SkipEscape(char quote);
  bool SkipDigits(int count, unsigned base, uint32_t max);
  bool ScanNumber();
  bool ScanNumberTail(std::string_view digits);
  bool ScanRestOfDuration();
  size_t TemplateWordLength() const;
  size_t ControlLength() const;

  int Peek(size_t ahead = 0) const {
    return pos_ + ahead < text_.size() ? static_cast<unsigned char>(text_[pos_ + ahead]) : -1;
  }
  bool Accept(std::string_view set);
  void SkipClasses(unsigned classes);
  void SkipSpace();
  Token Emit(TokenKind kind);
  Token EmitAs(TokenKind kind, size_t length);
  Token Fail(std::string message);
  Token FailBehind(std::string message);
  Token FailAtByte(const char* context);

  std::string_view text_;
  Dialect dialect_;
  size_t pos_ = 0;
  size_t start_ = 0;  // of the token being read
  size_t paren_depth_ = 0;
  bool in_braces_ = false;
  bool in_brackets_ = false;
  bool in_duration_ = false;   // in brackets, before the first number
  bool got_colon_ = false;     // in these brackets
  bool got_duration_ = false;  // in these or earlier brackets
  bool failed_ = false;
  Token error_token_;
  std::string error_;
  size_t error_offset_ = 0;
};

// All tokens of `text`, without the final kEnd, comments included. Never fails: what is no token is
// a kError token of at least one byte. Spans are in order and do not overlap; between them lies
// white space only.
std::vector<Token> Tokenize(std::string_view text, Dialect dialect = Dialect::kPrometheus);

}  // namespace metrishift::promql

#endif  // METRISHIFT_REWRITER_PROMQL_LEXER_H_
