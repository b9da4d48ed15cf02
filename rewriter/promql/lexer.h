#ifndef METRISHIFT_REWRITER_PROMQL_LEXER_H_
#define METRISHIFT_REWRITER_PROMQL_LEXER_H_

#include <cstddef>
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

  // After kError: why, in Prometheus' words, and where Prometheus says that it is (the span of the
  // error token is the bytes that are no token).
  const std::string& error() const { return error_; }
  size_t error_offset() const { return error_offset_; }

  // Skips the bytes of the error token and goes on behind them.
  void Resume();

 private:
  std::string_view text_;
  Dialect dialect_;
  std::string error_;
  size_t error_offset_ = 0;
};

// All tokens of `text`, without the final kEnd, comments included. Never fails: what is no token is
// a kError token of at least one byte. Spans are in order and do not overlap; between them lies
// white space only.
std::vector<Token> Tokenize(std::string_view text, Dialect dialect = Dialect::kPrometheus);

}  // namespace metrishift::promql

#endif  // METRISHIFT_REWRITER_PROMQL_LEXER_H_
