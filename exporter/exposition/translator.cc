#include "exporter/exposition/translator.h"

#include <array>
#include <utility>

namespace metrishift::exposition {

std::string_view LimitName(LimitReached limit) {
  constexpr std::array<std::string_view, 3> kNames = {"none", "line_bytes", "alias_bytes"};
  return kNames[static_cast<size_t>(limit)];
}

Translator::Translator(Mapping mapping, Limits limits)
    : mapping_(std::move(mapping)),
      filter_(mapping_),
      scanner_(limits.max_line_bytes),
      aliases_(mapping_, limits.max_alias_bytes) {}

bool Translator::Feed(std::string_view chunk) {
  if (limit_reached_ != LimitReached::kNone) return false;
  if (!scanner_.Feed(chunk, [this](std::string_view line) { OnLine(line); })) {
    limit_reached_ = LimitReached::kLineBytes;
  } else if (aliases_.overflowed()) {
    limit_reached_ = LimitReached::kAliasBytes;
  }
  return limit_reached_ == LimitReached::kNone;
}

bool Translator::Finish(Translation* translation) {
  const bool lacks_newline = !scanner_.tail().empty();
  // A last line without its line end is read like any other, and gets one if something has to
  // follow it.
  if (lacks_newline && !Feed("\n")) return false;
  if (limit_reached_ != LimitReached::kNone) return false;
  translation->alias_block = aliases_.Flush(&translation->reports);
  if (lacks_newline && !translation->alias_block.empty()) translation->alias_block.insert(0, "\n");
  return true;
}

void Translator::OnLine(std::string_view line) {
  if (!tracker_.Continues(line)) return OnOtherLine(line);
  if (group_ != nullptr && !group_->IsSettled()) OnSample(line);
}

void Translator::OnOtherLine(std::string_view line) {
  const size_t start = line.find_first_not_of(" \t");
  if (start == line.npos) return;
  if (line[start] == '#') {
    if (const std::optional<Metadata> metadata = ParseMetadata(line)) OnMetadata(*metadata);
    return;
  }
  const std::string_view name = SampleName(line);
  if (!name.empty()) OpenFamilyOfSample(name);
  if (group_ != nullptr && !group_->IsSettled()) OnSample(line);
}

void Translator::OnSample(std::string_view line) {
  if (const std::optional<Sample> sample = parser_.Parse(line)) {
    aliases_.AddSample(group_, line, *sample);
  } else {
    aliases_.Spoil(group_, Fault::kUnreadableLine);
  }
}

void Translator::OnMetadata(const Metadata& metadata) {
  if (metadata.name != tracker_.family()) OpenFamilyOfMetadata(metadata.name);
  if (metadata.kind == Metadata::Kind::kHelp) {
    if (group_ != nullptr) aliases_.SetHelp(group_, metadata.text);
    return;
  }
  const std::optional<MetricType> type = ParseTextType(metadata.text);
  if (group_ != nullptr) aliases_.SetType(group_, type);
  tracker_.SetType(type.value_or(MetricType::kUntyped));
  if (concerned_) MarkFamilyExposed(metadata.name, tracker_.type());
}

void Translator::OpenUnconcernedFamily(std::string_view name) {
  concerned_ = false;
  group_ = nullptr;
  tracker_.Open(name, MetricType::kUntyped);
}

void Translator::OpenFamilyOfMetadata(std::string_view name) {
  if (!filter_.MayConcern(name)) return OpenUnconcernedFamily(name);
  concerned_ = true;
  const auto entries = mapping_.FindNewFamily(name);
  group_ = entries.empty() ? nullptr : aliases_.GroupFor(entries);
  tracker_.Open(name, group_ == nullptr ? MetricType::kUntyped : group_->SeriesType());
  MarkFamilyExposed(name, MetricType::kUntyped);
  // "# TYPE x_count counter" in the middle of histogram x: its samples would be taken for x's, or
  // x's for its.
  const auto stem = mapping_.FindNewFamily(WithoutSuffix(name));
  AliasGroup* const other = stem.empty() ? nullptr : aliases_.FindGroup(stem.front());
  if (other != nullptr && SuffixIn(other->family(), other->SeriesType(), name)) {
    aliases_.Spoil(other, Fault::kNameClash);
  }
}

void Translator::OpenFamilyOfSample(std::string_view name) {
  if (SuffixIn(tracker_.family(), tracker_.type(), name)) return;
  if (!filter_.MayConcern(name)) return OpenUnconcernedFamily(name);
  concerned_ = true;
  MarkExposed(name);
  std::string_view family = name;
  auto entries = mapping_.FindNewFamily(name);
  if (entries.empty()) {
    // Series of a histogram or summary away from its TYPE line, or without one.
    family = WithoutSuffix(name);
    entries = mapping_.FindNewFamily(family);
    if (!entries.empty() && !SuffixIn(family, entries.front()->type, name)) entries = {};
  }
  group_ = entries.empty() ? nullptr : aliases_.GroupFor(entries);
  if (group_ == nullptr) {
    tracker_.Open(name, MetricType::kUntyped);
  } else {
    tracker_.Open(family, group_->SeriesType());
  }
}

void Translator::MarkExposed(std::string_view name) {
  if (const auto match = mapping_.FindOld(name)) aliases_.MarkExposed(match->entry);
  // The bare name of a histogram is no series, so FindOld does not know it; any of its series leads
  // to it.
  const auto bucket = mapping_.FindOld(std::string(name).append("_bucket"));
  if (bucket && bucket->entry->old_name == name) aliases_.MarkExposed(bucket->entry);
}

// A family takes its name and the names of its series.
void Translator::MarkFamilyExposed(std::string_view family, MetricType type) {
  MarkExposed(family);
  for (const std::string_view suffix : TextSuffixes(type)) {
    MarkExposed(std::string(family).append(suffix));
  }
}

}  // namespace metrishift::exposition
