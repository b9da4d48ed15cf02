#include "rewriter/rewrite/grafana_variable.h"

#include <re2/re2.h>

#include <array>

namespace metrishift::rewrite {
namespace {

struct Pattern {
  const char* regex;  // the first group, if any, is the part that names metrics
  VariableQuery::Kind kind;
};

// (?s): queries may span lines, and Grafana strips line breaks first. An argument of label_names is
// a part of a name, which a rename cannot be read off.
constexpr std::array kPatterns = {
    Pattern{R"re((?s)\s*label_names\(.*\)\s*)re", VariableQuery::Kind::kNone},
    Pattern{
        R"re((?s)\s*label_values\((?:(.+),\s*)?(?:[a-zA-Z_$][a-zA-Z0-9_{}:$]*|"(?:[^"\\]|\\.)*")\s*\)\s*)re",
        VariableQuery::Kind::kSelector},
    Pattern{R"re((?s)\s*metrics\((.+)\)\s*)re", VariableQuery::Kind::kRegex},
    Pattern{R"re((?s)\s*query_result\((.+)\)\s*)re", VariableQuery::Kind::kPromQL},
    Pattern{R"re((?s)(.+))re", VariableQuery::Kind::kSelector},
};

}  // namespace

VariableQuery ParseVariableQuery(std::string_view text) {
  for (const Pattern& row : kPatterns) {
    const RE2 regex(row.regex);
    const re2::StringPiece input(text.data(), text.size());
    re2::StringPiece groups[2];
    if (!regex.Match(input, 0, text.size(), RE2::ANCHOR_BOTH, groups, 2)) continue;
    if (groups[1].data() == nullptr) return {};
    const size_t begin = static_cast<size_t>(groups[1].data() - text.data());
    return {row.kind, {begin, begin + groups[1].size()}};
  }
  return {};
}

}  // namespace metrishift::rewrite
