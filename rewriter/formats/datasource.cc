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

// The name in "$name", "${name}", "${name:format}" and "[[name]]"; "" when `text` is none of them.
std::string_view VariableName(std::string_view text) {
  if (text.starts_with("[[") && text.ends_with("]]")) return text.substr(2, text.size() - 4);
  if (!text.starts_with('$')) return {};
  if (!text.starts_with("${") || !text.ends_with('}')) return text.substr(1);
  text = text.substr(2, text.size() - 3);
  return text.substr(0, text.find(':'));
}

DatasourceKind JudgeText(std::string_view text, const DatasourceNames& names) {
  if (const std::string_view variable = VariableName(text); !variable.empty()) {
    if (const auto found = names.find(variable); found != names.end()) return found->second;
  }
  return JudgeName(text);
}

std::string_view TextAt(const TextTree& tree, NodeId id, std::string_view key) {
  const std::optional<NodeId> member = tree.Find(id, key);
  return member ? tree[*member].value : std::string_view();
}

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

std::string_view WordAt(std::string_view text) {
  const auto* const end = std::ranges::find_if_not(
      text, [](char c) { return IsLetter(c) || (c >= '0' && c <= '9') || c == ':'; });
  return text.substr(0, static_cast<size_t>(end - text.begin()));
}

std::string_view SkipBlanks(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  return text;
}

// What stands behind the '|' of a line filter or a stage, wherever that is.
bool IsStage(std::string_view rest) {
  constexpr std::string_view kStages[] = {"json",   "logfmt",     "regexp",      "pattern",
                                          "unpack", "unwrap",     "line_format", "drop",
                                          "keep",   "decolorize", "label_format"};
  if (rest.starts_with('=') || rest.starts_with('~')) return true;
  return std::ranges::find(kStages, WordAt(SkipBlanks(rest))) != std::end(kStages);
}

// What stands behind the '!' of != "x" and !~ "x"; PromQL compares no vector with a string.
bool IsLineFilter(std::string_view rest) {
  if (!rest.starts_with('=') && !rest.starts_with('~')) return false;
  rest = SkipBlanks(rest.substr(1));
  return rest.starts_with('"') || rest.starts_with('`');
}

}  // namespace

DatasourceKind JudgeDatasource(const TextTree& tree, NodeId datasource,
                               const DatasourceNames& names) {
  const TextNode node = tree[datasource];
  if (node.kind == TextNode::Kind::kScalar) return JudgeText(node.value, names);
  for (const std::string_view key : {"type", "uid", "name", "kind"}) {
    const DatasourceKind kind = JudgeText(TextAt(tree, datasource, key), names);
    if (kind != DatasourceKind::kUnknown) return kind;
  }
  return DatasourceKind::kUnknown;
}

DatasourceNames NamesOfDatasources(const TextTree& tree) {
  DatasourceNames names;
  for (NodeId id = 0; id < tree.size(); ++id) {
    if (tree[id].kind != TextNode::Kind::kMapping) continue;
    // A variable, an input, and the spec of a variable of schema v2.
    const std::string_view plugin = TextAt(tree, id, "pluginId");
    const bool is_variable = TextAt(tree, id, "type") == "datasource";
    if (!is_variable && plugin.empty()) continue;
    const std::string_view name = TextAt(tree, id, "name");
    if (name.empty()) continue;
    const DatasourceKind kind = JudgeName(plugin.empty() ? TextAt(tree, id, "query") : plugin);
    const auto [at, is_new] = names.emplace(name, kind);
    if (!is_new && at->second != kind) at->second = DatasourceKind::kUnknown;
  }
  return names;
}

bool LooksLikeLogQl(std::string_view text) {
  constexpr std::string_view kFunctions[] = {"bytes_rate", "bytes_over_time", "rate_counter"};
  char quote = '\0';
  bool selected = false;  // a selector has ended, and nothing but blanks came since
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const std::string_view rest = text.substr(i);
    if (quote != '\0') {
      if (c == '\\' && quote != '`') ++i;
      if (c == quote) quote = '\0';
    } else if (c == '"' || c == '\'' || c == '`') {
      quote = c;
    } else if ((c == '|' && (selected || IsStage(rest.substr(1)))) ||
               (c == '!' && selected && IsLineFilter(rest.substr(1)))) {
      return true;
    } else if (rest.starts_with("}}")) {
      ++i;  // of a template
    } else if (IsLetter(c)) {
      const std::string_view word = WordAt(rest);
      const std::string_view behind = SkipBlanks(rest.substr(word.size()));
      if (behind.starts_with('(') && std::ranges::find(kFunctions, word) != std::end(kFunctions))
        return true;
      i += word.size() - 1;
    }
    if (!IsBlank(c)) selected = c == '}' && !rest.starts_with("}}");
  }
  return false;
}

}  // namespace metrishift::formats
