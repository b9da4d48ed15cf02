#include "exporter/exposition/rule_set.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <bit>
#include <mutex>
#include <optional>
#include <shared_mutex>

#include "core/replacement.h"
#include "exporter/exposition/alias_buffer.h"
#include "exporter/exposition/byte_scan.h"
#include "exporter/exposition/sample_role.h"

namespace metrishift::exposition {
namespace {

constexpr size_t kMaxPatternName = 4096;  // a name may grow in a pattern; no program has such

// Names differ in their beginnings, ends and lengths. Good enough for a filter, and quick.
uint64_t FilterHash(std::string_view name) {
  constexpr size_t kWord = sizeof(uint64_t);
  std::array<char, kWord> padded{};
  if (name.size() < kWord) {
    std::copy(name.begin(), name.end(), padded.begin());
    return MixBits(LoadWord(padded.data()) + name.size());
  }
  const size_t last = name.size() - kWord;
  const uint64_t begin = LoadWord(name.data()) * 0x9e3779b97f4a7c15U;
  const uint64_t middle = LoadWord(name.data() + last / 2) * 0xd6e8feb86659fd93U;
  const uint64_t end = LoadWord(name.data() + last) + name.size();
  const uint64_t hash = (begin ^ std::rotl(middle, 29) ^ end) * 0xff51afd7ed558ccdU;
  return hash ^ (hash >> 32U);
}

std::shared_ptr<const RE2> Compile(const std::string& pattern) {
  RE2::Options options(RE2::Quiet);
  options.set_dot_nl(true);
  auto regex = std::make_shared<const RE2>(pattern, options);
  return regex->ok() ? regex : nullptr;
}

bool Matches(const RE2& regex, std::string_view name, std::vector<std::string_view>* groups) {
  if (name.size() > kMaxPatternName) return false;
  std::vector<re2::StringPiece> found(1 + static_cast<size_t>(regex.NumberOfCapturingGroups()));
  if (!regex.Match(re2::StringPiece(name.data(), name.size()), 0, name.size(), RE2::ANCHOR_BOTH,
                   found.data(), static_cast<int>(found.size()))) {
    return false;
  }
  groups->clear();
  for (const re2::StringPiece& group : found) groups->emplace_back(group.data(), group.size());
  return true;
}

std::string LiteralStart(const Replacement& replacement) {
  const bool literal = !replacement.pieces.empty() && !replacement.pieces.front().group;
  return literal ? replacement.pieces.front().text : std::string();
}

void EscapeLabelNames(Escaping escaping, AliasRule* rule) {
  const auto escape = [escaping](std::string& name) { name = EscapeName(name, escaping); };
  for (Label& label : rule->labels.select) escape(label.name);
  for (Label& label : rule->labels.add) escape(label.name);
  for (std::vector<Label>& labels : rule->labels.unless) {
    for (Label& label : labels) escape(label.name);
  }
  for (std::string& name : rule->labels.drop) escape(name);
  for (LabelRename& rename : rule->labels.renames) {
    escape(rename.old_name);
    escape(rename.new_name);
  }
  for (LabelValues& values : rule->labels.values) escape(values.label);
}

}  // namespace

// An open pattern, read in one direction.
struct RuleSet::Pattern {
  MappingEntry entry;
  std::vector<std::string> except;
  Direction direction = Direction::kOld;
  std::shared_ptr<const RE2> source;  // matches what is translated; nullptr: `rule` is for all
  std::shared_ptr<const RE2> target;  // what the result looks like
  Replacement other_name;             // of the groups of `source`
  AliasRule rule;                     // where names are made of labels
  // Where one side's names look like the other's, too, the longer prefix says which they are.
  bool target_is_narrower = false;
  bool source_is_narrower = false;

  std::optional<AliasRule> RuleFor(std::string_view name) const;

  static std::optional<Pattern> Forth(const MappingPattern& pattern);
  static std::optional<Pattern> Back(const MappingPattern& pattern);
  static std::optional<Pattern> OfLabels(const MappingPattern& pattern);
};

// Thread-safe. Bounded: who invents names has them asked for again each time.
class RuleSet::Answers {
 public:
  std::optional<Answer> Find(std::string_view name) const {
    const std::shared_lock lock(mutex_);
    const auto found = answers_.find(name);
    return found == answers_.end() ? std::nullopt : std::optional(found->second);
  }

  void Add(std::string_view name, const Answer& answer) {
    if (name.size() > kLongest) return;
    const std::unique_lock lock(mutex_);
    if (answers_.size() < kMost) answers_.emplace(name, answer);
  }

 private:
  static constexpr size_t kMost = 10'000;
  static constexpr size_t kLongest = 256;

  mutable std::shared_mutex mutex_;
  NameMap<Answer> answers_;
};

// As many as are likely to be in use at a time: scrapes of one target seldom overlap.
struct RuleSet::Spares {
  static constexpr size_t kMost = 2;

  std::array<SparePool<AliasBuffer>, 3> by_format = {
      SparePool<AliasBuffer>(kMost), SparePool<AliasBuffer>(kMost), SparePool<AliasBuffer>(kMost)};
};

SparePool<AliasBuffer>& RuleSet::spares(Format format) const {
  return contents_->spares->by_format[static_cast<size_t>(format)];
}

namespace {

// What matches anything in place of each group.
std::string AnyGroups(const Replacement& replacement) {
  std::string pattern;
  for (const Replacement::Piece& piece : replacement.pieces) {
    pattern += piece.group ? ".*" : EscapeForPattern(piece.text);
  }
  return pattern;
}

}  // namespace

std::optional<RuleSet::Pattern> RuleSet::Pattern::Forth(const MappingPattern& pattern) {
  Pattern forth{
      pattern.entry, pattern.except, Direction::kNew, Compile(pattern.pattern), {}, {}, {}};
  forth.other_name = ParseReplacement(pattern.entry.new_name);
  forth.target = Compile(AnyGroups(forth.other_name));
  if (!forth.source || !forth.target) return std::nullopt;
  return forth;
}

std::optional<RuleSet::Pattern> RuleSet::Pattern::Back(const MappingPattern& pattern) {
  for (const Label& label : pattern.entry.new_labels) {
    if (ParseReplacement(label.value).HighestGroup() > 0) return OfLabels(pattern);
  }
  Pattern back{
      pattern.entry, pattern.except, Direction::kOld, {}, Compile(pattern.pattern), {}, {}};
  if (!back.target) return std::nullopt;
  const auto inverse = InvertPattern({pattern.pattern, pattern.entry.new_name});
  if (!inverse) return std::nullopt;
  back.source = Compile(inverse->pattern);
  back.other_name = ParseReplacement(inverse->replacement);
  if (!back.source) return std::nullopt;
  return back;
}

// "(.+)_depth" -> depth{name="$1"}: each group is the whole value of one label.
std::optional<RuleSet::Pattern> RuleSet::Pattern::OfLabels(const MappingPattern& pattern) {
  Pattern made{
      pattern.entry, pattern.except, Direction::kOld, {}, Compile(pattern.pattern), {}, {}};
  if (!made.target || ParseReplacement(pattern.entry.new_name).HighestGroup() > 0) {
    return std::nullopt;
  }
  const auto pieces = SplitPattern(pattern.pattern);
  if (!pieces) return std::nullopt;
  MappingEntry entry = pattern.entry;
  std::vector<std::string> label_of_group(1 + pieces->size());
  for (const Label& label : pattern.entry.new_labels) {
    const Replacement value = ParseReplacement(label.value);
    if (value.HighestGroup() == 0) continue;
    if (value.pieces.size() != 1 || value.HighestGroup() > pieces->size()) return std::nullopt;
    label_of_group[value.HighestGroup()] = label.name;
    std::erase_if(entry.new_labels, [&label](const Label& other) { return other == label; });
  }
  made.rule = MakeRule(entry, {}, Direction::kOld);
  size_t group = 0;
  for (const PatternPiece& piece : *pieces) {
    if (piece.group && label_of_group[++group].empty()) return std::nullopt;
    made.rule.target_parts.push_back(
        {piece.group ? label_of_group[group] : piece.text, piece.group});
    if (piece.group) made.rule.labels.drop.push_back(label_of_group[group]);
  }
  made.rule.target.clear();
  made.rule.target_pattern = pattern.pattern;
  made.rule.except = pattern.except;
  return made;
}

std::optional<AliasRule> RuleSet::Pattern::RuleFor(std::string_view name) const {
  if (source == nullptr) return rule.source == name ? std::optional(rule) : std::nullopt;
  std::vector<std::string_view> groups;
  if (!Matches(*source, name, &groups)) return std::nullopt;
  const std::string other = other_name.Expand(groups);
  const bool back = direction == Direction::kOld;
  const std::string old_name = back ? other : std::string(name);
  const std::string new_name = back ? std::string(name) : other;
  std::vector<std::string_view> ignored;
  if (std::ranges::count(except, old_name) > 0 || other == name) return std::nullopt;
  if (!IsMetricName(other) || !Matches(*target, other, &ignored)) return std::nullopt;
  if (target_is_narrower && Matches(*target, name, &ignored)) return std::nullopt;
  MappingEntry instance = entry;
  instance.old_name = old_name;
  instance.new_name = new_name;
  for (Label& label : instance.new_labels) {
    label.value = ParseReplacement(label.value).Expand(groups);
  }
  AliasRule made = MakeRule(instance, {}, direction);
  if (source_is_narrower && Matches(*source, other, &ignored)) made.impossible = Fault::kReusedName;
  return made;
}

RuleSet::RuleSet(const Mapping& mapping, Direction direction, Escaping escaping) {
  auto contents = std::make_shared<Contents>();
  contents->answers = std::make_shared<Answers>();
  contents->spares = std::make_shared<Spares>();
  for (const Direction way : {Direction::kOld, Direction::kNew}) {
    if (direction != way && direction != Direction::kBoth) continue;
    contents->AddRules(mapping, way, escaping);
    contents->AddPatterns(mapping, way);
  }
  contents->BuildFilter();
  contents->beginnings = contents->FindBeginnings();
  contents_ = std::move(contents);
}

void RuleSet::Contents::AddRules(const Mapping& mapping, Direction direction, Escaping escaping) {
  std::unordered_map<std::string_view, std::vector<const MappingEntry*>> siblings;
  NameSet taken;  // the series that this direction starts from
  for (const MappingEntry& entry : mapping.entries()) {
    if (entry.fate != MappingEntry::Fate::kReplaced) continue;
    siblings[entry.old_name].push_back(&entry);
    old_names.insert(entry.old_name);
    const bool back = direction == Direction::kOld;
    for (const std::string_view suffix : SeriesSuffixes(back ? entry.new_type : entry.type)) {
      taken.insert((back ? entry.new_name : entry.old_name) + std::string(suffix));
    }
  }
  for (const MappingEntry& entry : mapping.entries()) {
    if (entry.fate != MappingEntry::Fate::kReplaced) continue;
    AliasRule rule = MakeRule(entry, siblings[entry.old_name], direction);
    for (const std::string_view suffix : SeriesSuffixes(rule.target_type)) {
      if (rule.impossible || !taken.contains(rule.target + std::string(suffix))) continue;
      rule.impossible = Fault::kReusedName;
    }
    rule.source = EscapeName(rule.source, escaping);
    rule.target = EscapeName(rule.target, escaping);
    EscapeLabelNames(escaping, &rule);
    targets.insert(rule.target);
    // An OpenMetrics family lacks the suffix.
    if (const std::string_view stem = WithoutSuffix(rule.target); !stem.empty()) {
      targets.emplace(stem);
    }
    rules[rule.source].push_back(std::move(rule));
  }
}

void RuleSet::Contents::AddPatterns(const Mapping& mapping, Direction direction) {
  for (const MappingPattern& pattern : mapping.patterns()) {
    if (pattern.entry.fate != MappingEntry::Fate::kReplaced) continue;
    auto read = direction == Direction::kOld ? Pattern::Back(pattern) : Pattern::Forth(pattern);
    if (!read) continue;
    const std::string new_prefix = LiteralStart(ParseReplacement(pattern.entry.new_name));
    const bool old_is_narrower = pattern.prefix.size() > new_prefix.size();
    const bool new_is_narrower = pattern.prefix.size() < new_prefix.size();
    const bool back = direction == Direction::kOld;
    read->target_is_narrower = back ? old_is_narrower : new_is_narrower;
    read->source_is_narrower = back ? new_is_narrower : old_is_narrower;
    prefixes.push_back(pattern.prefix);
    prefixes.push_back(new_prefix);
    patterns.push_back(std::move(*read));
  }
}

void RuleSet::Contents::BuildFilter() {
  constexpr size_t kBitsPerName = 1024;
  constexpr size_t kMostBits = size_t{1} << 22U;
  const size_t names = targets.size() + rules.size();
  filter.resize(std::bit_ceil(std::min(kBitsPerName * names + 64, kMostBits)));
  for (const auto& [source, unused] : rules) AddToFilter(source);
  for (const std::string& target : targets) AddToFilter(target);
}

// A name may stand in a body with a suffix more, or (in OpenMetrics) with one less.
void RuleSet::Contents::AddToFilter(std::string_view name) {
  for (std::string_view part = name; !part.empty(); part = WithoutSuffix(part)) {
    for (const std::string_view suffix : kRoleSuffixes) {
      filter[FilterHash(std::string(part).append(suffix)) & (filter.size() - 1)] = true;
    }
  }
}

NameBeginnings RuleSet::Contents::FindBeginnings() const {
  std::vector<std::string_view> found;
  const auto add = [&found](std::string_view name) {
    std::string_view stem = name;
    for (auto part = name; !part.empty(); part = WithoutSuffix(part)) stem = part;
    found.push_back(stem);
  };
  for (const auto& [source, unused] : rules) add(source);
  for (const std::string& target : targets) add(target);
  // The sample x_count is of the family x, which does not begin with "x_".
  for (const std::string_view prefix : prefixes)
    found.push_back(prefix.substr(0, std::min(prefix.rfind('_'), prefix.size())));
  return NameBeginnings(found);
}

bool RuleSet::MayConcern(std::string_view name) const {
  const std::vector<bool>& filter = contents_->filter;
  if (name.empty()) return false;
  if (filter[FilterHash(name) & (filter.size() - 1)]) return true;
  return std::ranges::any_of(
      contents_->prefixes, [name](const std::string& prefix) { return name.starts_with(prefix); });
}

std::span<const AliasRule> RuleSet::Find(std::string_view name) const {
  const auto found = contents_->rules.find(name);
  if (found == contents_->rules.end()) return {};
  return found->second;
}

RuleSet::Answer RuleSet::Contents::AskPatterns(std::string_view name) const {
  Rules found;
  for (const Pattern& pattern : patterns) {
    std::optional<AliasRule> rule = pattern.RuleFor(name);
    if (!rule) continue;
    const bool back = pattern.direction == Direction::kOld;
    if (old_names.contains(back ? rule->target : rule->source)) continue;
    found.push_back(std::move(*rule));
  }
  Answer answer;
  if (!found.empty()) answer.rules = std::make_shared<const Rules>(std::move(found));
  const std::string_view stem = WithoutSuffix(name);
  std::vector<std::string_view> ignored;
  answer.is_target = std::ranges::any_of(patterns, [&](const Pattern& pattern) {
    return Matches(*pattern.target, name, &ignored) ||
           (!stem.empty() && Matches(*pattern.target, stem, &ignored));
  });
  return answer;
}

RuleSet::Answer RuleSet::AnswerFor(std::string_view name) const {
  if (contents_->patterns.empty()) return {};
  if (std::optional<Answer> answer = contents_->answers->Find(name)) return *answer;
  Answer answer = contents_->AskPatterns(name);
  contents_->answers->Add(name, answer);
  return answer;
}

std::shared_ptr<const RuleSet::Rules> RuleSet::FromPatterns(std::string_view name) const {
  return AnswerFor(name).rules;
}

bool RuleSet::HasSource(std::string_view name) const {
  return !Find(name).empty() || FromPatterns(name) != nullptr;
}

bool RuleSet::IsTarget(std::string_view name) const {
  const NameSet& targets = contents_->targets;
  return targets.contains(name) || targets.contains(WithoutSuffix(name)) ||
         AnswerFor(name).is_target;
}

}  // namespace metrishift::exposition
