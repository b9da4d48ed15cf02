#include "rewriter/rewrite/code_query.h"

#include <algorithm>
#include <optional>
#include <string>

#include "rewriter/promql/functions.h"
#include "rewriter/promql/keywords.h"
#include "rewriter/rewrite/mention.h"
#include "rewriter/rewrite/plan.h"

namespace metrishift::rewrite {
namespace {

constexpr size_t kLongestLine = 4000;  // of those before and behind the name

// Behind the quote that closes what the one at `at` opens; nothing where none does in this line.
std::optional<size_t> Closed(std::string_view line, size_t at) {
  const char quote = line[at];
  for (size_t i = at + 1; i < line.size(); ++i) {
    if (line[i] == quote) return i + 1;
    if (line[i] == '\\' && quote != '`') ++i;
  }
  return std::nullopt;
}

// The string of `line` that has the byte at `at`, without its quotes.
std::optional<std::string_view> StringAround(std::string_view line, size_t at) {
  for (size_t i = 0; i < at; ++i) {
    if (line[i] == '#' || line.substr(i).starts_with("//")) return std::nullopt;
    if (line[i] != '"' && line[i] != '\'' && line[i] != '`') continue;
    const std::optional<size_t> end = Closed(line, i);
    if (!end) return std::nullopt;
    if (*end > at) return line.substr(i + 1, *end - i - 2);
    i = *end - 1;
  }
  return std::nullopt;
}

// Without the escapes of quotes; nothing where there are others.
std::optional<std::string> Unescaped(std::string_view string) {
  std::string out;
  for (size_t i = 0; i < string.size(); ++i) {
    if (string[i] == '\\' && (++i == string.size() || (string[i] != '"' && string[i] != '\'')))
      return std::nullopt;
    out += string[i];
  }
  return out;
}

// Whether no text for people looks like this, provided that it is PromQL: it has braces, brackets
// or parentheses behind a word of PromQL.
bool IsMoreThanNames(std::string_view query) {
  std::string_view word;
  for (size_t i = 0; i < query.size(); ++i) {
    if (query[i] == '{' || query[i] == '[') return true;
    if (query[i] == '(' && (promql::FindFunction(word) != nullptr ||
                            promql::FindKeyword(word) != promql::TokenKind::kIdentifier))
      return true;
    const size_t begin = i;
    while (i < query.size() && IsMetricNameChar(query[i])) ++i;
    if (i > begin) word = query.substr(begin, i-- - begin);
  }
  return false;
}

}  // namespace

bool ClearQueries::Has(FileSpan name) {
  if (last_.Contains(name)) return last_is_clear_;
  const size_t from = name.begin - std::min(name.begin, kLongestLine);
  const size_t newline = text_.substr(from, name.begin - from).rfind('\n');
  if (newline == text_.npos && from > 0) return false;
  const size_t begin = newline == text_.npos ? 0 : from + newline + 1;
  std::string_view line = text_.substr(begin, name.end + kLongestLine - begin);
  line = line.substr(0, line.find('\n'));
  const std::optional<std::string_view> string = StringAround(line, name.begin - begin);
  if (!string) return false;
  const auto at = static_cast<size_t>(string->data() - text_.data());
  last_ = {at, at + string->size()};
  last_is_clear_ = IsClear(*string);
  return last_is_clear_;
}

bool ClearQueries::IsClear(std::string_view string) const {
  const std::optional<std::string> query = Unescaped(string);
  if (!query || !IsMoreThanNames(*query)) return false;
  const QueryPlan plan =
      PlanQuery(*query, formats::QueryKind::kGrafanaPromQL, mapping_, Mode::kReplace);
  return !plan.error && plan.findings.size() == FindMentions<QuerySpan>(*query, mapping_).size() &&
         std::ranges::all_of(plan.findings, [](const QueryFinding& finding) {
           return finding.code == FindingCode::kRenamed && finding.entry->IsRename();
         });
}

}  // namespace metrishift::rewrite
