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

// What a buffer may keep for the next body.
constexpr size_t kMostKept = 1000;       // of everything that it has several of
constexpr size_t kMostKeptBytes = 1024;  // of one text

void ClearText(std::string* text) {
  text->clear();
  if (text->capacity() > kMostKeptBytes) text->shrink_to_fit();
}

}  // namespace

void AliasSource::Reset() {
  is_open_ = resolved_ = settled_ = has_help_ = false;
  kind_ = {std::nullopt, table_type_};
  ClearText(&help_);
  ClearText(&unit_);
  fault_.reset();
  samples_ = 0;
  targets_.clear();
  images_.clear();
}

void AliasTarget::Reset() {
  if (header_.encoded.size() > kMostKeptBytes) header_ = {};
  is_open_ = has_unclaimed_ = exposed_ = false;
  needs_claims_ = false;
  fault_.reset();
  fed_by_.clear();
  series_.Clear();
  samples_ = 0;
  bytes_.Clear();
}

void AliasBuffer::Begin(const RuleSet& rules, size_t max_bytes) {
  rules_ = &rules;
  max_bytes_ = max_bytes;
}

bool AliasBuffer::End() {
  rules_ = nullptr;
  held_bytes_ = 0;
  for (AliasSource* const source : open_sources_) source->Reset();
  for (AliasTarget* const target : open_targets_) target->Reset();
  open_sources_.clear();
  open_targets_.clear();
  exposed_.clear();
  return std::max({names_.size(), sources_.size(), targets_.size(), renamed_.size(),
                   pattern_rules_.size(), own_rules_.size(), exposed_.bucket_count()}) <= kMostKept;
}

bool AliasBuffer::IsSource(std::string_view family) const {
  if (rules_->HasSource(family)) return true;
  if (format_ != Format::kOpenMetrics) return false;
  return rules_->HasSource(TableName(family, MetricType::kCounter, format_)) ||
         rules_->HasSource(TableName(family, MetricType::kInfo, format_));
}

AliasBuffer::Name* AliasBuffer::Look(std::string_view name) {
  const auto found = names_.find(name);
  if (found != names_.end()) return &found->second;
  Name& fresh = other_name_ = {.text = name};
  fresh.is_source = IsSource(name);
  fresh.is_target = rules_->IsTarget(name);
  if (!fresh.is_source && !fresh.is_target) return &fresh;
  const auto kept = names_.emplace(name, fresh).first;
  kept->second.text = kept->first;
  return &kept->second;
}

AliasSource* AliasBuffer::FindSource(std::string_view family) const {
  const auto found = names_.find(family);
  if (found == names_.end()) return nullptr;
  AliasSource* const source = found->second.source;
  return source != nullptr && source->is_open_ ? source : nullptr;
}

AliasSource* AliasBuffer::OpenSource(Name* name) {
  AliasSource*& source = name->source;
  if (source == nullptr) {
    source = &sources_.emplace_back();
    source->family_ = name->text;
    source->has_classic_name_ = IsMetricName(name->text);
    if (format_ == Format::kText) {
      for (const AliasRule& rule : rules_->Find(name->text)) {
        source->table_type_ = rule.source_type;
      }
    }
    source->Reset();
  }
  if (!std::exchange(source->is_open_, true)) open_sources_.push_back(source);
  return source;
}

void AliasBuffer::MarkExposed(const Name& name) {
  if (!name.is_target || exposed_.contains(name.text)) return;
  exposed_.emplace(name.text);
  held_bytes_ += name.text.size();
  for (const std::string_view family : {name.text, WithoutSuffix(name.text)}) {
    const auto target = target_of_.find(family);
    if (target != target_of_.end()) Suppress(target->second, family, name.text);
    const auto renamed = renamed_.find(family);
    if (renamed == renamed_.end()) continue;
    for (AliasTarget* const other : renamed->second) {
      if (other->form_.family == family) Suppress(other, family, name.text);
    }
  }
}

bool AliasBuffer::HasTarget(std::string_view family, MetricType type) const {
  return rules_->IsTarget(family) ||
         std::ranges::any_of(RolesOf(type, format_), [&](SampleRole role) {
           return rules_->IsTarget(std::string(family).append(RoleSuffix(role)));
         });
}

void AliasBuffer::MarkFamilyExposed(Name* family, MetricType type) {
  const auto bit = static_cast<uint8_t>(1U << static_cast<unsigned>(type));
  if ((family->types_asked & bit) == 0) {
    family->types_asked |= bit;
    if (HasTarget(family->text, type)) family->types_with_targets |= bit;
  }
  if ((family->types_with_targets & bit) == 0) return;
  const std::string name(family->text);
  MarkExposed(*Look(name));
  for (const SampleRole role : RolesOf(type, format_)) {
    MarkExposed(*Look(name + std::string(RoleSuffix(role))));
  }
}

// No alias where `name`, which starts with the target's name or family, is one that it takes.
void AliasBuffer::Suppress(AliasTarget* target, std::string_view family, std::string_view name) {
  if (!target->is_open_) return;
  if (family != name && !RoleIn(target->family(), target->SeriesType(), format_, name)) return;
  target->exposed_ = true;
  Drop(target);
}

bool AliasBuffer::IsExposed(const AliasTarget& target) const {
  if (exposed_.empty()) return false;
  if (exposed_.contains(target.name_) || exposed_.contains(target.family())) return true;
  return std::ranges::any_of(RolesOf(target.SeriesType(), format_), [&](SampleRole role) {
    return exposed_.contains(std::string(target.family()).append(RoleSuffix(role)));
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
  if (source->settled_ || !source->resolved_) return;
  for (const AliasSource::Feed& feed : source->feeds_) {
    if (!is_wanted(feed)) continue;
    if (!feed.is_rename || feed.target->NeedsClaims() || !feed.target->form_.keeps_suffixes) {
      source->images_.clear();
      return;
    }
    source->images_.push_back(feed.target);
  }
}

void AliasBuffer::SetType(AliasSource* source, std::optional<MetricType> type) {
  if (!type) return Spoil(source, Fault::kUnreadableLine);
  if (source->kind_.type) return Spoil(source, Fault::kSecondType);
  if (source->samples_ > 0) return Spoil(source, Fault::kTypeAfterSamples);
  source->kind_.type = type;
  // In OpenMetrics, "unknown" has the bare name alone.
  if (IsKnown(*type) || format_ == Format::kOpenMetrics) source->kind_.series_type = *type;
}

void AliasBuffer::SetHelp(AliasSource* source, std::optional<std::string_view> text) {
  if (source->has_help_) return Spoil(source, Fault::kSecondHelp);
  if (!text) return Spoil(source, Fault::kUnreadableLine);
  source->help_ = *text;
  source->has_help_ = true;
}

void AliasBuffer::SetUnit(AliasSource* source, std::string_view unit) { source->unit_ = unit; }

void AliasBuffer::OpenFeeds(AliasSource* source) {
  source->resolved_ = true;
  if (source->feeds_of_ != source->kind_) FindFeeds(source);
  for (const AliasSource::Feed& feed : source->feeds_) {
    if (feed.target != nullptr) OpenTarget(feed.target, source, *feed.rule);
  }
  for (const AliasSource::Feed& feed : source->feeds_) {
    const MetricType in_table = feed.rule->source_type;
    const MetricType in_body = source->kind_.type.value_or(MetricType::kUntyped);
    if (IsKnown(in_table) && IsKnown(in_body) && !SameShape(in_table, in_body)) {
      return Spoil(source, Fault::kOtherType);
    }
  }
  if (source->fault_) Spoil(source, *source->fault_);
  Settle(source);
}

void AliasBuffer::FindFeeds(AliasSource* source) {
  source->feeds_of_ = source->kind_;
  source->feeds_.clear();
  const std::string name =
      TableName(source->family_, source->kind_.type.value_or(MetricType::kUntyped), format_);
  for (const AliasRule& rule : rules_->Find(name)) AddFeed(source, rule);
  if (auto rules = rules_->FromPatterns(name)) {
    pattern_rules_.push_back(std::move(rules));
    for (const AliasRule& rule : *pattern_rules_.back()) AddFeed(source, rule);
  }
}

// A state set has a label that is called as the family is.
void AliasBuffer::AddFeed(AliasSource* source, const AliasRule& rule) {
  const AliasRule* fitted = &rule;
  if (source->kind_.type == MetricType::kStateSet || rule.source_type == MetricType::kStateSet) {
    AliasRule& own = own_rules_.emplace_back(rule);
    own.labels.renames.push_back({rule.source, rule.target});
    fitted = &own;
  }
  // In protobuf the type decides which field holds the value.
  const bool moves_value =
      format_ == Format::kProtobuf && fitted->source_type != fitted->target_type;
  AliasSource::Feed feed{fitted, nullptr, fitted->IsRename() && !moves_value};
  if (fitted->target_parts.empty()) feed.target = MakeTarget(fitted->target);
  source->feeds_.push_back(feed);
}

AliasTarget* AliasBuffer::MakeTarget(const std::string& name) {
  const auto at = target_of_.try_emplace(name).first;
  if (at->second == nullptr) {
    at->second = &targets_.emplace_back();
    at->second->name_ = at->first;
  }
  return at->second;
}

AliasTarget* AliasBuffer::TargetNamed(const std::string& name, AliasSource* source,
                                      const AliasRule& rule) {
  AliasTarget* const target = MakeTarget(name);
  if (std::ranges::count(target->fed_by_, source) == 0) OpenTarget(target, source, rule);
  return target;
}

void AliasBuffer::OpenTarget(AliasTarget* target, AliasSource* source, const AliasRule& rule) {
  if (!std::exchange(target->is_open_, true)) {
    open_targets_.push_back(target);
    const AliasTarget::Form& form = target->form_;
    const bool has_form = form.source == source && form.rule == &rule && form.kind == source->kind_;
    if (!has_form) Shape(target, *source, rule);
    target->needs_claims_ = !rule.KeepsSeriesApart();
    target->exposed_ = IsExposed(*target);
  } else {
    Share(target);
    // One family cannot be of two kinds.
    const MetricType type = AliasType(rule, source->kind_.series_type, format_);
    if (target->form_.type && source->kind_.type && !SameShape(*target->form_.type, type)) {
      Spoil(target, Fault::kOtherType);
    }
  }
  target->fed_by_.push_back(source);
  source->targets_.push_back(target);
  if (rule.impossible) Spoil(target, *rule.impossible);
}

void AliasBuffer::Share(AliasTarget* target) {
  if (std::exchange(target->needs_claims_, true)) return;
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

void AliasBuffer::Shape(AliasTarget* target, const AliasSource& source, const AliasRule& rule) {
  const MetricType type =
      TypeAllowedFor(target->name_, AliasType(rule, source.SeriesType(), format_), format_);
  target->header_ = {};
  AliasTarget::Form& form = target->form_;
  form = {};
  form.source = &source;
  form.rule = &rule;
  form.kind = source.kind_;
  form.family = FamilyOfTableName(target->name_, type, format_).value_or(target->name_);
  form.series_type = type;
  form.roles = AliasRoles(rule, type, format_);
  form.has_classic_name = IsMetricName(form.family);
  form.keeps_suffixes =
      form.has_classic_name &&
      std::ranges::all_of(RolesOf(source.SeriesType(), format_),
                          [&](SampleRole role) { return target->RoleFor(role) == role; });
  if (rule.sum_and_count_only) {
    form.type = type;
  } else if (source.kind_.type) {
    form.type = IsKnown(*source.kind_.type) ? type : *source.kind_.type;  // "untyped" stays so
  }
  if (target->name_ == form.family) return;
  std::vector<AliasTarget*>& others = renamed_[std::string(form.family)];
  if (std::ranges::count(others, target) == 0) others.push_back(target);
}

void AliasBuffer::WriteHeader(AliasTarget* target) {
  const AliasTarget::Form& form = target->form_;
  const bool keeps_unit = form.rule->unit.IsIdentity();
  const std::string_view help = form.source->help_;
  const std::string_view unit = keeps_unit ? form.source->unit_ : std::string_view();
  AliasTarget::Header& header = target->header_;
  if (!header.encoded.empty() && header.help == help && header.unit == unit) return;
  header.help = help;
  header.unit = unit;
  header.encoded = EncodeHeader({form.family, form.type, help, form.rule->remark, unit}, format_);
}

AliasReport AliasBuffer::Close(AliasTarget* target, ByteRope* block) {
  AliasReport report{std::string(target->name_), std::string(target->form_.source->family_)};
  if (target->exposed_) {
    report.outcome = AliasOutcome::kSuppressed;
    return report;
  }
  if (target->fault_) {
    report.outcome = AliasOutcome::kImpossible;
    report.fault = *target->fault_;
    return report;
  }
  WriteHeader(target);
  const std::string& header = target->header_.encoded;
  const size_t before = block->size();
  if (format_ == Format::kProtobuf) {
    block->Append(LengthPrefix(header.size() + target->bytes_.size()));
  }
  block->Append(header);
  target->bytes_.MoveTo(block);
  report.samples = target->samples_;
  report.bytes = block->size() - before;
  return report;
}

void AliasBuffer::Flush(std::string_view before, ByteRope* block,
                        std::vector<AliasReport>* reports) {
  for (AliasSource* const source : open_sources_) {
    if (source->samples_ > 0 || source->fault_) Resolve(source);
  }
  reports->reserve(reports->size() + open_targets_.size());
  const auto is_added = [](const AliasTarget* target) {
    return target->samples_ > 0 && target->IsWanted();
  };
  if (std::ranges::any_of(open_targets_, is_added)) block->Append(before);
  for (AliasTarget* const target : open_targets_) {
    // Metadata alone, or no series that the rule selects: nothing to be had under this name.
    const bool is_empty = target->samples_ == 0 && !target->exposed_ && !target->fault_;
    if (!is_empty) reports->push_back(Close(target, block));
  }
}

}  // namespace metrishift::exposition
