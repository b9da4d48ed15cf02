#include "rewriter/formats/extract.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "core/yaml.h"
#include "rewriter/formats/datasource.h"
#include "rewriter/formats/json.h"
#include "rewriter/formats/places.h"

namespace metrishift::formats {
namespace {

using Kind = TextNode::Kind;

// A scalar at one of the places.
struct Hit {
  NodeId node;
  std::optional<QueryKind> kind;  // nothing: it is a record
  std::string place;
  const TextNode* record;  // what names the result, or nullptr
};

bool MatchesAlternative(std::string_view pattern, std::string_view value) {
  if (pattern.starts_with('*')) return value.ends_with(pattern.substr(1));
  if (pattern.ends_with('*')) return value.starts_with(pattern.substr(0, pattern.size() - 1));
  return value == pattern;
}

bool MatchesAny(std::string_view alternatives, std::string_view value) {
  for (;;) {
    const size_t bar = alternatives.find('|');
    if (MatchesAlternative(alternatives.substr(0, bar), value)) return true;
    if (bar == alternatives.npos) return false;
    alternatives.remove_prefix(bar + 1);
  }
}

class Walker {
 public:
  explicit Walker(const TextTree& tree) : tree_(tree) {}

  // Collects the hits of all documents. Returns false, and error() says why, when the tree is
  // refused.
  bool Walk() {
    return std::all_of(tree_.documents.begin(), tree_.documents.end(),
                       [this](NodeId root) { return Visit(root, Role::kDocument, 0); });
  }

  std::vector<Hit> TakeHits() { return std::move(hits_); }
  const Diagnostic& error() const { return error_; }

 private:
  // Looks for every place that begins at `node`.
  bool Visit(NodeId node, Role role, size_t depth) {
    for (const Place& place : Places()) {
      if (place.from != role) continue;
      if (!Count(node)) return false;
      if (!Holds(place.condition, node)) continue;
      from_ = node;  // Follow() may have visited others
      if (!Follow(node, place, place.path, DatasourceKind::kUnknown, depth)) return false;
    }
    return true;
  }

  // Goes on from `id` along `path`, the rest of the path of `place`.
  bool Follow(NodeId id, const Place& place, std::string_view path, DatasourceKind datasource,
              size_t depth) {
    if (depth > kMaxTreeDepth) {
      return Refuse(
          id, "aliases make this more than " + std::to_string(kMaxTreeDepth) + " levels deep");
    }
    if (!Count(id)) return false;
    if (path.empty()) return Arrive(id, place, datasource, depth);
    return path.starts_with("[]") ? FollowItems(id, place, path.substr(2), datasource, depth)
                                  : FollowKey(id, place, path, datasource, depth);
  }

  bool FollowItems(NodeId id, const Place& place, std::string_view rest, DatasourceKind datasource,
                   size_t depth) {
    if (rest.starts_with('.')) rest.remove_prefix(1);
    const size_t size = place_.size();
    for (size_t i = 0; i < tree_[id].items.size(); ++i) {
      place_ += "[" + std::to_string(i) + "]";
      if (!Follow(tree_[id].items[i], place, rest, datasource, depth + 1)) return false;
      place_.resize(size);
    }
    return true;
  }

  bool FollowKey(NodeId id, const Place& place, std::string_view path, DatasourceKind datasource,
                 size_t depth) {
    if (tree_[id].kind != Kind::kMapping) return true;
    const size_t key_size = std::min(path.find_first_of(".["), path.size());
    const std::string_view key = path.substr(0, key_size);
    std::string_view rest = path.substr(key_size);
    if (rest.starts_with('.')) rest.remove_prefix(1);
    datasource = Inherit(id, datasource);

    bool found = false;
    const size_t size = place_.size();
    for (const auto& [name, value] : tree_[id].members) {
      if (!IsKey(name, key)) continue;
      found = true;
      if (size != 0) place_ += '.';
      place_ += key;
      if (!Follow(value, place, rest, datasource, depth + 1)) return false;
      place_.resize(size);
    }
    return found || FollowMerged(id, place, path, datasource, depth);
  }

  // The same from the mappings that "<<" merges into this one (https://yaml.org/type/merge.html).
  bool FollowMerged(NodeId id, const Place& place, std::string_view path, DatasourceKind datasource,
                    size_t depth) {
    for (const auto& [name, value] : tree_[id].members) {
      if (!IsKey(name, "<<") || tree_[name].style != ScalarStyle::kPlain) continue;
      if (tree_[value].kind == Kind::kMapping &&
          !Follow(value, place, path, datasource, depth + 1)) {
        return false;
      }
      for (const NodeId item : tree_[value].items) {
        if (!Follow(item, place, path, datasource, depth + 1)) return false;
      }
    }
    return true;
  }

  bool Arrive(NodeId id, const Place& place, DatasourceKind datasource, size_t depth) {
    if (const Role* role = std::get_if<Role>(&place.to)) return Visit(id, *role, depth);
    const TextNode& node = tree_[id];
    const bool is_text = node.kind == Kind::kScalar && node.style != ScalarStyle::kJsonLiteral &&
                         node.value.find_first_not_of(" \t\r\n") != std::string::npos;
    if (is_text && datasource != DatasourceKind::kOther && seen_.insert(id).second) {
      const TextNode* record = place.record.empty() ? nullptr : tree_.Find(from_, place.record);
      const QueryKind* kind = std::get_if<QueryKind>(&place.to);
      hits_.push_back({id, kind ? std::optional(*kind) : std::nullopt, place_, record});
    }
    return true;
  }

  bool Holds(std::string_view condition, NodeId id) const {
    const size_t equals = condition.find('=');
    if (equals == condition.npos) return true;
    const bool negated = condition[equals - 1] == '!';
    const TextNode* member = tree_.Find(id, condition.substr(0, negated ? equals - 1 : equals));
    const std::string_view value = member == nullptr ? std::string_view() : member->value;
    return MatchesAny(condition.substr(equals + 1), value) != negated;
  }

  DatasourceKind Inherit(NodeId id, DatasourceKind outer) const {
    for (const auto& [name, value] : tree_[id].members) {
      if (!IsKey(name, "datasource")) continue;
      const DatasourceKind kind = JudgeDatasource(tree_, value);
      if (kind != DatasourceKind::kUnknown) return kind;
    }
    return outer;
  }

  bool IsKey(NodeId id, std::string_view key) const {
    return tree_[id].kind == Kind::kScalar && tree_[id].value == key;
  }

  // Counts the work that a look at this node takes. Without aliases a node is looked at once per
  // place at most; aliases may multiply that, but not without end.
  bool Count(NodeId id) {
    constexpr size_t kRepetitions = 16;
    constexpr size_t kSmallTree = 1000;
    work_ += 1 + tree_[id].members.size();
    if (work_ <= kRepetitions * Places().size() * (kSmallTree + tree_.nodes.size())) return true;
    return Refuse(id, "aliases repeat the nodes of this file too often to look at them all");
  }

  bool Refuse(NodeId id, std::string message) {
    const size_t begin = tree_[id].span.begin;
    error_ = {Severity::kError,
              {begin, begin},
              std::move(message),
              "write out what the aliases stand for, or split the file"};
    return false;
  }

  const TextTree& tree_;
  NodeId from_ = 0;    // where the place that is being followed begins
  std::string place_;  // of the node that is being looked at
  std::vector<Hit> hits_;
  std::unordered_set<NodeId> seen_;
  size_t work_ = 0;
  Diagnostic error_;
};

}  // namespace

std::optional<FileFormat> FormatOf(std::string_view path, std::string_view text) {
  const size_t dot = path.rfind('.');
  if (dot == path.npos) return std::nullopt;
  std::string extension(path.substr(dot + 1));
  for (char& c : extension) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  if (extension == "json") return FileFormat::kJson;
  if (extension != "yaml" && extension != "yml" && extension != "rules") return std::nullopt;

  constexpr std::string_view kSpace = " \t\r\n";
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  const size_t first = text.find_first_not_of(kSpace);
  if (first == text.npos) return FileFormat::kYaml;
  const size_t second = text.find_first_not_of(kSpace, first + 1);
  const char opening = text[first];
  const char inside = second == text.npos ? '\0' : text[second];
  const bool is_json = (opening == '{' && inside == '"') || (opening == '[' && inside == '{');
  return is_json ? FileFormat::kJson : FileFormat::kYaml;
}

Outcome<Extraction> Extract(FileFormat format, std::string_view text) {
  Outcome<TextTree> tree = format == FileFormat::kJson ? ParseJson(text) : ParseYaml(text);
  if (!tree) return {std::nullopt, std::move(tree.diagnostics)};
  Walker walker(*tree);
  if (!walker.Walk()) return {std::nullopt, {walker.error()}};

  std::vector<Hit> hits = walker.TakeHits();
  std::sort(hits.begin(), hits.end(), [&](const Hit& a, const Hit& b) {
    return (*tree)[a.node].span < (*tree)[b.node].span;
  });
  Outcome<Extraction> outcome{Extraction{format, {}, {}, {}}, std::move(tree.diagnostics)};
  for (const TextNode& node : tree->nodes) {
    if (node.kind == Kind::kScalar) outcome->scalars.push_back(node.span);
  }
  for (Hit& hit : hits) {
    const TextNode& node = (*tree)[hit.node];
    std::optional<DecodedScalar> decoded = DecodeScalar(text, node.span, node.style, node.value);
    if (!decoded) {
      outcome.diagnostics.push_back(
          {Severity::kWarning, node.span,
           "the text of " + hit.place + " cannot be traced back to its bytes, so it is left alone",
           "write it as a literal block (|)"});
      continue;
    }
    EmbeddedQuery query{std::move(decoded->text),
                        hit.kind.value_or(QueryKind::kPromQL),
                        std::move(hit.place),
                        node.span,
                        node.style,
                        std::move(decoded->map),
                        {},
                        {}};
    if (hit.record != nullptr) {
      if (hit.record->value.size() <= kMaxRecordBytes) query.record = hit.record->value;
      query.record_span = hit.record->span;
    }
    (hit.kind ? outcome->queries : outcome->records).push_back(std::move(query));
  }
  return outcome;
}

}  // namespace metrishift::formats
