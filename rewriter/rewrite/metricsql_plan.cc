#include "rewriter/rewrite/metricsql_plan.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "rewriter/promql/lexer.h"
#include "rewriter/rewrite/mention.h"

namespace metrishift::rewrite {
namespace {

using promql::Token;
using promql::TokenKind;

bool HasLabelList(TokenKind kind) {
  constexpr std::array kKinds = {TokenKind::kBy,        TokenKind::kWithout,
                                 TokenKind::kOn,        TokenKind::kIgnoring,
                                 TokenKind::kGroupLeft, TokenKind::kGroupRight};
  return std::ranges::count(kKinds, kind) > 0;
}

// The names of metrics among the tokens of a query.
class Names {
 public:
  explicit Names(std::string_view text) : text_(text) {}

  // Their spans; nothing where the text is not known to be MetricsQL, or has bytes that are no
  // token.
  std::optional<std::vector<QuerySpan>> Find() {
    tokens_ = promql::Tokenize(text_, promql::Dialect::kGoTemplate);
    std::erase_if(tokens_, [](const Token& token) { return token.kind == TokenKind::kComment; });
    for (size_t i = 0; i < tokens_.size(); ++i) {
      const TokenKind kind = tokens_[i].kind;
      if (kind == TokenKind::kError) return std::nullopt;
      if (kind == TokenKind::kLeftBrace || kind == TokenKind::kRightBrace)
        in_braces_ = kind == TokenKind::kLeftBrace;
      if (HasLabelList(kind) && KindAt(i + 1) == TokenKind::kLeftParen)
        i = EndOfList(i + 1);
      else if (in_braces_)
        InBraces(i);
      else if (promql::IsWord(kind))
        Outside(i);
    }
    return is_metricsql_ ? std::optional(std::move(names_)) : std::nullopt;
  }

 private:
  TokenKind KindAt(size_t i) const {
    return i < tokens_.size() ? tokens_[i].kind : TokenKind::kEnd;
  }

  size_t EndOfList(size_t i) const {
    while (i < tokens_.size() && tokens_[i].kind != TokenKind::kRightParen) ++i;
    return i;
  }

  void InBraces(size_t i) {
    const std::string_view word = tokens_[i].TextIn(text_);
    is_metricsql_ = is_metricsql_ || (i > 0 && KindAt(i - 1) == TokenKind::kString && word == "or");
    if (word != "__name__" || KindAt(i + 1) != TokenKind::kAssign ||
        KindAt(i + 2) != TokenKind::kString)
      return;
    const QuerySpan value = tokens_[i + 2].span;
    names_.push_back({value.begin + 1, value.end - 1});
  }

  void Outside(size_t i) {
    std::string word(tokens_[i].TextIn(text_));
    std::ranges::transform(word, word.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    constexpr std::array kWords = {"keep_metric_names", "default", "if", "ifnot", "limit", "with"};
    if (std::ranges::count(kWords, word) > 0) {
      is_metricsql_ = true;
      return;
    }
    // A call, or what a WITH template is called.
    const TokenKind next = KindAt(i + 1);
    if (next != TokenKind::kLeftParen && next != TokenKind::kAssign)
      names_.push_back(tokens_[i].span);
  }

  std::string_view text_;
  std::vector<Token> tokens_;
  bool in_braces_ = false;
  bool is_metricsql_ = false;
  std::vector<QuerySpan> names_;
};

}  // namespace

std::optional<QueryPlan> PlanMetricsQl(std::string_view text, const Mapping& mapping,
                                       const PlanOptions& options) {
  if (options.mode == Mode::kUnion) return std::nullopt;
  const std::vector<Mention<QuerySpan>> mentions = FindMentions<QuerySpan>(text, mapping);
  if (mentions.empty()) return std::nullopt;
  const std::optional<std::vector<QuerySpan>> names = Names(text).Find();
  if (!names) return std::nullopt;
  QueryPlan plan;
  for (const Mention<QuerySpan>& mention : mentions) {
    if (!mention.match.entry->IsRename() || !mention.match.HasNewSeries() ||
        !std::ranges::binary_search(*names, mention.span))
      return std::nullopt;
    const std::string new_name = mention.match.NewSeries();
    plan.edits.Add({mention.span, new_name});
    plan.findings.push_back({Disposition::kChanged, FindingCode::kRenamed, mention.span,
                             "deprecated " + mention.match.OldSeries() + ", use " + new_name, "",
                             mention.match.entry});
  }
  return plan;
}

}  // namespace metrishift::rewrite
