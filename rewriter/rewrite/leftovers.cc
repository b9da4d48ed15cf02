#include "rewriter/rewrite/leftovers.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "core/diagnostic.h"
#include "core/entry_labels.h"
#include "rewriter/rewrite/code_query.h"
#include "rewriter/rewrite/mention.h"
#include "rewriter/rewrite/packed_text.h"
#include "rewriter/rewrite/recorded_names.h"

namespace metrishift::rewrite {
namespace {

using formats::Extraction;
using formats::Passage;
using formats::PassageKind;
using FileMention = Mention<FileSpan>;

// REQUIRES: `spans` is sorted and its elements do not overlap each other (they may repeat).
bool OverlapsOneOf(const std::vector<FileSpan>& spans, FileSpan span) {
  const auto after = std::ranges::lower_bound(spans, span.end, {}, &FileSpan::begin);
  return after != spans.begin() && (after - 1)->end > span.begin;
}

// REQUIRES: the same.
bool LiesInOneOf(const std::vector<FileSpan>& spans, FileSpan span) {
  const auto after = std::ranges::upper_bound(spans, span.begin, {}, &FileSpan::begin);
  return after != spans.begin() && (after - 1)->Contains(span);
}

std::vector<FileSpan> SpansOf(const std::vector<Finding>& findings) {
  std::vector<FileSpan> spans;
  spans.reserve(findings.size());
  for (const Finding& finding : findings) spans.push_back(finding.span);
  std::ranges::sort(spans);
  return spans;
}

// Finds the innermost passage around each of several places, which are asked for in order.
class PassageFinder {
 public:
  explicit PassageFinder(const std::vector<Passage>& passages) : passages_(passages) {}

  const Passage* Around(FileSpan span) {
    while (next_ < passages_.size() && passages_[next_].span.begin <= span.begin)
      open_.push_back(&passages_[next_++]);
    while (!open_.empty() && open_.back()->span.end <= span.begin) open_.pop_back();
    for (size_t i = open_.size(); i-- > 0;) {
      if (open_[i]->span.Contains(span)) return open_[i];
    }
    return nullptr;
  }

 private:
  const std::vector<Passage>& passages_;
  size_t next_ = 0;
  std::vector<const Passage*> open_;
};

class Finder {
 public:
  Finder(std::string_view text, formats::FileFormat format, const Places& places,
         const Extraction& extraction, const std::vector<Finding>& findings, const Mapping& mapping,
         const PlanOptions& options)
      : text_(text),
        format_(format),
        extraction_(extraction),
        options_(options),
        spoken_of_(SpansOf(findings)),
        places_(places),
        passages_(extraction.passages),
        clear_queries_(text, mapping) {}

  Leftovers Run(const Mapping& mapping) {
    for (const FileMention& mention : FindMentions<FileSpan>(text_, mapping)) {
      if (OverlapsOneOf(spoken_of_, mention.span)) continue;
      if (KeepsItsName(mapping, mention.match) && !NamesChangedLabel(mention)) continue;
      if (AsksForOthers(mapping, mention)) continue;
      Found(mention);
    }
    for (const Passage& passage : extraction_.passages) {
      if (passage.kind == PassageKind::kPacked) Packed(passage.span, mapping);
    }
    return std::move(leftovers_);
  }

 private:
  // A name that stays is no deprecated one; what changes about it concerns queries, which have been
  // planned.
  static bool KeepsItsName(const Mapping& mapping, const Mapping::Match& match) {
    return std::ranges::all_of(
        mapping.FindAllOld(match.OldSeries()), [](const Mapping::Match& other) {
          return other.entry->fate == MappingEntry::Fate::kReplaced && other.entry->SameName();
        });
  }

  // True iff `mention` is a name in a query, whose matchers say that it asks for series that no
  // entry is for: it has been planned, and nothing had to be said.
  bool AsksForOthers(const Mapping& mapping, const FileMention& mention) {
    const size_t behind = text_.find_first_not_of(" \t\r\n", mention.span.end);
    const bool has_matchers = behind != text_.npos && text_[behind] == '{';
    return has_matchers && OverlapsOneOf(places_.queries, mention.span) &&
           !IsBehindHash(mention.span) &&
           std::ranges::none_of(
               mapping.FindAllOld(mention.match.OldSeries()),
               [](const Mapping::Match& match) { return match.entry->when.empty(); });
  }

  // A comment may have begun before `span` on its line. Asked in the order of the text.
  bool IsBehindHash(FileSpan span) {
    for (; looked_at_ < span.begin; ++looked_at_) {
      if (text_[looked_at_] == '#' || text_[looked_at_] == '\n')
        behind_hash_ = text_[looked_at_] == '#';
    }
    return behind_hash_;
  }

  // True iff the line of `mention`, which is in no query, names a label that changes.
  bool NamesChangedLabel(const FileMention& mention) const {
    if (OverlapsOneOf(places_.queries, mention.span)) return false;
    const MappingEntry& entry = *mention.match.entry;
    std::vector<std::string> labels = DroppedLabels(entry);
    for (const Label& label : entry.when) labels.push_back(label.name);
    for (const LabelRename& label : entry.labels) labels.push_back(label.old_name);
    for (const LabelValues& values : entry.label_values) labels.push_back(values.label);
    const size_t before = text_.rfind('\n', mention.span.begin);
    const size_t begin = before == std::string_view::npos ? 0 : before;
    const std::string_view line =
        text_.substr(begin, std::min(text_.find('\n', mention.span.end), text_.size()) - begin);
    return std::ranges::any_of(labels,
                               [&](const std::string& label) { return NamesWord(line, label); });
  }

  void Found(const FileMention& mention) {
    const std::string name = DescribeOld(mention.match);
    const Passage* passage = passages_.Around(mention.span);
    if (OverlapsOneOf(places_.records, mention.span)) {
      const std::string old_name = mention.match.OldSeries();
      return Info(mention, FindingCode::kRecordedName,
                  "this rule records deprecated " + old_name + "; it is kept",
                  "delete it when nothing asks for " + old_name + " any more");
    }
    if (OverlapsOneOf(places_.queries, mention.span))
      return Info(mention, FindingCode::kQueryComment, "a comment or a label names " + name);
    if (passage != nullptr) return InPassage(mention, *passage);
    if (InComment(mention.span))
      return Info(mention, FindingCode::kComment, "a comment names " + name);
    if (format_ == formats::FileFormat::kCode && options_.mode != Mode::kUnion &&
        mention.match.entry->IsRename() && clear_queries_.Has(mention.span))
      return Rename(mention);
    Add(mention, Disposition::kNeedsPerson, FindingCode::kUnknownPlace,
        name + " at a place that is not known to hold queries",
        "change it by hand if it is meant as a metric name: " + mention.match.NewSeries());
  }

  void Packed(FileSpan span, const Mapping& mapping) {
    const std::optional<std::string> text = Unpack(text_.substr(span.begin, span.size()));
    Finding finding{Disposition::kInfo, FindingCode::kPacked, span, "", "", nullptr};
    if (!text) {
      finding.message = "this is taken for a packed dashboard, but cannot be unpacked";
    } else {
      const std::vector<FileMention> mentions = FindMentions<FileSpan>(*text, mapping);
      if (mentions.empty()) return;
      finding.disposition = Disposition::kNeedsPerson;
      finding.message = "a packed dashboard names " + DescribeOld(mentions.front().match);
      finding.hint = "unpack it, rewrite it and pack it again";
      finding.entry = mentions.front().match.entry;
    }
    leftovers_.findings.push_back(std::move(finding));
  }

  void InPassage(const FileMention& mention, const Passage& passage) {
    const std::string name = DescribeOld(mention.match);
    const bool renames =
        options_.mode != Mode::kUnion && mention.match.entry->IsRename() && !InAction(mention.span);
    switch (passage.kind) {
      case PassageKind::kRenaming:
        return Renaming(mention, text_.substr(passage.span.begin, passage.span.size()));
      case PassageKind::kPacked:
      case PassageKind::kForeign:
        return Info(mention, FindingCode::kForeign,
                    "a query that is not for Prometheus names " + name + "; it is left as it is");
      case PassageKind::kShown:
        if (renames && options_.shown) return Rename(mention);
        if (mention.match.entry->SameName()) return;  // its name is as good as before
        return Info(mention, FindingCode::kShown, "a text for people names " + name,
                    renames ? "--labels-and-legends changes it" : "");
      case PassageKind::kCopy:
        if (renames) return Rename(mention);
        return Info(mention, FindingCode::kNoUnion,
                    name + " is kept beside a query; nothing is asked with it");
      case PassageKind::kChoice:
        if (renames) return Rename(mention);
        return Add(
            mention, Disposition::kNeedsPerson,
            options_.mode == Mode::kUnion ? FindingCode::kNoUnion : FindingCode::kNotConvertible,
            name + " at a place that holds one name only",
            "change it once every target exposes " + InsteadOf(mention.match));
    }
  }

  // What turns one of the two names into the other may stay for the time of the upgrade.
  void Renaming(const FileMention& mention, std::string_view rule) {
    const std::string new_name = mention.match.NewSeries();
    const std::string name = DescribeOld(mention.match);
    bool has_new = false;
    for (size_t at = 0; at < rule.size() && !has_new; ++at) {
      const size_t begin = at;
      while (at < rule.size() && IsMetricNameChar(rule[at])) ++at;
      has_new = rule.substr(begin, at - begin) == new_name;
    }
    if (has_new) {
      return Info(mention, FindingCode::kRelabelling,
                  "this relabelling has both " + name + " and its new name; it is kept",
                  "delete it when nothing needs it any more");
    }
    Add(mention, Disposition::kNeedsPerson, FindingCode::kRelabelling,
        name + " in a relabelling that gives series other names",
        "see whether it is still right after the upgrade, when the name is " +
            InsteadOf(mention.match));
  }

  void Rename(const FileMention& mention) {
    leftovers_.edits.push_back({mention.span, mention.match.NewSeries()});
    const bool moves = IsMove(mention.match.entry);
    Add(mention, Disposition::kChanged, FindingCode::kRenamed,
        moves
            ? "recorded name " + mention.match.OldSeries() + " becomes " + mention.match.NewSeries()
            : DescribeOld(mention.match) + ", use " + mention.match.NewSeries(),
        "");
  }

  void Info(const FileMention& mention, FindingCode code, std::string message,
            std::string hint = "") {
    Add(mention, Disposition::kInfo, code, std::move(message), std::move(hint));
  }

  void Add(const FileMention& mention, Disposition disposition, FindingCode code,
           std::string message, std::string hint) {
    leftovers_.findings.push_back({disposition, code, mention.span, std::move(message),
                                   std::move(hint), mention.match.entry});
  }

  // True iff `span` stands between braces of a template: {{name}} is the label of that name.
  bool InAction(FileSpan span) const {
    constexpr size_t kLongestAction = 1000;
    const size_t begin = span.begin - std::min(span.begin, kLongestAction);
    const std::string_view before = text_.substr(begin, span.begin - begin);
    const size_t open = before.rfind("{{");
    return open != before.npos && before.find("}}", open) == before.npos;
  }

  // A line of text may be a comment as well: of a file inside this file.
  bool InComment(FileSpan mention) {
    if (format_ == formats::FileFormat::kJson) return false;
    const bool is_tree =
        format_ == formats::FileFormat::kYaml && extraction_.read_as == formats::ReadAs::kTree;
    if (is_tree && LiesInOneOf(extraction_.comments, mention)) return true;
    if (!lines_) lines_.emplace("", text_);
    const size_t line = lines_->LineSpan(lines_->LineOf(mention.begin)).begin;
    const size_t first = text_.find_first_not_of(" \t", line);
    return first < mention.begin && text_[first] == '#';
  }

  std::string_view text_;
  std::optional<SourceText> lines_;  // where somebody has asked for them
  size_t looked_at_ = 0;             // by IsBehindHash
  bool behind_hash_ = false;         // there
  formats::FileFormat format_;
  const Extraction& extraction_;
  const PlanOptions& options_;
  std::vector<FileSpan> spoken_of_;
  const Places& places_;
  PassageFinder passages_;
  ClearQueries clear_queries_;
  Leftovers leftovers_;
};

}  // namespace

Leftovers FindLeftovers(std::string_view text, formats::FileFormat format, const Places& places,
                        const Extraction& extraction, const std::vector<Finding>& findings,
                        const Mapping& mapping, const PlanOptions& options) {
  return Finder(text, format, places, extraction, findings, mapping, options).Run(mapping);
}

}  // namespace metrishift::rewrite
