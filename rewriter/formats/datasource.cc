#include "rewriter/formats/datasource.h"

#include <algorithm>
#include <string>
#include <string_view>

namespace metrishift::formats {
namespace {

struct Row {
  std::string_view text;
  DatasourceKind kind;
};

// Names with a meaning of their own, compared as a whole.
constexpr Row kNames[] = {
    {"-- mixed --", DatasourceKind::kUnknown},
    {"-- grafana --", DatasourceKind::kOther},
    {"-- dashboard --", DatasourceKind::kOther},
    {"datasource", DatasourceKind::kUnknown},
    {"grafana", DatasourceKind::kOther},
    {"__expr__", DatasourceKind::kOther},
    {"-100", DatasourceKind::kOther},
    {"victoriametrics-logs-datasource", DatasourceKind::kOther},
};

// Words of the ids of Grafana's datasource plugins, in order of precedence.
constexpr Row kWords[] = {
    {"alertmanager", DatasourceKind::kOther},
    {"prometheus", DatasourceKind::kPrometheus},
    {"amazonprometheus", DatasourceKind::kPrometheus},
    {"azureprometheus", DatasourceKind::kPrometheus},
    {"victoriametrics", DatasourceKind::kPrometheus},
    {"thanos", DatasourceKind::kPrometheus},
    {"mimir", DatasourceKind::kPrometheus},
    {"cortex", DatasourceKind::kPrometheus},
    {"loki", DatasourceKind::kOther},
    {"victorialogs", DatasourceKind::kOther},
    {"tempo", DatasourceKind::kOther},
    {"jaeger", DatasourceKind::kOther},
    {"zipkin", DatasourceKind::kOther},
    {"pyroscope", DatasourceKind::kOther},
    {"phlare", DatasourceKind::kOther},
    {"parca", DatasourceKind::kOther},
    {"elasticsearch", DatasourceKind::kOther},
    {"opensearch", DatasourceKind::kOther},
    {"influxdb", DatasourceKind::kOther},
    {"graphite", DatasourceKind::kOther},
    {"opentsdb", DatasourceKind::kOther},
    {"mysql", DatasourceKind::kOther},
    {"mssql", DatasourceKind::kOther},
    {"postgres", DatasourceKind::kOther},
    {"postgresql", DatasourceKind::kOther},
    {"clickhouse", DatasourceKind::kOther},
    {"bigquery", DatasourceKind::kOther},
    {"athena", DatasourceKind::kOther},
    {"snowflake", DatasourceKind::kOther},
    {"cloudwatch", DatasourceKind::kOther},
    {"stackdriver", DatasourceKind::kOther},
    {"zabbix", DatasourceKind::kOther},
    {"infinity", DatasourceKind::kOther},
    {"testdata", DatasourceKind::kOther},
};

// True iff `word` stands in `text` between characters that are no letters and digits.
bool ContainsWord(std::string_view text, std::string_view word) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  for (size_t at = text.find(word); at != text.npos; at = text.find(word, at + 1)) {
    const size_t end = at + word.size();
    if ((at == 0 || !is_letter(text[at - 1])) && (end == text.size() || !is_letter(text[end]))) {
      return true;
    }
  }
  return false;
}

DatasourceKind JudgeName(std::string_view name) {
  std::string lower(name);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  for (const Row& row : kNames) {
    if (lower == row.text) return row.kind;
  }
  for (const Row& row : kWords) {
    if (ContainsWord(lower, row.text)) return row.kind;
  }
  return DatasourceKind::kUnknown;
}

}  // namespace

DatasourceKind JudgeDatasource(const TextTree& tree, NodeId datasource) {
  const TextNode& node = tree[datasource];
  if (node.kind == TextNode::Kind::kScalar) return JudgeName(node.value);
  for (const std::string_view key : {"type", "uid"}) {
    const TextNode* member = tree.Find(datasource, key);
    if (member == nullptr || member->kind != TextNode::Kind::kScalar) continue;
    const DatasourceKind kind = JudgeName(member->value);
    if (kind != DatasourceKind::kUnknown) return kind;
  }
  return DatasourceKind::kUnknown;
}

}  // namespace metrishift::formats
