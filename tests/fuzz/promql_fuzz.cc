// The first byte picks the dialect; the rest is read as an expression, as a selector, as a series
// and as tokens. What parses must have sound spans; what does not must have an error within the
// text.

#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "rewriter/promql/dump.h"
#include "rewriter/promql/lexer.h"
#include "rewriter/promql/parser.h"
#include "rewriter/promql/walk.h"

namespace {

using namespace metrishift;
using namespace metrishift::promql;

void Require(bool holds) {
  if (!holds) std::abort();
}

void CheckError(const std::optional<ParseError>& error, std::string_view text) {
  Require(error->span.begin <= error->span.end && error->span.end <= text.size());
  Require(!error->message.empty());
}

void CheckTree(const Expr& expr, std::string_view text) {
  Walk(expr, [&](const Expr& node, const Expr* parent) {
    Require(!node.span.empty() && node.span.end <= text.size());
    Require(parent == nullptr || parent->span.Contains(node.span));
  });
  Require(!Dump(expr).empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const auto dialect = static_cast<Dialect>(data[0] % 3);
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const ParseResult results[] = {ParseExpr(text, {dialect}), ParseSelector(text, {dialect})};
  for (const ParseResult& result : results) {
    Require((result.expr != nullptr) != result.error.has_value());
    if (result.expr) {
      CheckTree(*result.expr, text);
    } else {
      CheckError(result.error, text);
    }
  }
  const SeriesResult series = ParseSeries(text, {dialect});
  Require(series.series.has_value() != series.error.has_value());
  if (series.error) CheckError(series.error, text);
  size_t end = 0;
  for (const Token& token : Tokenize(text, dialect)) {
    Require(end <= token.span.begin && !token.span.empty() && token.span.end <= text.size());
    end = token.span.end;
  }
  return 0;
}
