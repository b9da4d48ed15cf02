#include "rewriter/promql/keywords.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>

namespace metrishift::promql {

namespace {

struct Keyword {
  std::string_view word;
  TokenKind kind;
};

constexpr size_t kLongest = 12;

// By length, so that a lookup compares with few words.
constexpr Keyword kKeywords[] = {
    {"or", TokenKind::kOr},
    {"by", TokenKind::kBy},
    {"on", TokenKind::kOn},
    {"and", TokenKind::kAnd},
    {"sum", TokenKind::kSum},
    {"avg", TokenKind::kAvg},
    {"min", TokenKind::kMin},
    {"max", TokenKind::kMax},
    {"end", TokenKind::kEndWord},
    {"inf", TokenKind::kNumber},
    {"nan", TokenKind::kNumber},
    {"topk", TokenKind::kTopk},
    {"bool", TokenKind::kBool},
    {"fill", TokenKind::kFill},
    {"step", TokenKind::kStep},
    {"atan2", TokenKind::kAtan2},
    {"count", TokenKind::kCount},
    {"group", TokenKind::kGroup},
    {"start", TokenKind::kStart},
    {"range", TokenKind::kRange},
    {"unless", TokenKind::kUnless},
    {"stddev", TokenKind::kStddev},
    {"stdvar", TokenKind::kStdvar},
    {"limitk", TokenKind::kLimitk},
    {"offset", TokenKind::kOffset},
    {"max_of", TokenKind::kMaxOf},
    {"min_of", TokenKind::kMinOf},
    {"bottomk", TokenKind::kBottomk},
    {"without", TokenKind::kWithout},
    {"quantile", TokenKind::kQuantile},
    {"ignoring", TokenKind::kIgnoring},
    {"smoothed", TokenKind::kSmoothed},
    {"anchored", TokenKind::kAnchored},
    {"fill_left", TokenKind::kFillLeft},
    {"group_left", TokenKind::kGroupLeft},
    {"fill_right", TokenKind::kFillRight},
    {"limit_ratio", TokenKind::kLimitRatio},
    {"group_right", TokenKind::kGroupRight},
    {"count_values", TokenKind::kCountValues},
};

// kFirst[n] is the index of the first keyword with at least n letters.
constexpr std::array<size_t, kLongest + 2> kFirst = [] {
  std::array<size_t, kLongest + 2> first{};
  for (size_t length = 0; length < first.size(); ++length) {
    size_t i = 0;
    while (i < std::size(kKeywords) && kKeywords[i].word.size() < length) ++i;
    first[length] = i;
  }
  return first;
}();

}  // namespace

TokenKind FindKeyword(std::string_view word) {
  if (word.size() < 2 || word.size() > kLongest) return TokenKind::kIdentifier;
  char lower[kLongest];
  for (size_t i = 0; i < word.size(); ++i) {
    lower[i] = word[i] >= 'A' && word[i] <= 'Z' ? static_cast<char>(word[i] + 32) : word[i];
  }
  const std::string_view wanted(lower, word.size());
  for (size_t i = kFirst[word.size()]; i < kFirst[word.size() + 1]; ++i) {
    if (kKeywords[i].word == wanted) return kKeywords[i].kind;
  }
  return TokenKind::kIdentifier;
}

std::string_view SpellingOf(TokenKind kind) {
  switch (kind) {
    case TokenKind::kLeftParen:
      return "(";
    case TokenKind::kRightParen:
      return ")";
    case TokenKind::kLeftBrace:
      return "{";
    case TokenKind::kRightBrace:
      return "}";
    case TokenKind::kLeftBracket:
      return "[";
    case TokenKind::kRightBracket:
      return "]";
    case TokenKind::kComma:
      return ",";
    case TokenKind::kColon:
      return ":";
    case TokenKind::kAssign:
      return "=";
    case TokenKind::kAdd:
      return "+";
    case TokenKind::kSub:
      return "-";
    case TokenKind::kMul:
      return "*";
    case TokenKind::kDiv:
      return "/";
    case TokenKind::kMod:
      return "%";
    case TokenKind::kPow:
      return "^";
    case TokenKind::kEqual:
      return "==";
    case TokenKind::kNotEqual:
      return "!=";
    case TokenKind::kLess:
      return "<";
    case TokenKind::kLessEqual:
      return "<=";
    case TokenKind::kGreater:
      return ">";
    case TokenKind::kGreaterEqual:
      return ">=";
    case TokenKind::kTrimUpper:
      return "</";
    case TokenKind::kTrimLower:
      return ">/";
    case TokenKind::kRegexMatch:
      return "=~";
    case TokenKind::kNotRegexMatch:
      return "!~";
    case TokenKind::kAt:
      return "@";
    case TokenKind::kNumber:
      return "";
    default:
      break;
  }
  const auto* found = std::find_if(std::begin(kKeywords), std::end(kKeywords),
                                   [kind](const Keyword& k) { return k.kind == kind; });
  return found != std::end(kKeywords) ? found->word : std::string_view();
}

const char* TokenKindName(TokenKind kind) {
  switch (kind) {
    case TokenKind::kEnd:
      return "End";
    case TokenKind::kError:
      return "Error";
    case TokenKind::kComment:
      return "Comment";
    case TokenKind::kIdentifier:
      return "Identifier";
    case TokenKind::kMetricIdentifier:
      return "MetricIdentifier";
    case TokenKind::kNumber:
      return "Number";
    case TokenKind::kDuration:
      return "Duration";
    case TokenKind::kString:
      return "String";
    case TokenKind::kTemplate:
      return "Template";
    default:
      return SpellingOf(kind).data();  // a literal: ends in NUL
  }
}

}  // namespace metrishift::promql
