#include "exporter/exposition/text_reader.h"

#include <optional>

#include "exporter/exposition/alias_header.h"
#include "exporter/exposition/alike_lines.h"
#include "exporter/exposition/byte_scan.h"
#include "exporter/exposition/number.h"

namespace metrishift::exposition {
namespace {

char* Put(char* at, std::string_view bytes) { return CopyBytes(at, bytes.data(), bytes.size()); }

uint64_t RoleHash(SampleRole role) { return static_cast<uint64_t>(role) * 0x9e3779b97f4a7c15U; }

// `value` in the unit of the alias. A text whose number does not change stays as it is.
std::string InUnit(std::string_view text, const UnitChange& unit) {
  double value = 0;
  if (!ParseValue(text, &value)) return std::string(text);
  const double changed = unit.Apply(value);
  return changed == value ? std::string(text) : FormatNumber(changed);
}

// The exemplar's value is in the unit of what is measured, too: " # {trace_id="x"} 0.5 1.2".
std::string TailInUnit(std::string_view tail, const UnitChange& unit) {
  const size_t open = tail.find('{');
  const size_t close = tail.rfind('}');
  if (open == tail.npos || close == tail.npos) return std::string(tail);
  const size_t begin = std::min(tail.find_first_not_of(' ', close + 1), tail.size());
  const size_t end = std::min(tail.find(' ', begin), tail.size());
  return std::string(tail.substr(0, begin)) + InUnit(tail.substr(begin, end - begin), unit) +
         std::string(tail.substr(end));
}

bool IsMeasured(SampleRole role) {
  return role == SampleRole::kBare || role == SampleRole::kTotal || role == SampleRole::kSum ||
         role == SampleRole::kGSum;
}

}  // namespace

void TextReader::OnOtherLine(std::string_view line) {
  const size_t start = line.find_first_not_of(" \t");
  if (start == line.npos) return;
  if (line[start] == '#') {
    if (const std::optional<Metadata> metadata = ParseMetadata(line, format_)) {
      OnMetadata(*metadata);
    }
    return;
  }
  const std::string_view name = SampleName(line, format_);
  if (!name.empty()) OpenBySample(name);
  if (source_ == nullptr || source_->IsSettled()) return;
  LineQueue none(nullptr, nullptr, {});
  OnSample(line, tracker_.Continues(line) ? stem_ : 0, &none);
}

void TextReader::OnMetadata(const Metadata& metadata) {
  if (metadata.name != tracker_.family()) OpenByMetadata(metadata.name);
  switch (metadata.kind) {
    case Metadata::Kind::kHelp:
      if (source_ == nullptr) return;
      aliases_.SetHelp(source_, IsHelpText(metadata.text, format_) ? std::optional(metadata.text)
                                                                   : std::nullopt);
      return;
    case Metadata::Kind::kUnit:
      if (source_ != nullptr) aliases_.SetUnit(source_, metadata.text);
      return;
    case Metadata::Kind::kType:
      break;
  }
  const std::optional<MetricType> type = ParseTypeWord(metadata.text, format_);
  if (!concerned_) return tracker_.SetType(type.value_or(MetricType::kUntyped));
  if (source_ != nullptr) aliases_.SetType(source_, type);
  tracker_.SetType(source_ != nullptr ? source_->SeriesType()
                                      : type.value_or(MetricType::kUntyped));
  aliases_.MarkFamilyExposed(aliases_.Look(metadata.name), tracker_.type());
}

void TextReader::OpenUnconcerned(std::string_view name) {
  concerned_ = false;
  source_ = nullptr;
  tracker_.Open(name, MetricType::kUntyped);
}

void TextReader::Enter(AliasSource* source) {
  source_ = source;
  tracker_.Open(source->family(), source->SeriesType());
  stem_ = source->HasClassicName() ? source->family().size() : 0;
  // OpenMetrics forbids a family to come back after another.
  if (format_ == Format::kOpenMetrics && source->samples() > 0) {
    aliases_.Spoil(source, Fault::kNotGrouped);
  }
}

void TextReader::OpenByMetadata(std::string_view name) {
  if (!aliases_.rules().MayConcern(name)) return OpenUnconcerned(name);
  concerned_ = true;
  source_ = nullptr;
  AliasBuffer::Name* const known = aliases_.Look(name);
  if (known->is_source) {
    Enter(aliases_.OpenSource(known));
  } else {
    tracker_.Open(name, MetricType::kUntyped);
  }
  aliases_.MarkExposed(*known);
  SpoilHistogramAround(name);
}

// "# TYPE x_count counter" in the middle of histogram x: its samples would be taken for x's, or x's
// for its.
void TextReader::SpoilHistogramAround(std::string_view name) {
  AliasSource* const other = aliases_.FindSource(WithoutSuffix(name));
  if (other != nullptr && RoleIn(other->family(), other->SeriesType(), format_, name)) {
    aliases_.Spoil(other, Fault::kNameClash);
  }
}

// Series of a histogram or summary away from its TYPE line, or without one.
AliasSource* TextReader::SourceWithSeries(std::string_view name) {
  const std::string_view stem = WithoutSuffix(name);
  AliasSource* source = aliases_.FindSource(stem);
  if (source == nullptr && format_ == Format::kText) {
    for (const AliasRule& rule : aliases_.rules().Find(stem)) {
      if (!RoleIn(stem, rule.source_type, format_, name)) continue;
      source = aliases_.OpenSource(aliases_.Look(stem));
    }
  }
  if (source == nullptr || !RoleIn(stem, source->SeriesType(), format_, name)) return nullptr;
  return source;
}

void TextReader::OpenBySample(std::string_view name) {
  if (RoleIn(tracker_.family(), tracker_.type(), format_, name)) return;
  if (!aliases_.rules().MayConcern(name)) return OpenUnconcerned(name);
  concerned_ = true;
  AliasBuffer::Name* const known = aliases_.Look(name);
  aliases_.MarkExposed(*known);
  AliasSource* const source =
      known->is_source ? aliases_.OpenSource(known) : SourceWithSeries(name);
  if (source != nullptr) return Enter(source);
  source_ = nullptr;
  tracker_.Open(name, MetricType::kUntyped);
}

void TextReader::OnSample(std::string_view line, size_t stem, LineQueue* more) {
  aliases_.Resolve(source_);
  if (stem > 0 && !source_->images().empty()) {
    CopyToImages(line, stem);
    return CopyAlike(more);
  }
  const std::optional<Sample> sample = parser_.Parse(line, stem);
  if (!sample) return aliases_.Spoil(source_, Fault::kUnreadableLine);
  const auto role = RoleIn(source_->family(), source_->SeriesType(), format_, sample->name);
  if (!role) return aliases_.Spoil(source_, Fault::kOtherType);
  aliases_.CountSamples(source_, 1);
  for (const AliasSource::Feed& feed : source_->feeds()) {
    if (feed.target != nullptr && !feed.target->IsWanted()) continue;
    if (feed.is_rename && feed.target != nullptr) {
      CopyLine(feed.target, line, *sample, *role);
    } else {
      ChangeLine(feed, *sample, *role);
    }
  }
}

// REQUIRES: the line continues the family.
void TextReader::CopyToImages(std::string_view line, size_t stem) {
  if (!parser_.CanRead(line, stem)) return aliases_.Spoil(source_, Fault::kUnreadableLine);
  aliases_.CountSamples(source_, 1);
  const std::string_view rest = line.substr(stem);
  for (AliasTarget* const target : source_->images()) {
    const std::string_view family = target->family();
    char* at = Put(aliases_.Reserve(target, family.size() + rest.size() + 1), family);
    at = Put(at, rest);
    *at++ = '\n';
    aliases_.Commit(target, at);
  }
}

// What CopyToImages would do with the next lines.
void TextReader::CopyAlike(LineQueue* more) {
  if (!kCanCopyAlikeLines || more->empty()) return;
  const std::string_view outline = parser_.outline();
  if (outline.empty() || source_->images().size() != 1) return;
  AliasTarget* const target = source_->images().front();
  size_t count = 0;
  char* const end =
      CopyAlikeLines({source_->family(), outline, target->family(), scanner_.max_line()}, more,
                     aliases_.Reserve(target, 0), aliases_.RoomEnd(*target), &count);
  aliases_.CountSamples(source_, count);
  aliases_.Commit(target, end, count);
}

void TextReader::CopyLine(AliasTarget* target, std::string_view line, const Sample& sample,
                          SampleRole role) {
  const std::optional<SampleRole> in_alias = target->RoleFor(role);
  if (!in_alias) return;
  if (target->NeedsClaims() && !Claim(target, sample.labels, *in_alias)) return;
  if (!sample.quoted_name && !target->HasClassicName()) {
    return WriteLine(target, AliasRule(), sample, role);
  }
  const auto name_at = static_cast<size_t>(sample.name.data() - line.data());
  const std::string_view rest = line.substr(name_at + sample.name.size());
  const std::string_view suffix = RoleSuffix(*in_alias);
  const size_t size = line.size() + target->family().size() + suffix.size() + 1;
  char* at = aliases_.Reserve(target, size);
  at = Put(at, line.substr(0, name_at));
  at = Put(at, target->family());
  at = Put(at, suffix);
  at = Put(at, rest);
  *at++ = '\n';
  aliases_.Commit(target, at);
}

std::string_view TextReader::Unescaped(std::string_view text) {
  return text.find('\\') == text.npos ? text : unescaped_.emplace_back(Unescape(text));
}

std::vector<LabelItem> TextReader::UnescapedLabels() {
  unescaped_.clear();
  std::vector<LabelItem> items;
  for (const TextLabel& label : parser_.labels()) {
    items.push_back({Unescaped(label.name), Unescaped(label.value), label.whole});
  }
  return items;
}

void TextReader::ChangeLine(const AliasSource::Feed& feed, const Sample& sample, SampleRole role) {
  const std::vector<LabelItem> items = UnescapedLabels();
  const LabelChanger::Result result = changer_.Apply(*feed.rule, items);
  if (result == LabelChanger::Result::kNotSelected) return;
  AliasTarget* target = feed.target;
  if (target == nullptr) target = aliases_.TargetNamed(changer_.target(), source_, *feed.rule);
  if (!target->IsWanted()) return;
  if (result == LabelChanger::Result::kClash) return aliases_.Spoil(target, Fault::kLabelClash);
  const std::optional<SampleRole> in_alias = target->RoleFor(role);
  if (!in_alias) return;
  const UnitChange& unit = feed.rule->unit;
  if (role == SampleRole::kBucket && !unit.IsIdentity()) {
    for (const LabelItem& item : items) {
      double bound = 0;
      if (item.name != "le" || !ParseValue(item.value, &bound)) continue;
      changer_.SetValue("le", format_ == Format::kText ? FormatNumber(unit.Apply(bound))
                                                       : FormatBound(unit.Apply(bound)));
    }
  }
  if (changer_.may_merge()) aliases_.Share(target);
  if (target->NeedsClaims() && !Claim(target, changer_.hash(), *in_alias)) return;
  WriteLine(target, *feed.rule, sample, role);
}

bool TextReader::Claim(AliasTarget* target, uint64_t labels, SampleRole role) {
  if (target->HasUnclaimed()) aliases_.ClaimHeld(target, SeriesOf(*target));
  return target->IsWanted() && aliases_.Claim(target, labels + RoleHash(role));
}

// What Claim would have been asked for each line that the target holds.
std::vector<uint64_t> TextReader::SeriesOf(const AliasTarget& target) const {
  std::vector<uint64_t> series;
  SampleParser parser(format_);
  target.bytes().ForEach([&](std::string_view lines) {
    while (!lines.empty()) {
      const std::string_view line = lines.substr(0, lines.find('\n'));
      lines.remove_prefix(line.size() + 1);
      const Sample sample = parser.Parse(line).value_or(Sample());
      const auto role =
          RoleIn(target.family(), target.SeriesType(), format_, Unescape(sample.name));
      series.push_back(sample.labels + RoleHash(role.value_or(SampleRole::kBare)));
    }
  });
  return series;
}

// name{labels} value tail, or {"name",labels} for a name that has to be quoted.
void TextReader::WriteLine(AliasTarget* target, const AliasRule& rule, const Sample& sample,
                           SampleRole role) {
  const std::string name = std::string(target->family()).append(RoleSuffix(*target->RoleFor(role)));
  const bool quoted = !IsMetricName(name);
  if (rule.labels.IsIdentity() && rule.unit.IsIdentity()) changer_.Apply(rule, UnescapedLabels());
  scratch_ = quoted ? "{" + QuotedName(name) : name;
  bool first = !quoted;
  for (const LabelItem& label : changer_.labels()) {
    scratch_ += std::exchange(first, false) ? '{' : ',';
    if (!label.whole.empty()) {
      scratch_ += label.whole;
      continue;
    }
    scratch_.append(QuotedName(label.name)).append("=\"");
    AppendEscaped(label.value, &scratch_);
    scratch_ += '"';
  }
  if (!first) scratch_ += '}';
  const bool changes = !rule.unit.IsIdentity();
  scratch_ += ' ';
  scratch_ +=
      changes && IsMeasured(role) ? InUnit(sample.value, rule.unit) : std::string(sample.value);
  scratch_ += changes ? TailInUnit(sample.tail, rule.unit) : std::string(sample.tail);
  scratch_ += '\n';
  aliases_.Commit(target, Put(aliases_.Reserve(target, scratch_.size()), scratch_));
}

}  // namespace metrishift::exposition
