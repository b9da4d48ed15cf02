#include "rewriter/cli/report.h"

#include <algorithm>
#include <tuple>

namespace metrishift::cli {
namespace {

using rewrite::Disposition;
using rewrite::Finding;

std::string Paint(std::string_view text, std::string_view color, bool on) {
  if (!on) return std::string(text);
  return std::string(color).append(text).append("\x1b[0m");
}

}  // namespace

std::string EntryPlace(const TableEntry& entry) {
  const std::string& place = entry.place;  // "path:line:column"
  const size_t column = place.rfind(':');
  const size_t line = column == std::string::npos ? column : place.rfind(':', column - 1);
  if (line == std::string::npos) return entry.table;
  const std::string path = place.substr(0, line);
  const bool own = path.substr(path.rfind('/') + 1).starts_with(entry.table + ".");
  return (own ? entry.table : path) + place.substr(line, column - line);
}

std::string_view DispositionName(Disposition disposition) {
  switch (disposition) {
    case Disposition::kChanged:
      return "changed";
    case Disposition::kNeedsPerson:
      return "needs-a-person";
    case Disposition::kInfo:
      return "info";
  }
  return "";
}

std::string Plural(size_t count, std::string_view one, std::string_view many) {
  return std::to_string(count).append(" ").append(count == 1 ? one : many);
}

std::string RenderFinding(const SourceText& source, const Finding& finding, bool color) {
  const LineColumn at = source.Locate(finding.span.begin);
  const std::string place = Printable(source.path()) + ":" + std::to_string(at.line) + ":" +
                            std::to_string(at.column) + ":";
  std::string out = Paint(place, "\x1b[1m", color) + " ";
  switch (finding.disposition) {
    case Disposition::kChanged:
      break;
    case Disposition::kNeedsPerson:
      out += Paint("needs a person:", "\x1b[1;33m", color) + " ";
      break;
    case Disposition::kInfo:
      out += Paint("info:", "\x1b[1;36m", color) + " ";
      break;
  }
  out += Printable(finding.message);
  std::string about;
  if (finding.disposition != Disposition::kChanged) about = FindingCodeName(finding.code);
  if (finding.entry != nullptr && !finding.entry->table.empty())
    about += (about.empty() ? "" : ", ") + EntryPlace(*finding.entry);
  if (!about.empty()) out += " [" + Printable(about) + "]";
  out += "\n" + RenderSnippet(source, finding.span, "  ", color);
  if (!finding.hint.empty()) out += "  hint: " + Printable(finding.hint) + "\n";
  return out;
}

std::string RenderRecordedNames(const rewrite::RecordedNames& recorded) {
  std::string moving, staying;
  for (const auto& [old_name, name] : recorded.names) {
    if (name.fate == rewrite::RecordedName::Fate::kMoves) {
      moving += "  " + Printable(old_name) + " -> " + Printable(name.new_name) + " (" +
                Plural(name.rules, "rule", "rules") + ", " +
                Plural(name.readers, "reader", "readers") + ")\n";
    } else {
      staying += "  " + Printable(old_name) + ": " + Printable(name.why) + "\n";
    }
  }
  std::string out;
  if (!moving.empty()) {
    out +=
        "recorded names that move:\n" + moving +
        "  what reads them outside of these files (other repositories, federation, remote write) "
        "is not seen\n";
  }
  if (!staying.empty()) out += "recorded names that stay:\n" + staying;
  return out;
}

void Tally::Count(const Finding& finding) {
  if (finding.disposition == Disposition::kChanged)
    ++(rewrite::IsMove(finding.entry) ? moved : renamed);
  if (finding.disposition == Disposition::kNeedsPerson) ++needs_person;
  if (finding.entry == nullptr || finding.disposition == Disposition::kInfo) return;
  EntryTally& of_entry = entries[finding.entry];
  ++(finding.disposition == Disposition::kChanged ? of_entry.changed : of_entry.needs_person);
}

std::string RenderTally(const Tally& tally) {
  std::string out = Plural(tally.files, "file", "files") + ", " +
                    Plural(tally.queries, "query", "queries") + ": " +
                    Plural(tally.renamed, "deprecated name", "deprecated names");
  if (tally.moved > 0) out += ", " + Plural(tally.moved, "recorded name", "recorded names");
  if (tally.needs_person > 0) {
    out += ", " + Plural(tally.needs_person, "place needs a person", "places need a person");
  }
  if (tally.errors > 0) out += ", " + Plural(tally.errors, "error", "errors");
  out += "\n";
  if (tally.passed_by > 0) {
    out += "not parsed: " + Plural(tally.passed_by, "file", "files") +
           " without a trace of a deprecated name\n";
  }
  if (tally.unreadable_files > 0) {
    out += "not read as YAML or JSON: " + Plural(tally.unreadable_files, "file", "files") +
           "; no deprecated name in the text\n";
  }
  if (tally.unparsable_queries > 0) {
    out += "not understood as PromQL: " + Plural(tally.unparsable_queries, "query", "queries") +
           "; each deprecated name in the text is listed\n";
  }
  if (tally.ignored > 0) {
    out += "passed by: " + Plural(tally.ignored, "file or folder", "files or folders") +
           " that git ignores; --no-ignore looks at them\n";
  }
  return out;
}

std::vector<std::pair<const TableEntry*, EntryTally>> SortedEntries(const Tally& tally) {
  std::vector<std::pair<const TableEntry*, EntryTally>> sorted(tally.entries.begin(),
                                                               tally.entries.end());
  const auto key = [](const auto& item) {
    const TableEntry& entry = *item.first;
    return std::tie(entry.table, entry.span, entry.old_name);
  };
  std::ranges::sort(sorted, {}, key);
  return sorted;
}

std::string RenderEntries(const Tally& tally) {
  std::string out;
  for (const auto& [entry, found] : SortedEntries(tally)) {
    out += "  " + Printable(EntryPlace(*entry)) + "  " + Printable(entry->old_name);
    if (!entry->new_name.empty()) out += " -> " + Printable(entry->new_name);
    out += ": " + std::to_string(found.changed) + " changed";
    if (found.needs_person > 0)
      out += ", " + Plural(found.needs_person, "needs a person", "need a person");
    out += "\n";
  }
  return out;
}

}  // namespace metrishift::cli
