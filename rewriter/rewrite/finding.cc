#include "rewriter/rewrite/finding.h"

namespace metrishift::rewrite {

std::string_view FindingCodeName(FindingCode code) {
  switch (code) {
    case FindingCode::kRenamed:
      return "renamed";
    case FindingCode::kNameRegex:
      return "name-regex";
    case FindingCode::kTemplatedName:
      return "templated-name";
    case FindingCode::kNoUnion:
      return "no-union";
    case FindingCode::kAlreadyUnion:
      return "already-union";
    case FindingCode::kNoReplacement:
      return "no-replacement";
    case FindingCode::kDefaultOff:
      return "default-off";
    case FindingCode::kChangedMeaning:
      return "changed-meaning";
    case FindingCode::kNotExact:
      return "not-exact";
    case FindingCode::kNotConvertible:
      return "not-convertible";
    case FindingCode::kSelectsNothing:
      return "selects-nothing";
    case FindingCode::kOpaqueMatcher:
      return "opaque-matcher";
    case FindingCode::kNameLabel:
      return "name-label";
    case FindingCode::kResultLabel:
      return "result-label";
    case FindingCode::kStringLiteral:
      return "string-literal";
    case FindingCode::kQueryComment:
      return "query-comment";
    case FindingCode::kUnparsableQuery:
      return "unparsable-query";
    case FindingCode::kRecordedName:
      return "recorded-name";
    case FindingCode::kCascade:
      return "cascade";
    case FindingCode::kScalarStyle:
      return "scalar-style";
    case FindingCode::kTemplateAction:
      return "template-action";
    case FindingCode::kShown:
      return "shown";
    case FindingCode::kRelabelling:
      return "relabelling";
    case FindingCode::kPacked:
      return "packed";
    case FindingCode::kForeign:
      return "foreign";
    case FindingCode::kUnknownPlace:
      return "unknown-place";
    case FindingCode::kComment:
      return "comment";
    case FindingCode::kFunction:
      return "function";
    case FindingCode::kFlag:
      return "flag";
    case FindingCode::kFlagValue:
      return "flag-value";
    case FindingCode::kFlagConflict:
      return "flag-conflict";
    case FindingCode::kEndpoint:
      return "endpoint";
    case FindingCode::kAssumed:
      return "assumed-datasource";
    case FindingCode::kReadAs:
      return "read-as";
  }
  return "";
}

std::string InsteadOf(const Mapping::Match& match) {
  const MappingEntry& entry = *match.entry;
  if (!match.HasNewSeries()) return entry.note.empty() ? "it has no new name" : entry.note;
  if (!entry.expr.empty()) return entry.expr;
  std::string labels;
  for (const Label& label : entry.new_labels) {
    if (label.value.empty()) continue;
    labels += (labels.empty() ? "" : ",") + label.name + "=\"" + label.value + "\"";
  }
  return match.NewSeries() + (labels.empty() ? "" : "{" + labels + "}") +
         (match.Scale() == 1 && match.Offset() == 0 ? "" : ", in another unit");
}

}  // namespace metrishift::rewrite
