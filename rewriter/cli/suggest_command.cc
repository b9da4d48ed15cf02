#include "rewriter/cli/suggest_command.h"

#include <algorithm>
#include <ostream>
#include <set>

#include "core/entry_labels.h"
#include "mappings/catalog.h"
#include "rewriter/cli/body.h"
#include "rewriter/cli/columns.h"
#include "rewriter/cli/file_set.h"
#include "rewriter/cli/input.h"
#include "rewriter/cli/report.h"
#include "rewriter/rewrite/embedded_plan.h"
#include "rewriter/rewrite/mention.h"

namespace metrishift::cli {
namespace {

// A builtin table by itself.
struct Candidate {
  MappingTable table;
  Mapping mapping;
  size_t uses = 0;
  size_t files = 0;
};

std::vector<Candidate> Candidates() {
  std::vector<Candidate> candidates;
  for (MappingTable& table : LoadBuiltinTables()) {
    Outcome<Mapping> mapping = Mapping::FromTables({table});
    if (mapping) candidates.push_back({std::move(table), *std::move(mapping.value)});
  }
  return candidates;
}

// Whose names others keep is not among "all".
std::string NameCell(const MappingTable& table) {
  return table.name + (table.shared_names ? " *" : "");
}

void PrintFootnote(const std::vector<Candidate>& candidates, std::ostream& out) {
  const bool any = std::ranges::any_of(candidates, [](const Candidate& candidate) {
    return candidate.uses > 0 && candidate.table.shared_names;
  });
  if (any) out << "* other programs keep these names: apply it only where this one is scraped\n";
}

// Counts what tables say of queries.
class Counter {
 public:
  explicit Counter(std::vector<Candidate>& candidates) : candidates_(candidates) {}

  void File(const formats::Extraction& extraction) {
    std::set<Candidate*> used;
    for (const formats::EmbeddedQuery& query : extraction.queries) {
      ++queries_;
      for (Candidate* candidate : NamedIn(query.text)) {
        const size_t uses = UsesIn(query, candidate->mapping);
        candidate->uses += uses;
        if (uses > 0) used.insert(candidate);
      }
    }
    for (Candidate* candidate : used) ++candidate->files;
  }

  size_t queries() const { return queries_; }

 private:
  // The tables that have an old name which is a word of the query. Only for these it is planned.
  std::set<Candidate*> NamedIn(std::string_view text) {
    std::set<Candidate*> named;
    for (size_t at = 0; at < text.size();) {
      const size_t begin = at;
      while (at < text.size() && IsMetricNameChar(text[at])) ++at;
      if (at > begin) {
        const std::vector<Candidate*>& tables = TablesOf(text.substr(begin, at - begin));
        named.insert(tables.begin(), tables.end());
      } else {
        ++at;
      }
    }
    return named;
  }

  const std::vector<Candidate*>& TablesOf(std::string_view word) {
    if (const auto found = by_word_.find(word); found != by_word_.end()) return found->second;
    std::vector<Candidate*> tables;
    for (Candidate& candidate : candidates_) {
      if (candidate.mapping.FindOld(word) || candidate.mapping.FindFunction(word) != nullptr)
        tables.push_back(&candidate);
    }
    return by_word_.emplace(std::string(word), std::move(tables)).first->second;
  }

  static size_t UsesIn(const formats::EmbeddedQuery& query, const Mapping& mapping) {
    const rewrite::QueryPlan plan = rewrite::PlanEmbedded(query, mapping);
    return static_cast<size_t>(
        std::ranges::count_if(plan.findings, [](const rewrite::QueryFinding& finding) {
          return finding.disposition != rewrite::Disposition::kInfo;
        }));
  }

  std::vector<Candidate>& candidates_;
  std::map<std::string, std::vector<Candidate*>, std::less<>> by_word_;
  size_t queries_ = 0;
};

// How much of a table a body has on each side.
struct Sides {
  size_t old_only = 0;
  size_t both = 0;
  size_t new_only = 0;

  void Count(bool has_old, bool has_new) {
    if (has_old && has_new) ++both;
    if (has_old && !has_new) ++old_only;
    if (!has_old && has_new) ++new_only;
  }
  bool Any() const { return old_only + both + new_only > 0; }
  std::string Word() const {
    if (both > 0 || (old_only > 0 && new_only > 0)) return "both";
    return old_only > 0 ? "old only" : "new only";
  }
};

class BodySides {
 public:
  explicit BodySides(const Body& body) : body_(body) {}

  Sides Of(const Candidate& candidate) const {
    Sides sides;
    for (const MappingEntry& entry : candidate.mapping.entries()) Entry(entry, sides);
    if (!candidate.table.patterns.empty()) Patterns(candidate.mapping, sides);
    return sides;
  }

 private:
  void Entry(const MappingEntry& entry, Sides& sides) const {
    if (entry.SameName()) return Labels(entry, sides);
    const bool has_new =
        entry.fate == MappingEntry::Fate::kReplaced && Has(entry.new_name, entry.new_type);
    // What is removed has no new side, and what means something else is on neither.
    if (entry.fate == MappingEntry::Fate::kSemantics) return;
    sides.Count(Has(entry.old_name, entry.type), has_new);
  }

  // A name that stays says its side by its labels.
  void Labels(const MappingEntry& entry, Sides& sides) const {
    const auto family = body_.families.find(entry.new_name);
    if (family == body_.families.end()) return;
    for (const LabelRename& rename : entry.labels) {
      sides.Count(family->second.labels.contains(rename.old_name),
                  family->second.labels.contains(rename.new_name));
    }
  }

  bool Has(const std::string& family, MetricType type) const {
    return std::ranges::any_of(SeriesSuffixes(type), [&](std::string_view suffix) {
      return body_.series.contains(family + std::string(suffix));
    });
  }

  // Names that patterns stand for, once each, on the old side and on the new.
  void Patterns(const Mapping& mapping, Sides& sides) const {
    const Outcome<Mapping> back = mapping.Reversed();
    for (const std::string& name : body_.series) {
      const std::optional<Mapping::Match> old_side = mapping.FindOld(name);
      if (old_side && IsOfPattern(mapping, *old_side)) {
        const bool has_new =
            old_side->HasNewSeries() && body_.series.contains(old_side->NewSeries());
        sides.Count(true, has_new);
      }
      if (!back) continue;
      const std::optional<Mapping::Match> new_side = back->FindOld(name);
      if (new_side && IsOfPattern(*back, *new_side) &&
          !body_.series.contains(new_side->NewSeries()))
        sides.Count(false, true);
    }
  }

  static bool IsOfPattern(const Mapping& mapping, const Mapping::Match& match) {
    const std::span<const MappingEntry> entries = mapping.entries();
    return std::ranges::none_of(entries,
                                [&](const MappingEntry& entry) { return &entry == match.entry; });
  }

  const Body& body_;
};

}  // namespace

ExitCode RunSuggest(const std::vector<std::string>& paths, const Streams& streams) {
  std::vector<Candidate> candidates = Candidates();
  Counter counter(candidates);
  InputReader reader("<stdin>", false);
  const FileSet set = CollectFiles(paths);
  ExitCode code = kClean;
  const auto complain = [&](const std::string& path, const std::string& why) {
    streams.err << Printable(path) << ": error: " << why << "\n";
    code = kError;
  };
  for (const WalkError& error : set.errors) complain(error.path, error.message);
  for (const InputFile& file : set.files) {
    std::string why;
    const std::optional<Input> input = reader.Read(file, &why);
    if (!input) {
      complain(file.path, why);
    } else if (const auto extraction = formats::Extract(input->format, input->text)) {
      counter.File(*extraction);
    } else if (file.named) {
      complain(file.path, extraction.diagnostics.front().message);
    }
  }
  std::vector<Row> rows = {{"TABLE", "USES", "FILES", "TITLE"}};
  for (const Candidate& candidate : candidates) {
    if (candidate.uses == 0) continue;
    rows.push_back({NameCell(candidate.table), std::to_string(candidate.uses),
                    std::to_string(candidate.files), candidate.table.title});
  }
  if (rows.size() > 1) PrintColumns(rows, streams.out);
  PrintFootnote(candidates, streams.out);
  streams.err << Plural(set.files.size(), "file", "files") << ", "
              << Plural(counter.queries(), "query", "queries") << ": "
              << Plural(rows.size() - 1, "table applies", "tables apply") << "\n";
  return code;
}

ExitCode RunSuggestBody(const std::string& path_or_url, const Streams& streams) {
  std::string why;
  const std::optional<std::string> text = FetchBody(path_or_url, &why);
  if (!text) {
    streams.err << "error: the body cannot be read: " << why << "\n";
    return kError;
  }
  const Body body = ParseBody(*text);
  if (body.series.empty()) {
    streams.err << "error: there is no sample in the body\n";
    return kError;
  }
  std::vector<Candidate> candidates = Candidates();
  const BodySides sides_of(body);
  std::vector<Row> rows = {{"TABLE", "THE BODY HAS", "OLD ONLY", "BOTH", "NEW ONLY", "TITLE"}};
  for (Candidate& candidate : candidates) {
    const Sides sides = sides_of.Of(candidate);
    if (!sides.Any()) continue;
    candidate.uses = 1;
    rows.push_back({NameCell(candidate.table), sides.Word(), std::to_string(sides.old_only),
                    std::to_string(sides.both), std::to_string(sides.new_only),
                    candidate.table.title});
  }
  if (rows.size() > 1) PrintColumns(rows, streams.out);
  PrintFootnote(candidates, streams.out);
  streams.err << Plural(body.series.size(), "name", "names")
              << " of series: " << Plural(rows.size() - 1, "table knows", "tables know")
              << " some of them\n";
  return kClean;
}

}  // namespace metrishift::cli
