#include "tests/e2e/equivalence/shim.h"

#include <cstdlib>
#include <iostream>

#include "core/file.h"
#include "core/text_tree.h"
#include "core/yaml.h"

namespace metrishift {

namespace e2e {
namespace {
std::vector<MappingTable> g_tables;

struct Reader {
  const TextTree& tree;
  std::string Get(NodeId id, std::string_view key) const {
    const TextNode* n = tree.Find(id, key);
    return n ? n->value : "";
  }
  double Num(NodeId id, std::string_view key, double d) const {
    const TextNode* n = tree.Find(id, key);
    return n ? std::strtod(n->value.c_str(), nullptr) : d;
  }
  std::vector<Label> Map(const TextNode* n) const {
    std::vector<Label> out;
    if (n)
      for (auto [k, v] : n->members) out.push_back({tree[k].value, tree[v].value});
    return out;
  }
  MappingEntry Entry(NodeId id) const {
    MappingEntry e;
    e.old_name = Get(id, "old");
    e.new_name = Get(id, "new");
    e.type = e.new_type = ParseMetricType(Get(id, "type")).value_or(MetricType::kUntyped);
    if (tree.Find(id, "new_type")) e.new_type = *ParseMetricType(Get(id, "new_type"));
    e.when = Map(tree.Find(id, "when"));
    e.new_labels = Map(tree.Find(id, "new_labels"));
    if (const TextNode* n = tree.Find(id, "labels"))
      for (NodeId item : n->items) e.labels.push_back({Get(item, "old"), Get(item, "new")});
    if (const TextNode* n = tree.Find(id, "label_values"))
      for (auto [k, v] : n->members) {
        LabelValues lv;
        lv.label = tree[k].value;
        if (tree.Find(v, "pattern")) {
          lv.pattern = Get(v, "pattern");
          lv.replacement = Get(v, "new");
        } else
          for (const Label& l : Map(tree.Find(v, "values")))
            lv.values.emplace_back(l.name, l.value);
        e.label_values.push_back(lv);
      }
    e.scale = Num(id, "scale", 1);
    e.offset = Num(id, "offset", 0);
    if (const TextNode* n = tree.Find(id, "aggregate")) {
      MappingEntry::Aggregate a;
      for (auto [k, v] : n->members) {
        if (tree[k].value == "op")
          a.op = tree[v].value;
        else {
          a.without = tree[k].value == "without";
          for (NodeId i : tree[v].items) a.labels.push_back(tree[i].value);
        }
      }
      e.aggregate = a;
    }
    e.expr = Get(id, "expr");
    if (Get(id, "kind") == "removed") e.fate = MappingEntry::Fate::kRemoved;
    if (Get(id, "kind") == "default_off") e.fate = MappingEntry::Fate::kDefaultOff;
    if (Get(id, "kind") == "semantics") e.fate = MappingEntry::Fate::kSemantics;
    return e;
  }
};
}  // namespace

std::span<const MappingTable> Tables(const Mapping&) { return g_tables; }
Mapping ReversedOf(const Mapping& mapping) {
  std::vector<MappingTable> tables(mapping.tables().begin(), mapping.tables().end());
  for (auto& t : tables)
    for (auto& e : t.metrics) std::swap(e.old_name, e.new_name);
  return *Mapping::FromTables(tables);
}

CatalogResult LoadAll(const std::vector<std::string>& names) {
  std::string why;
  CatalogResult base = LoadMappings(std::vector<std::string>{names[0]});
  g_tables.assign(base.mapping.tables().begin(), base.mapping.tables().end());
  const auto text = ReadFile(names[1], &why);
  auto tree = ParseYaml(*text);
  if (!tree) {
    base.error = "yaml: " + tree.diagnostics[0].message + "\n";
    return base;
  }
  Reader r{*tree};
  MappingTable table;
  table.name = "equivalence";
  table.component = "app";
  table.from_version = "1";
  table.to_version = "2";
  for (NodeId id : tree->Find(tree->documents[0], "metrics")->items) {
    MappingEntry e = r.Entry(id);
    std::string pattern = r.Get(id, "old_pattern");
    if (tree->Find(id, "old_prefix")) {
      pattern = r.Get(id, "old_prefix") + "(.*)";
      e.new_name = r.Get(id, "new_prefix") + "$1";
    }
    if (pattern.empty()) {
      table.metrics.push_back(e);
      continue;
    }
    if (const TextNode* n = tree->Find(id, "names")) {
      for (NodeId i : n->items) {
        MappingEntry x = e;
        LabelValues lv;
        lv.pattern = pattern;
        x.old_name = (*tree)[i].value;
        lv.replacement = e.new_name;
        x.new_name = lv.ToNew(x.old_name);
        for (Label& l : x.new_labels) {
          lv.replacement = l.value;
          l.value = lv.ToNew(x.old_name);
        }
        table.metrics.push_back(x);
      }
      continue;
    }
    MappingPattern p;
    p.pattern = pattern;
    p.entry = e;
    if (const TextNode* n = tree->Find(id, "except"))
      for (NodeId i : n->items) p.except.push_back((*tree)[i].value);
    table.patterns.push_back(p);
  }
  g_tables.push_back(table);
  MappingTable plain = table;
  plain.patterns.clear();
  std::erase_if(plain.metrics, [](const MappingEntry& e) { return !e.IsRename(); });
  auto all = std::vector<MappingTable>{g_tables[0], plain};
  auto m = Mapping::FromTables(all);
  if (!m) {
    base.error = m.diagnostics[0].message + "\n";
    return base;
  }
  base.mapping = *m;
  return base;
}
}  // namespace e2e
}  // namespace metrishift
