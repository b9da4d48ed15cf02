#include "core/mapping_loader.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>

#include "core/claims.h"
#include "core/entry_checks.h"
#include "core/entry_labels.h"
#include "core/entry_reader.h"
#include "core/name_pattern.h"
#include "core/node_reader.h"
#include "core/program_reader.h"
#include "core/yaml.h"

namespace metrishift {
namespace {

// Table names are typed on command lines and become file names.
bool IsTableName(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
  });
}

bool IsError(const Diagnostic& diagnostic) { return diagnostic.severity == Severity::kError; }

class Loader {
 public:
  Loader(const TextTree& tree, const SourceText& source, std::vector<Diagnostic>& diagnostics)
      : source_(source), diagnostics_(diagnostics), reader_(tree, diagnostics) {}

  MappingTable Load(NodeId root) {
    using Field = NodeReader::Field;
    const std::array<Field, 12> fields = {
        Field{"name", true, [&](NodeId id) { table_.name = Name(id); }},
        Field{"title", true, [&](NodeId id) { table_.title = reader_.Text(id); }},
        Field{"component", true, [&](NodeId id) { table_.component = reader_.Text(id); }},
        Field{"source", true, [&](NodeId id) { table_.source = reader_.Text(id); }},
        Field{"versions", true, [&](NodeId id) { Versions(id); }},
        Field{"shared_names", false, [&](NodeId id) { table_.shared_names = reader_.Bool(id); }},
        Field{"metrics", false, [&](NodeId id) { Metrics(id); }},
        Field{"program", false, [&](NodeId id) { table_.program = ReadProgram(reader_, id); }},
        Field{"flags", false, [&](NodeId id) { table_.flags = ReadFlags(reader_, id, source_); }},
        Field{"endpoints", false,
              [&](NodeId id) { table_.endpoints = ReadEndpoints(reader_, id, source_); }},
        Field{"functions", false,
              [&](NodeId id) { table_.functions = ReadFunctions(reader_, id, source_); }},
        Field{"note", false, [&](NodeId id) { reader_.Text(id); }},
    };
    reader_.Read(root, fields, "a mapping table");
    const bool empty = !has_metrics_ && table_.flags.empty() && table_.endpoints.empty() &&
                       table_.functions.empty();
    if (empty && reader_[root].kind == TextNode::Kind::kMapping)
      reader_.Lacks(reader_[root].span, "a mapping table", "metrics");
    if (!table_.program && !(table_.flags.empty() && table_.endpoints.empty()))
      reader_.Lacks(reader_[root].span, "a table with flags or endpoints", "program");
    std::set<const MappingEntry*> clashing;
    for (const Clash& clash : FindOldClashes(table_.metrics)) {
      Report(clash, true);
      clashing.insert(clash.later);
    }
    for (const Clash& clash : FindNewClashes(table_.metrics)) {
      if (!clashing.contains(clash.later)) Report(clash, false);
    }
    ComparePatterns();
    for (MappingEntry& entry : table_.metrics) entry.table = table_.name;
    for (MappingPattern& pattern : table_.patterns) pattern.entry.table = table_.name;
    for (FlagEntry& entry : table_.flags) entry.table = table_.name;
    for (EndpointEntry& entry : table_.endpoints) entry.table = table_.name;
    for (FunctionEntry& entry : table_.functions) entry.table = table_.name;
    return std::move(table_);
  }

 private:
  std::string Name(NodeId id) {
    std::string name = reader_.AnyText(id);
    if (!IsTableName(name)) {
      reader_.Error(reader_[id].span, "\"" + name + "\" is no table name",
                    "use lower-case letters, digits, '-', '_' and '.'");
    }
    return name;
  }

  void Versions(NodeId id) {
    const std::array<NodeReader::Field, 2> fields = {
        NodeReader::Field{"from", true,
                          [&](NodeId node) { table_.from_version = reader_.Version(node); }},
        NodeReader::Field{"to", true,
                          [&](NodeId node) { table_.to_version = reader_.Version(node); }},
    };
    reader_.Read(id, fields, "versions");
  }

  void Metrics(NodeId id) {
    has_metrics_ = true;
    std::vector<EntryText> texts;
    for (const NodeId item : reader_.Items(id, "metrics", true)) {
      texts.push_back(ReadEntry(reader_, item, source_));
      if (reader_[item].kind == TextNode::Kind::kMapping) CheckEntry(reader_, texts.back());
      if (texts.back().IsExact()) exact_names_.insert(texts.back().entry.old_name);
    }
    // Later stages would only say the same again.
    const bool sound = std::ranges::none_of(diagnostics_, IsError);
    for (EntryText& text : texts) {
      if (text.IsExact()) {
        Normalize(text.entry);
        table_.metrics.push_back(std::move(text.entry));
      } else if (sound) {
        Expand(PatternOf(text), text);
      }
    }
  }

  static MappingPattern PatternOf(const EntryText& text) {
    MappingPattern pattern;
    pattern.entry = text.entry;
    if (text.Has("old_prefix")) {
      pattern.pattern = EscapeForPattern(text.old_prefix) + "(.*)";
      pattern.prefix = text.old_prefix;
      pattern.entry.new_name = EscapeForReplacement(text.new_prefix) + "$1";
    } else {
      pattern.pattern = text.old_pattern;
      pattern.prefix = LiteralPrefix(text.old_pattern);
      pattern.entry.new_name = text.new_text;
    }
    if (pattern.entry.fate != MappingEntry::Fate::kReplaced) pattern.entry.new_name.clear();
    pattern.entry.old_name = pattern.pattern;
    for (const EntryText::Name& name : text.except) pattern.except.push_back(name.text);
    return pattern;
  }

  // A closed list becomes ordinary entries. One that has an entry of its own is that one.
  void Expand(MappingPattern pattern, const EntryText& text) {
    if (!text.Has("names")) {
      table_.patterns.push_back(std::move(pattern));
      return;
    }
    const NamePattern names(std::move(pattern));
    for (const EntryText::Name& name : text.names) {
      if (!reader_.Spend(sizeof(MappingEntry) + text.entry.span.size())) return;
      if (exact_names_.contains(name.text)) {
        reader_.Info(name.span, name.text + " has an entry of its own, which goes before this one");
        continue;
      }
      std::optional<MappingEntry> entry = names.EntryFor(name.text);
      if (!entry) {
        reader_.Error(name.span, "no new name comes out for " + name.text,
                      "give it an entry of its own");
        continue;
      }
      entry->span = name.span;
      entry->place = PlaceOf(source_, name.span);
      table_.metrics.push_back(*std::move(entry));
    }
  }

  void Report(const Clash& clash, bool old_side) {
    const FileSpan span = clash.later->span;
    if (clash.too_many) {
      reader_.Error(
          span,
          "more than " + std::to_string(kMaxEntriesOfName) + " entries are about " + clash.series,
          "use a pattern");
      return;
    }
    const bool replaces = clash.later->fate == MappingEntry::Fate::kReplaced;
    const std::string verb = !old_side ? "makes" : replaces ? "renames" : "is about";
    const bool chosen = !clash.later->when.empty() || !clash.earlier->when.empty();
    const std::string_view hint =
        !old_side ? "keep one of the two, or tell their series apart with new_labels"
        : chosen  ? "give their `when` different values of one label"
                  : "keep one of the two, or let `when` choose between them";
    reader_.Error(span,
                  "this entry " + verb + " " + clash.series + ", and so does the entry " +
                      ShowEntry(*clash.earlier),
                  std::string(hint));
  }

  // Which names an open pattern stands for is known only when they are met; what can be said now is
  // which entries go before it, and that two of them say the same pattern.
  void ComparePatterns() {
    std::map<std::string_view, std::vector<const MappingEntry*>> same;
    for (const MappingPattern& pattern : table_.patterns) {
      const NamePattern names(pattern);
      for (const MappingEntry& entry : table_.metrics) {
        if (!reader_.Spend(entry.old_name.size())) return;
        if (!names.EntryFor(entry.old_name)) continue;
        reader_.Info(entry.span, "this entry goes before the pattern " + pattern.pattern +
                                     ", which matches " + entry.old_name);
      }
      std::vector<const MappingEntry*>& others = same[pattern.pattern];
      for (const MappingEntry* other : others) {
        if (other->when.empty() != pattern.entry.when.empty() ||
            !CanBothHold(other->when, pattern.entry.when))
          continue;
        reader_.Error(pattern.entry.span, "this entry has the names of " + ShowEntry(*other),
                      "keep one of the two, or let `when` choose between them");
        break;
      }
      others.push_back(&pattern.entry);
    }
  }

  const SourceText& source_;
  std::vector<Diagnostic>& diagnostics_;
  NodeReader reader_;
  MappingTable table_;
  bool has_metrics_ = false;
  std::set<std::string> exact_names_;
};

}  // namespace

Outcome<MappingTable> LoadMappingTable(std::string_view text, const std::string& path) {
  Outcome<TextTree> tree = ParseYaml(text);
  if (!tree) return {std::nullopt, std::move(tree.diagnostics)};
  Outcome<MappingTable> outcome;
  if (tree->documents.size() != 1) {
    const size_t at = tree->documents.empty() ? 0 : (*tree)[tree->documents[1]].span.begin;
    outcome.diagnostics.push_back({Severity::kError,
                                   {at, at},
                                   "a mapping table is exactly one YAML document",
                                   "see mappings/README.md"});
    return outcome;
  }
  const SourceText source(path, text);
  MappingTable table = Loader(*tree, source, outcome.diagnostics).Load(tree->documents[0]);
  if (std::ranges::none_of(outcome.diagnostics, IsError)) outcome.value = std::move(table);
  return outcome;
}

}  // namespace metrishift
