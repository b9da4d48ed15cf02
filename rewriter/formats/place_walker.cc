#include "rewriter/formats/place_walker.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "rewriter/formats/datasource.h"

namespace metrishift::formats {
namespace {

using Kind = TextNode::Kind;
using KeyId = int16_t;
constexpr KeyId kUnknownKey = -1;
constexpr size_t kMaxKeys = 256;
constexpr size_t kRoles = static_cast<size_t>(Role::kRoleCount);

struct Step {
  enum class Kind : uint8_t { kKey, kEveryKey, kItems };
  Kind kind = Kind::kKey;
  KeyId key = kUnknownKey;
};

struct Condition {
  std::vector<std::string_view> keys;
  bool negated = false;
  std::string_view alternatives;
};

// Cuts the next part off `text`, which ends at `separator` or with the text.
std::string_view Cut(std::string_view& text, char separator) {
  const size_t end = std::min(text.find(separator), text.size());
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return part;
}

std::vector<std::string_view> SplitKeys(std::string_view path) {
  std::vector<std::string_view> keys;
  while (!path.empty()) keys.push_back(Cut(path, '.'));
  return keys;
}

// The table of places in the form in which it is looked up: keys are numbers, and the rows that
// begin at a role are found by their first key.
class CompiledPlaces {
 public:
  struct Row {
    const Place* place;
    std::vector<Step> steps;
    std::vector<Condition> conditions;
    std::vector<std::vector<std::string_view>> datasources;
    KeyId gate = kUnknownKey;  // of a row without steps: a key without which it cannot hold
  };

  static const CompiledPlaces& Get() {
    static const CompiledPlaces compiled;
    return compiled;
  }

  const Row& row(size_t i) const { return rows_[i]; }
  const std::vector<uint16_t>& whole() const { return whole_; }

  // Rows that begin with `key` at a node with `role`.
  const std::vector<uint16_t>& Starting(Role role, KeyId key) const {
    return starting_[static_cast<size_t>(role)][static_cast<size_t>(key)];
  }

  KeyId Find(std::string_view key) const {
    if (key.size() >= kMaxKeySize || !sizes_[key.size()]) return kUnknownKey;
    const auto found = keys_.find(key);
    return found == keys_.end() ? kUnknownKey : found->second;
  }

 private:
  static constexpr size_t kMaxKeySize = 64;

  CompiledPlaces() {
    for (const Place& place : Places()) {
      const auto index = static_cast<uint16_t>(rows_.size());
      Row row{&place, StepsOf(place.path), ConditionsOf(place.conditions), {}, kUnknownKey};
      for (std::string_view rest = place.datasource; !rest.empty();) {
        row.datasources.push_back(SplitKeys(Cut(rest, '|')));
      }
      if (row.steps.empty()) {
        row.gate = Intern(row.conditions.front().keys.front());
        whole_.push_back(index);
      } else {
        starting_[static_cast<size_t>(place.from)][static_cast<size_t>(row.steps[0].key)].push_back(
            index);
      }
      rows_.push_back(std::move(row));
    }
    Intern("<<");
    Intern("datasource");
  }

  KeyId Intern(std::string_view key) {
    sizes_.set(key.size());
    return keys_.emplace(key, static_cast<KeyId>(keys_.size())).first->second;
  }

  std::vector<Step> StepsOf(std::string_view path) {
    std::vector<Step> steps;
    while (!path.empty()) {
      if (path.starts_with('.')) path.remove_prefix(1);
      if (path.starts_with("[]")) {
        steps.push_back({Step::Kind::kItems, kUnknownKey});
        path.remove_prefix(2);
      } else if (path.starts_with('*')) {
        steps.push_back({Step::Kind::kEveryKey, kUnknownKey});
        path.remove_prefix(1);
      } else if (path.starts_with('\'')) {
        path.remove_prefix(1);
        steps.push_back({Step::Kind::kKey, Intern(Cut(path, '\''))});
      } else {
        const size_t size = std::min(path.find_first_of(".["), path.size());
        steps.push_back({Step::Kind::kKey, Intern(path.substr(0, size))});
        path.remove_prefix(size);
      }
    }
    return steps;
  }

  std::vector<Condition> ConditionsOf(std::string_view text) {
    std::vector<Condition> conditions;
    while (!text.empty()) {
      std::string_view alternatives = Cut(text, ' ');
      std::string_view key = Cut(alternatives, '=');
      const bool negated = key.ends_with('!');
      if (negated) key.remove_suffix(1);
      conditions.push_back({SplitKeys(key), negated, alternatives});
    }
    return conditions;
  }

  std::vector<Row> rows_;
  std::unordered_map<std::string_view, KeyId> keys_;
  std::bitset<kMaxKeySize> sizes_;  // of the keys
  std::array<std::array<std::vector<uint16_t>, kMaxKeys>, kRoles> starting_;
  std::vector<uint16_t> whole_;  // rows without steps
};

bool MatchesAlternative(std::string_view pattern, std::string_view value) {
  if (pattern.size() > 1 && pattern.starts_with('*') && pattern.ends_with('*'))
    return value.find(pattern.substr(1, pattern.size() - 2)) != value.npos;
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
  Walker(const TextTree& tree, const std::function<void(const FoundPlaces&)>& take)
      : tree_(tree), take_(take), places_(CompiledPlaces::Get()), found_(tree.size()) {}

  // Returns why the tree is refused.
  std::optional<Diagnostic> Walk() {
    for (const NodeId root : tree_.documents) {
      if (!Visit(root, 0, true)) return error_;
    }
    Give();
    return std::nullopt;
  }

 private:
  // A row of the table on its way: the next node has to fit its step `step`.
  struct State {
    uint16_t row = 0;
    uint8_t step = 0;
    DatasourceKind datasource = DatasourceKind::kUnknown;
    NodeId from = 0;
  };

  // The roles of one node, each with the datasource around it.
  struct Roles {
    std::bitset<kRoles> has;
    std::array<DatasourceKind, kRoles> datasource{};

    void Add(Role role, DatasourceKind around) {
      has.set(static_cast<size_t>(role));
      datasource[static_cast<size_t>(role)] = around;
    }
  };

  // A step on the way to the node that is being looked at; it has a number when a hit lies behind.
  struct PathElement {
    uint32_t to = 0;
    bool is_item = false;
    uint32_t number = FoundPlaces::kNoStep;
  };

  const CompiledPlaces::Row& RowOf(const State& state) const { return places_.row(state.row); }
  bool IsDone(const State& state) const { return state.step == RowOf(state).steps.size(); }

  // Looks at a node to which the states from `begin` on lead; `any`: it has the role kAny.
  bool Visit(NodeId id, size_t begin, bool any) {
    const TextNode node = tree_[id];
    if (node.kind == Kind::kScalar) {
      Scalar(id, begin);
      return true;
    }
    for (size_t s = begin; s < states_.size(); ++s) {
      const auto* passage = std::get_if<PassageKind>(&RowOf(states_[s]).place->to);
      if (passage != nullptr && IsDone(states_[s])) AddPassage(id, *passage);
    }
    if (path_.size() > kMaxTreeDepth) {
      return Refuse(
          id, "aliases make this more than " + std::to_string(kMaxTreeDepth) + " levels deep");
    }
    if (node.aliased) {
      any = any && looked_at_.insert({id, State{}}).second;
      const auto seen = [&](const State& state) { return !looked_at_.insert({id, state}).second; };
      states_.erase(std::remove_if(At(begin), states_.end(), seen), states_.end());
    }
    if (!any && begin == states_.size()) return true;
    return node.kind == Kind::kSequence ? Sequence(node, begin, any) : Mapping(id, begin, any);
  }

  std::vector<State>::iterator At(size_t index) {
    return states_.begin() + static_cast<std::ptrdiff_t>(index);
  }

  bool Sequence(const TextNode& node, size_t begin, bool any) {
    const size_t end = states_.size();
    for (size_t i = 0; i < node.items.size(); ++i) {
      for (size_t s = begin; s < end; ++s) Advance(s, Step::Kind::kItems, kUnknownKey);
      if (!Enter({static_cast<uint32_t>(i), true}, node.items[i], end, any)) return false;
    }
    return true;
  }

  bool Mapping(NodeId id, size_t begin, bool any) {
    const TextNode node = tree_[id];
    std::bitset<kMaxKeys> keys;
    for (const auto& [name, value] : node.members) {
      if (const KeyId key = KeyOf(name); key != kUnknownKey) keys.set(static_cast<size_t>(key));
    }
    const Roles roles = RolesOf(begin, any);
    if (roles.has[static_cast<size_t>(Role::kLeftAlone)]) {
      AddPassage(id, PassageKind::kForeign);
      return true;
    }
    if (any && IsLeftAlone(id, keys)) return true;
    static const auto kDatasource = static_cast<size_t>(places_.Find("datasource"));
    static const auto kMerge = static_cast<size_t>(places_.Find("<<"));
    for (size_t s = begin; keys[kDatasource] && s < states_.size(); ++s) {
      states_[s].datasource = Inherit(id, states_[s].datasource);
    }
    const size_t end = states_.size();
    for (const auto& [name, value] : node.members) {
      if (!Member(id, name, value, begin, end, roles, any)) return false;
    }
    return !keys[kMerge] || Merged(id, id, keys, begin, end, roles);
  }

  // What the mappings give that "<<" merges into mapping `into`; keys that are there already win
  // (https://yaml.org/type/merge.html).
  bool Merged(NodeId into, NodeId id, std::bitset<kMaxKeys> keys, size_t begin, size_t end,
              const Roles& roles) {
    for (const auto& [name, value] : tree_[id].members) {
      if (tree_[name].value != "<<" || !IsPlain(tree_[name].style)) continue;
      std::vector<NodeId> sources(tree_[value].items.begin(), tree_[value].items.end());
      if (tree_[value].kind == Kind::kMapping) sources.push_back(value);
      for (const NodeId source : sources) {
        if (!MergedMembers(into, source, keys, begin, end, roles)) return false;
      }
    }
    return true;
  }

  bool MergedMembers(NodeId into, NodeId source, std::bitset<kMaxKeys>& keys, size_t begin,
                     size_t end, const Roles& roles) {
    // A mapping that is merged into others is looked at for each of them, but not without end.
    work_ += 1 + tree_[source].members.size();
    if (work_ > kMaxMergeWork + tree_.size()) {
      return Refuse(into, "aliases repeat the nodes of this file too often to look at them all");
    }
    const std::bitset<kMaxKeys> taken = keys;
    for (const auto& [name, value] : tree_[source].members) {
      const KeyId key = KeyOf(name);
      if (key != kUnknownKey) {
        if (taken[static_cast<size_t>(key)]) continue;
        keys.set(static_cast<size_t>(key));
      }
      if (!Member(into, name, value, begin, end, roles, false)) return false;
    }
    if (++merge_depth_ > kMaxTreeDepth) {
      return Refuse(into, "mappings are merged into each other too many times");
    }
    const bool accepted = Merged(into, source, keys, begin, end, roles);
    --merge_depth_;
    return accepted;
  }

  bool Member(NodeId id, NodeId name, NodeId value, size_t begin, size_t end, const Roles& roles,
              bool any) {
    const KeyId key = KeyOf(name);
    for (size_t s = begin; s < end; ++s) Advance(s, Step::Kind::kKey, key);
    if (key != kUnknownKey) {
      for (size_t role = 0; role < kRoles; ++role) {
        if (roles.has[role]) Start(static_cast<Role>(role), roles.datasource[role], key, id);
      }
    }
    if (states_.size() == end && tree_[value].kind == Kind::kScalar) return true;
    return Enter({name, false}, value, end, any);
  }

  // Visits a child to which the states from `begin` on lead, and drops them.
  bool Enter(PathElement element, NodeId child, size_t begin, bool any) {
    path_.push_back(element);
    const bool accepted = Visit(child, begin, any);
    path_.pop_back();
    states_.resize(begin);
    return accepted;
  }

  // Adds what becomes of state `s` behind an item or a member, if anything does.
  void Advance(size_t s, Step::Kind kind, KeyId key) {
    State state = states_[s];
    if (IsDone(state)) return;
    const Step& step = RowOf(state).steps[state.step];
    const bool fits = kind == Step::Kind::kItems
                          ? step.kind == kind
                          : step.kind == Step::Kind::kEveryKey ||
                                (step.kind == kind && step.key == key && key != kUnknownKey);
    if (!fits) return;
    ++state.step;
    states_.push_back(state);
  }

  void Start(Role role, DatasourceKind around, KeyId key, NodeId id) {
    for (const uint16_t index : places_.Starting(role, key)) {
      const CompiledPlaces::Row& row = places_.row(index);
      if (Holds(row.conditions, id)) {
        states_.push_back({index, 1, DatasourceOf(row, id, around), id});
      }
    }
  }

  Roles RolesOf(size_t begin, bool any) const {
    Roles roles;
    if (any) roles.Add(Role::kAny, DatasourceKind::kUnknown);
    for (size_t s = begin; s < states_.size(); ++s) {
      if (!IsDone(states_[s])) continue;
      const Role* role = std::get_if<Role>(&RowOf(states_[s]).place->to);
      if (role != nullptr) roles.Add(*role, states_[s].datasource);
    }
    return roles;
  }

  // Looks at the rows that begin and end at this node. Returns true iff nothing in it is for us.
  bool IsLeftAlone(NodeId id, const std::bitset<kMaxKeys>& keys) {
    for (const uint16_t index : places_.whole()) {
      const CompiledPlaces::Row& row = places_.row(index);
      if (!keys[static_cast<size_t>(row.gate)] || !Holds(row.conditions, id)) continue;
      const auto* passage = std::get_if<PassageKind>(&row.place->to);
      AddPassage(id, passage != nullptr ? *passage : PassageKind::kForeign);
      if (passage == nullptr) return true;
    }
    return false;
  }

  void Scalar(NodeId id, size_t begin) {
    const TextNode node = tree_[id];
    if (begin == states_.size() || node.style == ScalarStyle::kJsonLiteral ||
        node.value.find_first_not_of(" \t\r\n") == node.value.npos) {
      return;
    }
    const State* best = nullptr;
    bool foreign = false;
    for (size_t s = begin; s < states_.size(); ++s) {
      const State& state = states_[s];
      const auto& to = RowOf(state).place->to;
      if (!IsDone(state) || std::holds_alternative<Role>(to)) continue;
      if (state.datasource == DatasourceKind::kOther && !std::holds_alternative<PassageKind>(to)) {
        foreign = foreign || std::holds_alternative<QueryPlace>(to);
        continue;
      }
      if (best == nullptr || state.row < best->row) best = &state;
    }
    if (best == nullptr) {
      if (foreign) AddPassage(id, PassageKind::kForeign);
    } else if (const auto* kind = std::get_if<PassageKind>(&RowOf(*best).place->to)) {
      AddPassage(id, *kind);
    } else if (IsFirst(id)) {
      AddHit(id, *best);
    }
  }

  // True once for each node.
  bool IsFirst(NodeId id) {
    const bool first = !found_[id];
    found_[id] = true;
    return first;
  }

  void AddPassage(NodeId id, PassageKind kind) {
    if (IsFirst(id)) Add({id, kind, FoundPlaces::kNoStep, false, std::nullopt, id});
  }

  // Without repetitions the walk is in file order.
  void Add(const Hit& hit) {
    found_places_.hits.push_back(hit);
    if (found_places_.hits.size() >= kMostHits && !tree_.repeats()) Give();
  }

  void Give() {
    const auto span = [this](const Hit& hit) { return tree_[hit.node].span; };
    if (tree_.repeats()) std::ranges::sort(found_places_.hits, {}, span);
    take_(found_places_);
    found_places_.hits.clear();
    found_places_.steps.clear();
    for (PathElement& element : path_) element.number = FoundPlaces::kNoStep;
  }

  void AddHit(NodeId id, const State& state) {
    const Place& place = *RowOf(state).place;
    Hit hit;
    hit.node = id;
    if (const auto* query = std::get_if<QueryPlace>(&place.to)) {
      hit.what = *query;
      hit.assumed = !query->certain && query->kind != QueryKind::kPromQL &&
                    query->use == QueryUse::kEvaluated &&
                    state.datasource == DatasourceKind::kUnknown;
      if (LooksLikeLogQl(tree_[id].value)) hit.what = PassageKind::kForeign;
    } else if (const auto* nested = std::get_if<Nested>(&place.to)) {
      hit.what = *nested;
    } else {
      hit.what = RecordPlace();
    }
    hit.way = Way();
    hit.from = state.from;
    if (!place.record.empty()) hit.record = tree_.Find(state.from, place.record);
    Add(hit);
  }

  // The last step of path_, all of which are kept then.
  uint32_t Way() {
    uint32_t before = FoundPlaces::kNoStep;
    for (PathElement& element : path_) {
      if (element.number == FoundPlaces::kNoStep) {
        element.number = static_cast<uint32_t>(found_places_.steps.size());
        found_places_.steps.push_back({before, element.to, element.is_item});
      }
      before = element.number;
    }
    return before;
  }

  // The value of a member that may be several levels down.
  std::optional<NodeId> FindDown(NodeId id, const std::vector<std::string_view>& keys) const {
    std::optional<NodeId> node;
    for (const std::string_view key : keys) {
      node = tree_.Find(id, key);
      if (!node) return std::nullopt;
      id = *node;
    }
    return node;
  }

  bool Holds(const std::vector<Condition>& conditions, NodeId id) const {
    return std::ranges::all_of(conditions, [&](const Condition& condition) {
      const std::optional<NodeId> member = FindDown(id, condition.keys);
      const TextNode node = member ? tree_[*member] : TextNode();
      std::string value(node.value);
      for (size_t i = 0; i < node.items.size(); ++i) {
        if (i > 0) value += ',';
        value += tree_[node.items[i]].value;
      }
      return MatchesAny(condition.alternatives, value) != condition.negated;
    });
  }

  DatasourceKind Judge(NodeId id) {
    if (!names_) names_ = NamesOfDatasources(tree_);
    return JudgeDatasource(tree_, id, *names_);
  }

  DatasourceKind Inherit(NodeId id, DatasourceKind outer) {
    const std::optional<NodeId> member = tree_.Find(id, "datasource");
    if (!member) return outer;
    const DatasourceKind kind = Judge(*member);
    return kind == DatasourceKind::kUnknown ? outer : kind;
  }

  // For a place that begins at `id`.
  DatasourceKind DatasourceOf(const CompiledPlaces::Row& row, NodeId id, DatasourceKind around) {
    for (const auto& keys : row.datasources) {
      const std::optional<NodeId> member = FindDown(id, keys);
      if (!member) continue;
      const DatasourceKind kind = Judge(*member);
      if (kind != DatasourceKind::kUnknown) return kind;
    }
    return Inherit(id, around);
  }

  KeyId KeyOf(NodeId name) const {
    return tree_[name].kind == Kind::kScalar ? places_.Find(tree_[name].value) : kUnknownKey;
  }

  bool Refuse(NodeId id, std::string message) {
    const size_t begin = tree_[id].span.begin;
    error_ = {Severity::kError,
              {begin, begin},
              std::move(message),
              "write out what the aliases stand for, or split the file"};
    return false;
  }

  // What has been looked at below an alias need not be again.
  struct Look {
    NodeId id;
    State state;
    friend bool operator==(const Look& a, const Look& b) { return a.Key() == b.Key(); }
    uint64_t Key() const {
      return uint64_t{id} << 32 | uint64_t{state.row} << 16 | uint64_t{state.step} << 8 |
             static_cast<uint64_t>(state.datasource);
    }
  };
  struct LookHash {
    size_t operator()(const Look& look) const { return std::hash<uint64_t>()(look.Key()); }
  };

  static constexpr size_t kMaxMergeWork = 1'000'000;
  static constexpr size_t kMostHits = 256;  // that are kept, if nothing is repeated

  const TextTree& tree_;
  const std::function<void(const FoundPlaces&)>& take_;
  const CompiledPlaces& places_;
  std::vector<PathElement> path_;  // of the node that is being looked at
  std::vector<State> states_;      // a stack: each level of the walk owns the end of it
  FoundPlaces found_places_;
  std::vector<bool> found_;  // by node: it is a hit
  std::unordered_set<Look, LookHash> looked_at_;
  std::optional<DatasourceNames> names_;
  size_t work_ = 0;         // by merging
  size_t merge_depth_ = 0;  // merged into what is merged into ...
  Diagnostic error_;
};

}  // namespace

std::string FoundPlaces::PlaceOf(const TextTree& tree, const Hit& hit) const {
  std::vector<uint32_t> way;
  for (uint32_t step = hit.way; step != kNoStep; step = steps[step].before) way.push_back(step);
  std::ranges::reverse(way);
  std::string text;
  for (const uint32_t number : way) {
    const Step& step = steps[number];
    if (step.is_item) {
      text += "[" + std::to_string(step.to) + "]";
    } else {
      if (!text.empty()) text += '.';
      text += tree[step.to].value;
    }
  }
  return text;
}

std::optional<Diagnostic> FindPlaces(const TextTree& tree,
                                     const std::function<void(const FoundPlaces&)>& take) {
  Walker walker(tree, take);
  return walker.Walk();
}

}  // namespace metrishift::formats
