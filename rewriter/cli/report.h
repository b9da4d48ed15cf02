#ifndef METRISHIFT_REWRITER_CLI_REPORT_H_
#define METRISHIFT_REWRITER_CLI_REPORT_H_

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/diagnostic.h"
#include "rewriter/rewrite/finding.h"
#include "rewriter/rewrite/recorded_names.h"

namespace metrishift::cli {

// One finding for a terminal:
//   rules.yml:7:15: deprecated etcd_debugging_mvcc_put_total, use etcd_mvcc_put_total
//     expr: rate(etcd_debugging_mvcc_put_total[5m])
//                ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~
// What is not a plain renaming says so before its message, and its code behind it, in brackets.
std::string RenderFinding(const SourceText& source, const rewrite::Finding& finding, bool color);

// "changed", "needs-a-person", "info": for programs. Static storage.
std::string_view DispositionName(rewrite::Disposition disposition);

// What a code of a finding means and what to do about it, in lines; "" for what is none. Static
// storage.
std::string_view CodeText(std::string_view code);

// "1 file", "2 files".
std::string Plural(size_t count, std::string_view one, std::string_view many);

// What becomes of the recorded names of a run, one a line; "" when none comes from a deprecated
// one:
//   recorded names that move:
//     job:etcd_debugging_mvcc_put_total:rate5m -> job:etcd_mvcc_put_total:rate5m (1 rule, 3
//     readers)
//   recorded names that stay:
//     etcd:etcd_debugging_mvcc_db_total_size:sum: WHY
std::string RenderRecordedNames(const rewrite::RecordedNames& recorded);

// What was found of one entry.
struct EntryTally {
  size_t changed = 0;
  size_t needs_person = 0;
};

// The entry by its table and line, "etcd-3.5:16"; by its file and line where that has another name.
std::string EntryPlace(const TableEntry& entry);

// What a run came across.
struct Tally {
  size_t files = 0;
  size_t files_with_changes = 0;
  size_t queries = 0;
  size_t renamed = 0;
  size_t moved = 0;  // recorded names, at their rules and where they are read
  size_t needs_person = 0;
  size_t unreadable_files = 0;    // neither YAML nor JSON, and without a deprecated name
  size_t unparsable_queries = 0;  // no PromQL
  size_t errors = 0;
  size_t passed_by = 0;  // without a trace of a deprecated name, so that nobody has parsed them
  size_t ignored = 0;    // files and folders that git ignores
  std::map<const TableEntry*, EntryTally> entries;

  void Count(const rewrite::Finding& finding);
};

// "3 files, 41 queries: 5 deprecated names, 1 place needs a person", and a line for what could not
// be read.
std::string RenderTally(const Tally& tally);

// What was found of each entry, a line for each, in the order of their tables' texts:
//   etcd-3.5:19  etcd_debugging_mvcc_put_total -> etcd_mvcc_put_total: 12 changed, 1 needs a person
std::string RenderEntries(const Tally& tally);

// The entries that something was found of, in that order.
std::vector<std::pair<const TableEntry*, EntryTally>> SortedEntries(const Tally& tally);

}  // namespace metrishift::cli

#endif  // METRISHIFT_REWRITER_CLI_REPORT_H_
