#include "rewriter/rewrite/rule_loops.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace metrishift::rewrite {
namespace {

// One recorded name reads another, after the renames of the mapping.
struct Edge {
  size_t reader;
  size_t read;
  const std::string* record;
  const std::string* old_name;  // by which it reads now; nullptr where that does not change
};

using Ids = std::unordered_map<std::string_view, size_t>;

std::vector<Edge> EdgesOf(std::span<const RecordingRule> rules, const Mapping& mapping,
                          const Ids& ids) {
  std::vector<Edge> edges;
  for (const RecordingRule& rule : rules) {
    const size_t reader = ids.at(rule.name);
    const auto add = [&](std::string_view name, const std::string* old_name) {
      const auto read = ids.find(name);
      if (read == ids.end() || read->second == reader) return;
      edges.push_back({reader, read->second, &rule.name, old_name});
    };
    for (const std::string& read : rule.reads) {
      const std::span<const Mapping::Match> matches = mapping.FindAllOld(read);
      if (matches.empty()) add(read, nullptr);
      for (const Mapping::Match& match : matches) {
        if (match.HasNewSeries())
          add(match.NewSeries(), match.NewSeries() == read ? nullptr : &read);
      }
    }
  }
  return edges;
}

// Takes away, again and again, the edges from `from` to `to` where nothing leads to `from`: what is
// left begins in a loop.
void Peel(std::vector<Edge>& edges, size_t nodes, size_t Edge::*from, size_t Edge::*to) {
  std::vector<size_t> into(nodes);
  std::vector<std::vector<size_t>> out_of(nodes);
  for (size_t i = 0; i < edges.size(); ++i) {
    ++into[edges[i].*to];
    out_of[edges[i].*from].push_back(i);
  }
  std::vector<size_t> free;
  for (size_t node = 0; node < nodes; ++node) {
    if (into[node] == 0) free.push_back(node);
  }
  std::vector<bool> gone(nodes);
  while (!free.empty()) {
    const size_t node = free.back();
    free.pop_back();
    gone[node] = true;
    for (const size_t edge : out_of[node]) {
      if (--into[edges[edge].*to] == 0) free.push_back(edges[edge].*to);
    }
  }
  std::erase_if(edges, [&](const Edge& edge) { return gone[edge.*from]; });
}

}  // namespace

RecordedNames::Loops FindRuleLoops(std::span<const RecordingRule> rules, const Mapping& mapping) {
  RecordedNames::Loops loops;
  const auto is_new = [&](const RecordingRule& rule) { return mapping.IsNewSeries(rule.name); };
  if (std::ranges::none_of(rules, is_new)) return loops;
  Ids ids;
  for (const RecordingRule& rule : rules) ids.try_emplace(rule.name, ids.size());
  std::vector<Edge> edges = EdgesOf(rules, mapping, ids);
  Peel(edges, ids.size(), &Edge::reader, &Edge::read);
  Peel(edges, ids.size(), &Edge::read, &Edge::reader);
  for (const Edge& edge : edges) {
    if (edge.old_name != nullptr) loops.emplace(*edge.record, *edge.old_name);
  }
  return loops;
}

}  // namespace metrishift::rewrite
