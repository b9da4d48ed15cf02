#include "exporter/exposition/alias_buffer.h"

#include <algorithm>
#include <utility>

#include "exporter/exposition/alias_header.h"

namespace metrishift::exposition {
namespace {

bool IsKnown(MetricType type) { return type != MetricType::kUntyped; }

// True iff families of the two types have samples of the same names in text.
bool SameShape(MetricType a, MetricType b) {
  return RolesOf(a, Format::kText).data() == RolesOf(b, Format::kText).data();
}

// A family without buckets and quantiles is a summary to every reader.
MetricType AliasType(const AliasRule& rule, MetricType in_body, Format format) {
  if (rule.sum_and_count_only) return MetricType::kSummary;
  if (!IsKnown(in_body) && format == Format::kOpenMetrics) return MetricType::kUntyped;
  const bool changes = rule.source_type != rule.target_type && IsKnown(rule.target_type);
  return changes || !IsKnown(in_body) ? rule.target_type : in_body;
}

// For each role of the source the role that the alias writes it under, or -1.
std::array<int8_t, 9> AliasRoles(const AliasRule& rule, MetricType alias, Format format) {
  std::array<int8_t, 9> in_alias{};
  const std::span<const SampleRole> roles = RolesOf(alias, format);
  for (size_t i = 0; i < in_alias.size(); ++i) {
    const auto role = static_cast<SampleRole>(i);
    const bool is_value =
        role == SampleRole::kBare || role == SampleRole::kTotal || role == SampleRole::kInfo;
    const bool is_kept = !rule.sum_and_count_only || role == SampleRole::kSum ||
                         role == SampleRole::kCount || role == SampleRole::kCreated;
    in_alias[i] = -1;
    if (!is_kept) continue;
    if (std::ranges::count(roles, role) > 0) {
      in_alias[i] = static_cast<int8_t>(i);
    } else if (is_value && SameShape(alias, MetricType::kUntyped)) {
      in_alias[i] = static_cast<int8_t>(roles.front());
    }
  }
  return in_alias;
}

}  // namespace

std::string AliasBuffer::TableNameOf(const AliasSource& source) const {
  return TableName(source.family_, source.type_.value_or(MetricType::kUntyped), format_);
}

bool AliasBuffer::IsSource(std::string_view family) const {
  if (rules_.HasSource(family)) return true;
  if (format_ != Format::kOpenMetrics) return false;
  return rules_.HasSource(TableName(family, MetricType::kCounter, format_)) ||
         rules_.HasSource(TableName(family, MetricType::kInfo, format_));
}

AliasSource* AliasBuffer::FindSource(std::string_view family) const {
  const auto found = source_of_.find(family);
  return found == source_of_.end() ? nullptr : found->second;
}

AliasSource* AliasBuffer::OpenSource(std::string_view family) {
  if (AliasSource* const source = FindSource(family)) return source;
  AliasSource& source = sources_.emplace_back();
  source.family_ = source_of_.emplace(family, &source).first->first;
  if (format_ == Format::kText) {
    for (const AliasRule& rule : rules_.Find(family)) source.series_type_ = rule.source_type;
  }
  return &source;
}

void AliasBuffer::MarkExposed(std::string_view name) {
  if (exposed_.contains(name) || !rules_.IsTarget(name)) return;
  exposed_.emplace(name);
  held_bytes_ += name.size();
  for (const std::string_view family : {name, WithoutSuffix(name)}) {
    const auto target = target_of_.find(family);
    if (target != target_of_.end()) Suppress(target->second, family, name);
    const auto renamed = renamed_.find(family);
    if (renamed == renamed_.end()) continue;
    for (AliasTarget* const other : renamed->second) Suppress(other, family, name);
  }
}

// No alias where `name`, which starts with the target's name or family, is one that it takes.
void AliasBuffer::Suppress(AliasTarget* target, std::string_view family, std::string_view name) {
  if (family != name && !RoleIn(target->family_, target->series_type_, format_, name)) return;
  target->exposed_ = true;
  Drop(target);
}

bool AliasBuffer::IsExposed(const AliasTarget& target) const {
  if (exposed_.empty()) return false;
  if (exposed_.contains(target.name_) || exposed_.contains(target.family_)) return true;
  return std::ranges::any_of(RolesOf(target.series_type_, format_), [&](SampleRole role) {
    return exposed_.contains(std::string(target.family_).append(RoleSuffix(role)));
  });
}

void AliasBuffer::Spoil(AliasSource* source, Fault fault) {
  if (!source->fault_) source->fault_ = fault;
  for (AliasTarget* const target : source->targets_) Spoil(target, *source->fault_);
  Settle(source);
}

void AliasBuffer::Spoil(AliasTarget* target, Fault fault) {
  if (target->fault_) return;
  target->fault_ = fault;
  Drop(target);
}

// What can no longer be wanted frees its memory at once; it does not count towards the ceiling
// either.
void AliasBuffer::Drop(AliasTarget* target) {
  held_bytes_ -= target->bytes_.size();
  target->bytes_.Clear();
  target->series_.Clear();
  for (AliasSource* const source : target->fed_by_) {
    if (source->resolved_) Settle(source);
  }
}

// Follows from what became of the source and its targets.
void AliasBuffer::Settle(AliasSource* source) {
  const auto is_wanted = [](const AliasSource::Feed& feed) {
    return feed.target == nullptr ? !feed.rule->impossible : feed.target->IsWanted();
  };
  source->settled_ = source->fault_.has_value() ||
                     (source->resolved_ && std::ranges::none_of(source->feeds_, is_wanted));
  source->images_.clear();
  if (source->settled_) return;
  for (const AliasSource::Feed& feed : source->feeds_) {
    if (!is_wanted(feed)) continue;
    if (feed.target == nullptr || !feed.target->is_image_ || !feed.target->keeps_suffixes_) {
      source->images_.clear();
      return;
    }
    source->images_.push_back(feed.target);
  }
}

void AliasBuffer::SetType(AliasSource* source, std::optional<MetricType> type) {
  if (!type) return Spoil(source, Fault::kUnreadableLine);
  if (source->type_) return Spoil(source, Fault::kSecondType);
  if (source->samples_ > 0) return Spoil(source, Fault::kTypeAfterSamples);
  source->type_ = type;
  if (IsKnown(*type)) source->series_type_ = *type;
  // In OpenMetrics, "unknown" has the bare name alone.
  if (format_ == Format::kOpenMetrics) source->series_type_ = *type;
}

void AliasBuffer::SetHelp(AliasSource* source, std::optional<std::string_view> text) {
  if (source->help_) return Spoil(source, Fault::kSecondHelp);
  if (!text) return Spoil(source, Fault::kUnreadableLine);
  source->help_ = *text;
}

void AliasBuffer::SetUnit(AliasSource* source, std::string_view unit) { source->unit_ = unit; }

void AliasBuffer::FindFeeds(AliasSource* source) {
  source->resolved_ = true;
  const std::string name = TableNameOf(*source);
  for (const AliasRule& rule : rules_.Find(name)) AddFeed(source, rule);
  if (auto rules = rules_.FromPatterns(name)) {
    pattern_rules_.push_back(std::move(rules));
    for (const AliasRule& rule : *pattern_rules_.back()) AddFeed(source, rule);
  }
  for (const AliasSource::Feed& feed : source->feeds_) {
    const MetricType in_table = feed.rule->source_type;
    const MetricType in_body = source->type_.value_or(MetricType::kUntyped);
    if (IsKnown(in_table) && IsKnown(in_body) && !SameShape(in_table, in_body)) {
      return Spoil(source, Fault::kOtherType);
    }
  }
  if (source->fault_) Spoil(source, *source->fault_);
  Settle(source);
}

// A state set has a label that is called as the family is.
void AliasBuffer::AddFeed(AliasSource* source, const AliasRule& rule) {
  const AliasRule* fitted = &rule;
  if (source->type_ == MetricType::kStateSet || rule.source_type == MetricType::kStateSet) {
    AliasRule& own = own_rules_.emplace_back(rule);
    own.labels.renames.push_back({rule.source, rule.target});
    fitted = &own;
  }
  // In protobuf the type decides which field holds the value.
  const bool moves_value =
      format_ == Format::kProtobuf && fitted->source_type != fitted->target_type;
  AliasSource::Feed feed{fitted, nullptr, fitted->IsRename() && !moves_value};
  if (fitted->target_parts.empty()) feed.target = OpenTarget(fitted->target, source, *fitted);
  if (feed.target != nullptr && !feed.is_rename) feed.target->is_image_ = false;
  source->feeds_.push_back(feed);
}

AliasTarget* AliasBuffer::TargetNamed(const std::string& name, AliasSource* source,
                                      const AliasRule& rule) {
  const auto found = target_of_.find(name);
  const bool is_fed =
      found != target_of_.end() && std::ranges::count(found->second->fed_by_, source) > 0;
  return is_fed ? found->second : OpenTarget(name, source, rule);
}

AliasTarget* AliasBuffer::OpenTarget(const std::string& name, AliasSource* source,
                                     const AliasRule& rule) {
  const auto at = target_of_.try_emplace(name).first;
  AliasTarget*& target = at->second;
  if (target == nullptr) {
    target = &targets_.emplace_back();
    target->name_ = at->first;
    Describe(target, *source, rule);
  } else {
    Share(target);
    // One family cannot be of two kinds.
    const MetricType type = AliasType(rule, source->series_type_, format_);
    if (target->type_ && source->type_ && !SameShape(*target->type_, type)) {
      Spoil(target, Fault::kOtherType);
    }
  }
  target->fed_by_.push_back(source);
  source->targets_.push_back(target);
  if (rule.impossible) Spoil(target, *rule.impossible);
  return target;
}

// From now on it has to be seen to that no series comes twice.
void AliasBuffer::Share(AliasTarget* target) {
  if (!std::exchange(target->is_image_, false)) return;
  target->has_unclaimed_ = target->samples_ > 0;
  for (AliasSource* const source : target->fed_by_) {
    if (source->resolved_) Settle(source);
  }
}

void AliasBuffer::ClaimHeld(AliasTarget* target, const std::vector<uint64_t>& hashes) {
  target->has_unclaimed_ = false;
  for (const uint64_t hash : hashes) {
    if (!Claim(target, hash)) return;
  }
}

void AliasBuffer::Describe(AliasTarget* target, const AliasSource& source, const AliasRule& rule) {
  const MetricType type =
      TypeAllowedFor(target->name_, AliasType(rule, source.series_type_, format_), format_);
  target->family_ = FamilyOfTableName(target->name_, type, format_).value_or(target->name_);
  target->has_classic_name_ = IsMetricName(target->family_);
  target->source_ = source.family_;
  if (source.help_) target->help_ = *source.help_;
  target->unit_ = rule.unit.IsIdentity() ? source.unit_ : "";
  target->remark_ = rule.remark;
  target->roles_ = AliasRoles(rule, type, format_);
  target->is_image_ = rule.IsRename();
  target->keeps_suffixes_ =
      target->has_classic_name_ &&
      std::ranges::all_of(RolesOf(source.series_type_, format_),
                          [&](SampleRole role) { return target->RoleFor(role) == role; });
  if (rule.sum_and_count_only) {
    target->type_ = type;
  } else if (source.type_) {
    target->type_ = IsKnown(*source.type_) ? type : *source.type_;  // "untyped" stays so
  }
  target->series_type_ = type;
  if (target->name_ != target->family_) {
    renamed_[std::string(target->family_)].push_back(target);
  }
  target->exposed_ = IsExposed(*target);
}

AliasReport AliasBuffer::Close(AliasTarget* target, ByteRope* block) {
  AliasReport report{std::string(target->name_), std::string(target->source_)};
  if (target->exposed_) {
    report.outcome = AliasOutcome::kSuppressed;
    return report;
  }
  if (target->fault_) {
    report.outcome = AliasOutcome::kImpossible;
    report.fault = *target->fault_;
    return report;
  }
  const std::string header = EncodeHeader(
      {target->family_, target->type_, target->help_, target->remark_, target->unit_}, format_);
  const size_t before = block->size();
  if (format_ == Format::kProtobuf)
    block->Append(LengthPrefix(header.size() + target->bytes_.size()));
  block->Append(header);
  block->Append(std::move(target->bytes_));
  report.samples = target->samples_;
  report.bytes = block->size() - before;
  return report;
}

ByteRope AliasBuffer::Flush(std::vector<AliasReport>* reports) {
  for (AliasSource& source : sources_) {
    if (source.samples_ > 0 || source.fault_) Resolve(&source);
  }
  ByteRope block;
  for (AliasTarget& target : targets_) {
    // Metadata alone, or no series that the rule selects: nothing to be had under this name.
    const bool is_empty = target.samples_ == 0 && !target.exposed_ && !target.fault_;
    if (!is_empty) reports->push_back(Close(&target, &block));
  }
  return block;
}

}  // namespace metrishift::exposition
