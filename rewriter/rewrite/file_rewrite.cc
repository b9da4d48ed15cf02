#include "rewriter/rewrite/file_rewrite.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <map>
#include <set>

#include "rewriter/formats/template_mask.h"
#include "rewriter/rewrite/embedded_plan.h"
#include "rewriter/rewrite/leftovers.h"
#include "rewriter/rewrite/mention.h"
#include "rewriter/rewrite/setting_plan.h"

namespace metrishift::rewrite {
namespace {

using formats::EmbeddedQuery;
using formats::Extraction;
using formats::LabelRead;

Diagnostic InternalError(FileSpan span, std::string message) {
  return {Severity::kError, span, std::move(message) + "; the file is left as it is",
          "this is a fault of metrishift: please report it with the file"};
}

// Stands for a text; all of them together may be as large as the file.
size_t FingerprintOf(std::string_view text) { return std::hash<std::string_view>()(text); }

// Compares what is found in a result with the fingerprints of what was planned, one after the
// other.
class Check {
 public:
  explicit Check(const std::vector<size_t>& planned) : planned_(planned) {}

  void Next(const EmbeddedQuery& found) {
    const bool same = count_ < planned_.size() && FingerprintOf(found.text) == planned_[count_];
    if (!same && !fault_) fault_ = "the one at " + found.place;
    ++count_;
  }

  std::optional<std::string> Fault() const {
    if (fault_ || count_ == planned_.size()) return fault_;
    return "there are " + std::to_string(count_) + ", not " + std::to_string(planned_.size());
  }

 private:
  const std::vector<size_t>& planned_;
  size_t count_ = 0;
  std::optional<std::string> fault_;
};

class Rewriter {
 public:
  Rewriter(std::string* text, formats::FileFormat format, const Mapping& mapping,
           const PlanOptions& options, const RecordedNames& recorded, const Prefilter* prefilter)
      : text_(*text),
        format_(format),
        mapping_(mapping),
        options_(options),
        recorded_(recorded),
        prefilter_(prefilter) {
    for (const MappingEntry& entry : mapping.entries())
      for (const LabelRename& label : entry.labels) renamed_labels_.insert(label.old_name);
  }

  Outcome<FileRewrite> Run() {
    const auto concerns = [this](std::string_view inside) {
      read_.push_back(prefilter_ == nullptr || prefilter_->MayConcern(inside));
      return read_.back();
    };
    // In file order, in which edits are added fast.
    Outcome<Extraction> extraction =
        formats::Extract(format_, text_, concerns,
                         {[this](const EmbeddedQuery& query) { Query(query); },
                          [this](const EmbeddedQuery& record) { Record(record); },
                          [this](LabelRead read) { NoteRead(std::move(read)); }});
    outcome_.diagnostics.insert(outcome_.diagnostics.begin(), extraction.diagnostics.begin(),
                                extraction.diagnostics.end());
    if (!extraction) return std::move(outcome_);
    LabelReads();
    Mentions(*extraction);
    Settings();
    result_.read_as = extraction->read_as;
    Remarks();
    extraction.value.reset();  // sorting takes memory, and verifying makes another one
    std::ranges::stable_sort(result_.findings, {}, &Finding::span);
    result_.findings.shrink_to_fit();
    if (!failed_ && options_.verify && !result_.edits.empty()) {
      result_.edits.Exchange(&text_);
      Verify();
      result_.edits.Exchange(&text_);
    }
    if (!failed_) outcome_.value = std::move(result_);
    return std::move(outcome_);
  }

 private:
  void Fail(Diagnostic diagnostic) {
    failed_ = true;
    outcome_.diagnostics.push_back(std::move(diagnostic));
  }

  void Query(const EmbeddedQuery& query) {
    places_.queries.push_back(query.span);
    if (query.use != formats::QueryUse::kPattern) ++result_.queries;
    QueryPlan plan = PlanEmbedded(query, mapping_, options_);
    if (plan.error) Unparsable(query, *plan.error);
    if (const std::optional<Loop> loop = FindLoop(query)) {
      LeaveToPerson(plan, FindingCode::kRecordedName, loop->why, loop->hint);
    } else if (TakesAction(query, plan.edits)) {
      LeaveToPerson(plan, FindingCode::kTemplateAction,
                    ", and an action of the template would go with it", "change the query by hand");
    } else if (!Lift(query, plan.edits)) {
      LeaveToPerson(plan, FindingCode::kScalarStyle,
                    ", which cannot be written in a scalar of this style",
                    "write the query as a block scalar (expr: |)");
    }
    NoteLabels(query, plan);
    for (QueryFinding& finding : plan.findings) {
      const bool repeated = finding.disposition == Disposition::kInfo &&
                            finding.function != nullptr &&
                            !conditions_.insert(finding.function).second;
      if (repeated) continue;
      if (finding.code == FindingCode::kResultLabel && finding.entry != nullptr &&
          plan.edits.empty() && !NamesOldLabel(*finding.entry))
        continue;
      if (finding.disposition == Disposition::kChanged && IsMove(finding.entry))
        finding.message =
            "recorded name " + finding.entry->old_name + " becomes " + finding.entry->new_name;
      // There may be as many as rules, most of them alike.
      result_.findings.push_back({finding.disposition, finding.code, query.map.ToFile(finding.span),
                                  texts_.Share(std::move(finding.message)),
                                  texts_.Share(std::move(finding.hint)), finding.About()});
    }
    if (query.assumed && !plan.edits.empty() && result_.assumed++ == 0) assumed_at_ = query.span;
    if (options_.verify) planned_queries_.push_back(FingerprintOf(plan.edits.Splice(query.text)));
  }

  // True iff some text of this file may read a label of `entry` by its old name.
  bool NamesOldLabel(const MappingEntry& entry) {
    const auto [found, first] = names_old_label_.try_emplace(&entry);
    if (first) {
      found->second = std::ranges::any_of(entry.labels, [this](const LabelRename& label) {
        return NamesWord(text_, label.old_name);
      });
    }
    return found->second;
  }

  // Remembers the labels that the result has under other names now.
  void NoteLabels(const EmbeddedQuery& query, const QueryPlan& plan) {
    const auto shows = [](const QueryFinding& finding) {
      return finding.code == FindingCode::kResultLabel;
    };
    if (plan.edits.empty() || std::ranges::none_of(plan.findings, shows)) return;
    for (const QueryFinding& finding : plan.findings) {
      if (finding.entry == nullptr || finding.disposition != Disposition::kChanged) continue;
      for (const LabelRename& label : finding.entry->labels)
        moved_labels_.insert_or_assign({query.owner, label.old_name}, finding.entry);
    }
  }

  // The rule may come behind its text. Few labels that alerts show are ever renamed.
  void NoteRead(LabelRead read) {
    if (renamed_labels_.contains(read.label)) label_reads_.push_back(std::move(read));
  }

  // Alerts whose texts read such a label.
  void LabelReads() {
    for (const LabelRead& read : label_reads_) {
      const auto moved = moved_labels_.find({read.owner, read.label});
      if (moved == moved_labels_.end()) continue;
      const MappingEntry& entry = *moved->second;
      const auto label = std::ranges::find(entry.labels, read.label, &LabelRename::old_name);
      result_.findings.push_back(
          {Disposition::kNeedsPerson, FindingCode::kResultLabel, read.span,
           "this text reads label " + read.label + ", which the result of the rule has as " +
               label->new_name,
           "write " + label->new_name + ", or keep the label with --keep-labels", &entry});
    }
  }

  // True iff an action of the template stands in what an edit replaces, and not in what it writes.
  // Such texts may be YAML as they are.
  bool TakesAction(const EmbeddedQuery& query, const QueryEditSet& edits) const {
    return std::ranges::any_of(edits.edits(), [&](const QueryEdit& edit) {
      const FileSpan span = formats::BytesOf(query, edit.span);
      const std::string_view bytes = std::string_view(text_).substr(span.begin, span.size());
      for (size_t at = bytes.find('{'); at != bytes.npos; at = bytes.find('{', at + 1)) {
        const size_t length = formats::ActionLength(bytes, at);
        if (length > 0 && edit.text.find(bytes.substr(at, length)) == edit.text.npos) return true;
      }
      return false;
    });
  }

  // All edits of a query or none: half a union would be wrong. Returns false when one cannot be
  // written in the style of its scalar.
  bool Lift(const EmbeddedQuery& query, const QueryEditSet& edits) {
    std::vector<FileEdit> lifted;
    for (const QueryEdit& edit : edits.edits()) {
      std::optional<std::string> escaped = formats::EscapeForQuery(query, edit.span, edit.text);
      if (!escaped) return false;
      lifted.push_back({formats::BytesOf(query, edit.span), *std::move(escaped)});
    }
    for (FileEdit& edit : lifted) {
      const FileSpan span = edit.span;
      if (result_.edits.Add(std::move(edit))) Fail(InternalError(span, "two edits overlap"));
    }
    return true;
  }

  // The name that a recording rule stores its result as.
  void Record(const EmbeddedQuery& record) {
    places_.records.push_back(record.span);
    planned_records_.push_back(FingerprintOf(record.text));
    const RecordedName* name = recorded_.Find(record.text);
    if (name == nullptr) return;
    Finding finding{Disposition::kNeedsPerson,
                    FindingCode::kCascade,
                    record.map.ToFile({0, record.text.size()}),
                    "recorded name " + record.text + " stays: " + name->why,
                    name->hint,
                    nullptr};
    if (name->fate == RecordedName::Fate::kKept) finding.disposition = Disposition::kInfo;
    if (name->fate == RecordedName::Fate::kMoves) Move(record, *name, finding);
    result_.findings.push_back(std::move(finding));
  }

  void Move(const EmbeddedQuery& record, const RecordedName& name, Finding& finding) {
    if (const auto move = mapping_.FindOld(record.text)) finding.entry = move->entry;
    QueryEditSet edits;
    edits.Add({{0, record.text.size()}, name.new_name});
    if (!Lift(record, edits)) {
      finding.message =
          "recorded name " + record.text + " cannot be changed in a scalar of this style";
      finding.hint = "write it in quotes";
      return;
    }
    planned_records_.back() = FingerprintOf(name.new_name);
    finding.disposition = Disposition::kChanged;
    finding.message = "recorded name " + record.text + " becomes " + name.new_name;
    finding.hint = "what reads it outside of these files is not seen";
  }

  struct Loop {
    std::string why;
    std::string hint;
  };

  // {record: new, expr: old} gives the new name to those who do not have it yet.
  std::optional<Loop> FindLoop(const EmbeddedQuery& query) const {
    if (query.record.empty()) return std::nullopt;
    for (const auto& mention : FindMentions<QuerySpan>(query.text, mapping_)) {
      const std::string new_name = mention.match.NewSeries();
      if (query.record == new_name) {
        return {{", but this rule records that name: it would read what it writes",
                 "delete the rule once every target exposes " + new_name + " itself"}};
      }
      if (recorded_.loops.contains({query.record, mention.match.OldSeries()})) {
        return {
            {", but that is recorded from what this rule records: each would read the other",
             "delete the rule that records " + new_name + " once every target exposes it itself"}};
      }
    }
    return std::nullopt;
  }

  // A query that cannot be read matters only where it names a deprecated metric.
  void Unparsable(const EmbeddedQuery& query, const promql::ParseError& error) {
    ++result_.unparsable;
    const auto mentions = FindMentions<QuerySpan>(query.text, mapping_);
    for (const auto& mention : mentions) {
      result_.findings.push_back(
          {Disposition::kNeedsPerson, FindingCode::kUnparsableQuery, query.map.ToFile(mention.span),
           DescribeOld(mention.match) + " in a query that cannot be read: " + error.message,
           "mend the query, or change the name to " + mention.match.NewSeries() + " by hand",
           mention.match.entry});
    }
  }

  // The safety net: what the bytes of the file name and nobody has spoken of yet.
  void Mentions(const Extraction& extraction) {
    Leftovers leftovers =
        FindLeftovers(text_, format_, places_, extraction, result_.findings, mapping_, options_);
    for (FileEdit& edit : leftovers.edits) {
      const FileSpan span = edit.span;
      if (result_.edits.Add(std::move(edit))) Fail(InternalError(span, "two edits overlap"));
    }
    std::ranges::move(leftovers.findings, std::back_inserter(result_.findings));
  }

  // Flags, variables and paths: none of them stands in a query.
  void Settings() {
    settings_ = PlanSettings(text_, format_, mapping_, options_, places_.queries);
    for (const FileEdit& edit : settings_.edits) {
      if (result_.edits.Add(edit)) Fail(InternalError(edit.span, "two edits overlap"));
    }
    std::ranges::move(settings_.findings, std::back_inserter(result_.findings));
  }

  // What is to be said of the file where there is anything to be said of it.
  void Remarks() {
    if (result_.assumed > 0 && result_.read_as != formats::ReadAs::kText) {
      const std::string what =
          result_.assumed == 1 ? "a query" : std::to_string(result_.assumed) + " queries";
      result_.findings.push_back({Disposition::kInfo, FindingCode::kAssumed, assumed_at_,
                                  "nothing says that the datasource is Prometheus; " + what +
                                      " here " + (result_.assumed == 1 ? "is" : "are") +
                                      " taken for PromQL",
                                  "", nullptr});
    }
    if (result_.findings.empty() || result_.read_as == formats::ReadAs::kTree) return;
    if (format_ == formats::FileFormat::kShell) return;  // it has no queries
    const bool is_code = format_ == formats::FileFormat::kCode;
    const char* const how =
        result_.read_as == formats::ReadAs::kTemplate
            ? "this is a template; it was read as what stands around its actions"
        : is_code
            ? "this was read line by line; only queries in fields of known names, and strings "
              "that are queries beyond doubt, are found"
            : "this was read line by line; only queries in fields of known names are found";
    result_.findings.push_back(
        {Disposition::kInfo, FindingCode::kReadAs, {0, 0}, how, "", nullptr});
  }

  // Reads the result as if it had come from outside and compares it with what was planned.
  // REQUIRES: text_ is the result.
  void Verify() {
    // A text inside of this one may not concern us any more, and yet has to be looked at.
    auto read = read_.cbegin();
    const auto concerns = [this, &read](std::string_view) {
      return read == read_.cend() || *read++;
    };
    Check queries(planned_queries_), records(planned_records_);
    const Outcome<Extraction> again =
        formats::Extract(format_, text_, concerns,
                         {[&queries](const EmbeddedQuery& query) { queries.Next(query); },
                          [&records](const EmbeddedQuery& record) { records.Next(record); },
                          [](const LabelRead&) {}});
    const FileSpan nowhere{0, 0};
    if (!again) return Fail(InternalError(nowhere, "the result cannot be read any more"));
    if (const std::optional<std::string> fault = queries.Fault())
      return Fail(InternalError(nowhere, "the queries are not what was planned: " + *fault));
    if (const std::optional<std::string> fault = records.Fault())
      Fail(InternalError(nowhere, "the records are not what was planned: " + *fault));
    if (!HasSettings(text_, format_, mapping_, settings_))
      Fail(InternalError(nowhere, "the flags are not what was planned"));
  }

  std::string& text_;
  formats::FileFormat format_;
  const Mapping& mapping_;
  PlanOptions options_;
  const RecordedNames& recorded_;
  const Prefilter* prefilter_;
  std::vector<bool> read_;  // of the texts inside of this one, in the order of the walk
  Outcome<FileRewrite> outcome_;
  FileRewrite result_;
  SharedTexts texts_;  // of its findings
  Places places_;
  std::vector<size_t> planned_queries_;  // fingerprints of the texts that the result has to have
  std::vector<size_t> planned_records_;
  FileSpan assumed_at_;
  std::map<std::pair<FileSpan, std::string>, const MappingEntry*>
      moved_labels_;                           // by rule and name
  std::set<std::string_view> renamed_labels_;  // of all entries
  std::map<const MappingEntry*, bool> names_old_label_;
  std::vector<LabelRead> label_reads_;         // of those
  std::set<const FunctionEntry*> conditions_;  // that have been said: one is enough for a file
  SettingPlan settings_;
  bool failed_ = false;
};

}  // namespace

Outcome<FileRewrite> RewriteFile(std::string_view text, formats::FileFormat format,
                                 const Mapping& mapping, const PlanOptions& options,
                                 const RecordedNames& recorded, const Prefilter* prefilter) {
  std::string copy(text);
  return RewriteFile(&copy, format, mapping, options, recorded, prefilter);
}

Outcome<FileRewrite> RewriteFile(std::string* text, formats::FileFormat format,
                                 const Mapping& mapping, const PlanOptions& options,
                                 const RecordedNames& recorded, const Prefilter* prefilter) {
  return Rewriter(text, format, mapping, options, recorded, prefilter).Run();
}

std::vector<Finding> FindMentionsInText(std::string_view text, const Mapping& mapping) {
  std::vector<Finding> findings;
  for (const auto& mention : FindMentions<FileSpan>(text, mapping)) {
    findings.push_back(
        {Disposition::kNeedsPerson, FindingCode::kUnknownPlace, mention.span,
         DescribeOld(mention.match) + " in a file that cannot be read",
         "change it by hand if it is meant as a metric name: " + mention.match.NewSeries(),
         mention.match.entry});
  }
  std::ranges::move(FindSettingMentions(text, mapping), std::back_inserter(findings));
  std::ranges::stable_sort(findings, {}, &Finding::span);
  return findings;
}

}  // namespace metrishift::rewrite
