#include "tests/e2e/equivalence/builtin_judge.h"

#include <algorithm>
#include <atomic>
#include <iostream>
#include <map>
#include <sstream>
#include <thread>
#include <vector>

#include "mappings/catalog.h"
#include "tests/e2e/equivalence/builtin_scenes.h"
#include "tests/e2e/equivalence/comparison.h"
#include "tests/e2e/equivalence/entry_rows.h"
#include "tests/e2e/equivalence/falsified.h"

namespace metrishift::e2e {
namespace {

// Tables only grow.
constexpr size_t kLeastJudged = 1500;
constexpr size_t kThreads = 2;

using Counts = std::map<std::string, size_t>;

std::string Describe(const Counts& counts) {
  std::string text;
  for (const auto& [code, count] : counts)
    text += (text.empty() ? "" : ", ") + std::to_string(count) + " " + code;
  return text;
}

// What has come of one table, or of several.
struct Verdict {
  size_t entries = 0;   // that have a new side
  size_t judged = 0;    // entries of which an expression is replaced
  size_t replaced = 0;  // expressions
  size_t united = 0;
  size_t ways_back = 0;
  size_t noticed = 0;    // entries with something wrong in them
  Counts left;           // expressions left to a person, by code
  Counts left_by_union;  // those that are replaced all the same
  size_t failures = 0;
  size_t queries = 0;

  void Add(const Verdict& other) {
    entries += other.entries;
    judged += other.judged;
    replaced += other.replaced;
    united += other.united;
    ways_back += other.ways_back;
    noticed += other.noticed;
    for (const auto& [code, count] : other.left) left[code] += count;
    for (const auto& [code, count] : other.left_by_union) left_by_union[code] += count;
    failures += other.failures;
    queries += other.queries;
  }

  // Counts one expression with what Comparison::Compare says of it.
  void Count(const std::array<std::string, kWays.size()>& codes) {
    const std::string& by_replacement = codes[static_cast<size_t>(Way::kReplace)];
    const std::string& by_union = codes[static_cast<size_t>(Way::kUnion)];
    if (!by_replacement.empty()) {
      ++left[by_replacement];
    } else {
      ++replaced;
      ++(by_union.empty() ? united : left_by_union[by_union]);
    }
  }
};

std::string Describe(const Verdict& verdict) {
  std::string text = std::to_string(verdict.judged) + " of " + std::to_string(verdict.entries) +
                     " entries judged, " + std::to_string(verdict.replaced) +
                     " expressions replaced, " + std::to_string(verdict.united) + " united, " +
                     std::to_string(verdict.ways_back) + " turned back, " +
                     std::to_string(verdict.noticed) + " mistakes noticed";
  if (!verdict.left.empty()) text += "; left to a person: " + Describe(verdict.left);
  if (!verdict.left_by_union.empty())
    text += "; by the union alone: " + Describe(verdict.left_by_union);
  return text;
}

Verdict Judge(const BuiltinScene& scene, const Mapping& mapping, Servers& servers,
              std::ostream& out) {
  Verdict verdict;
  Comparison comparison(mapping, servers, scene.Whens(), out);
  for (const MappingEntry& entry : scene.entries) {
    const size_t before = verdict.replaced;
    for (const Row& row : RowsOf(entry)) verdict.Count(comparison.Compare(row));
    const bool judged = verdict.replaced > before;
    const bool back = comparison.ways_back() > verdict.ways_back;
    verdict.ways_back = comparison.ways_back();
    if (entry.fate != MappingEntry::Fate::kReplaced) continue;
    ++verdict.entries;
    if (judged) ++verdict.judged;
    const bool exact = entry.equivalence == Equivalence::kExact && entry.expr.empty();
    if (judged && (back || !exact)) continue;
    ++verdict.failures;
    out << entry.table << ": " << entry.old_name
        << (judged ? " has no way back\n" : " is not judged\n");
  }
  verdict.failures += comparison.failures();
  verdict.queries = comparison.queries();
  return verdict;
}

// The table with nothing but the entries for the old name of `entry`, and `wrong` in its place.
MappingTable TableOf(const BuiltinScene& scene, const MappingEntry& entry,
                     const MappingEntry& wrong) {
  MappingTable table;
  table.name = scene.table->name;
  table.component = scene.table->component;
  table.from_version = scene.table->from_version;
  table.to_version = scene.table->to_version;
  for (const MappingEntry& other : scene.entries) {
    if (other.old_name == entry.old_name) table.metrics.push_back(other == entry ? wrong : other);
  }
  return table;
}

// Every entry with something wrong in it must be noticed: else it is not judged in that.
void JudgeFalsified(const BuiltinScene& scene, Servers& servers, std::ostream& out,
                    Verdict& verdict) {
  std::ostringstream unread;
  for (const MappingEntry& entry : scene.entries) {
    if (entry.fate != MappingEntry::Fate::kReplaced) continue;
    const std::vector<Row> rows = RowsOf(entry);
    for (const Falsified& wrong : FalsifiedOf(entry)) {
      const Outcome<Mapping> mapping = Mapping::FromTables({TableOf(scene, entry, wrong.entry)});
      if (!mapping) continue;  // nobody takes it for right
      Comparison comparison(*mapping, servers, scene.Whens(), unread);
      const bool noticed = std::ranges::any_of(rows, [&comparison](const Row& row) {
        comparison.Compare(row);
        return comparison.failures() > 0;
      });
      verdict.queries += comparison.queries();
      ++(noticed ? verdict.noticed : verdict.failures);
      if (!noticed) out << rows.front().place << ": nobody notices a wrong " << wrong.what << "\n";
    }
  }
}

// Judges scenes, each of them once, by whichever thread comes first.
class Judges {
 public:
  explicit Judges(std::span<char* const> urls)
      : urls_(urls), verdicts_(scenes_.size()), remarks_(scenes_.size()) {}

  void Run() {
    std::vector<std::thread> threads;
    for (size_t i = 0; i < kThreads; ++i) threads.emplace_back([this] { Work(); });
    for (std::thread& thread : threads) thread.join();
  }

  bool Report() const {
    Verdict all;
    for (size_t i = 0; i < scenes_.size();) {
      const MappingTable* table = scenes_[i].table;
      Verdict verdict;
      std::string remarks;
      for (; i < scenes_.size() && scenes_[i].table == table; ++i) {
        verdict.Add(verdicts_[i]);
        remarks += remarks_[i];
      }
      all.Add(verdict);
      std::cout << table->name << ": " << Describe(verdict) << "\n" << remarks;
    }
    std::cout << tables_.size() << " tables: " << Describe(all) << "; " << all.queries
              << " queries, " << all.failures << " failures\n";
    if (all.judged < kLeastJudged) std::cout << "fewer entries than there were\n";
    return all.failures == 0 && all.judged >= kLeastJudged;
  }

 private:
  void Work() {
    Servers servers = Connect(urls_);
    for (size_t i = next_++; i < scenes_.size(); i = next_++) {
      const Outcome<Mapping> mapping = Mapping::FromTables({*scenes_[i].table});
      std::ostringstream out;
      if (mapping) verdicts_[i] = Judge(scenes_[i], *mapping, servers, out);
      JudgeFalsified(scenes_[i], servers, out, verdicts_[i]);
      if (!mapping) verdicts_[i].failures = 1;
      remarks_[i] = out.str();
    }
  }

  std::span<char* const> urls_;
  const std::vector<MappingTable> tables_ = LoadBuiltinTables();
  const std::vector<BuiltinScene> scenes_ = BuiltinScenes(tables_);
  std::vector<Verdict> verdicts_;
  std::vector<std::string> remarks_;
  std::atomic<size_t> next_ = 0;
};

}  // namespace

std::string BuiltinMeasurements(Fleet fleet) {
  const std::vector<MappingTable> tables = LoadBuiltinTables();
  std::string out;
  for (const BuiltinScene& scene : BuiltinScenes(tables))
    out += Measurements(fleet, Oracle({scene.table, 1}), scene.scene);
  return out;
}

bool JudgeBuiltinTables(std::span<char* const> urls) {
  Judges judges(urls);
  judges.Run();
  return judges.Report();
}

}  // namespace metrishift::e2e
