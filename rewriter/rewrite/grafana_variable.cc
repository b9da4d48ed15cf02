#include "rewriter/rewrite/grafana_variable.h"

#include <re2/re2.h>

namespace metrishift::rewrite {
namespace {

struct Pattern {
  RE2 regex;  // the first group, if any, is the part that names metrics; the second is a label
  VariableQuery::Kind kind;
};

}  // namespace

VariableQuery ParseVariableQuery(std::string_view text) {
  // (?s): queries may span lines, and Grafana strips line breaks first.
  static const Pattern kPatterns[] = {
      {R"re((?s)\s*label_names\((.+)\)\s*)re", VariableQuery::Kind::kNamePart},
      {R"re((?s)\s*label_names\(\)\s*)re", VariableQuery::Kind::kNone},
      {R"re((?s)\s*label_values\((?:(.+),\s*)?(?:([a-zA-Z_$][a-zA-Z0-9_{}:$]*)|"(?:[^"\\]|\\.)*")\s*\)\s*)re",
       VariableQuery::Kind::kSelector},
      {R"re((?s)\s*metrics\((.+)\)\s*)re", VariableQuery::Kind::kRegex},
      {R"re((?s)\s*query_result\((.+)\)\s*)re", VariableQuery::Kind::kPromQL},
      {R"re((?s)(.+))re", VariableQuery::Kind::kSelector},
  };
  for (const Pattern& row : kPatterns) {
    const re2::StringPiece input(text.data(), text.size());
    re2::StringPiece groups[3];
    const int count = 1 + row.regex.NumberOfCapturingGroups();
    if (!row.regex.Match(input, 0, text.size(), RE2::ANCHOR_BOTH, groups, count)) continue;
    const auto span = [&text](const re2::StringPiece& group) {
      if (group.data() == nullptr) return QuerySpan{0, 0};
      const size_t begin = static_cast<size_t>(group.data() - text.data());
      return QuerySpan{begin, begin + group.size()};
    };
    if (groups[1].data() == nullptr) return {};
    return {row.kind, span(groups[1]), span(groups[2])};
  }
  return {};
}

}  // namespace metrishift::rewrite
