#ifndef METRISHIFT_EXPORTER_EXPOSITION_ALIAS_BUFFER_H_
#define METRISHIFT_EXPORTER_EXPOSITION_ALIAS_BUFFER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/exposition/alias_rule.h"
#include "exporter/exposition/byte_rope.h"
#include "exporter/exposition/name_map.h"
#include "exporter/exposition/rule_set.h"
#include "exporter/exposition/sample_role.h"
#include "exporter/exposition/series_set.h"

namespace metrishift::exposition {

enum class AliasOutcome : uint8_t {
  kAdded,
  kSuppressed,  // the upstream exposes the name itself
  kImpossible,  // see AliasReport::fault
};

// What became of one alias that the body has something for.
struct AliasReport {
  std::string name;    // as tables write it
  std::string source;  // the family it is made of; the first where there are several
  AliasOutcome outcome = AliasOutcome::kAdded;
  Fault fault = Fault::kUnreadableLine;  // meaningful for kImpossible
  size_t samples = 0;                    // added samples; in protobuf metrics
  size_t bytes = 0;                      // added bytes, HELP and TYPE included
};

class AliasSource;

// One alias family under way.
class AliasTarget {
 public:
  // What a sample of role `role` of the source is to the alias; nothing where it has no such
  // sample.
  std::optional<SampleRole> RoleFor(SampleRole role) const {
    const int8_t in_alias = roles_[static_cast<size_t>(role)];
    if (in_alias < 0) return std::nullopt;
    return static_cast<SampleRole>(in_alias);
  }

  std::string_view family() const { return family_; }  // as the body's format writes it
  MetricType SeriesType() const { return series_type_; }
  bool HasClassicName() const { return has_classic_name_; }
  bool IsWanted() const { return !exposed_ && !fault_; }

  // True iff the alias is one source under another name. It has the same series as that one, as
  // often, and readers make the same of either: nobody has to look whether one comes twice.
  bool IsImage() const { return is_image_; }

  // What is held of it, in pieces that end with a sample; and whether these were never claimed,
  // because it was an image before.
  const ByteRope& bytes() const { return bytes_; }
  bool HasUnclaimed() const { return has_unclaimed_; }

 private:
  friend class AliasBuffer;

  // These point into the buffer's maps, sources and rules.
  std::string_view name_;  // as tables write it
  std::string_view family_;
  std::string_view source_;
  std::string_view remark_;
  std::string_view help_;
  std::optional<MetricType> type_;                 // nothing: none is written
  MetricType series_type_ = MetricType::kUntyped;  // what its samples are called by
  std::string unit_;
  std::array<int8_t, 9> roles_{};  // by the source's role
  bool is_image_ = true;
  bool keeps_suffixes_ = true;  // what follows the family's name in a line is that of the source
  bool has_unclaimed_ = false;
  bool has_classic_name_ = true;
  bool exposed_ = false;
  std::optional<Fault> fault_;
  std::vector<AliasSource*> fed_by_;
  SeriesSet series_;
  size_t samples_ = 0;
  ByteRope bytes_;
};

// One family of the body that aliases are made of.
class AliasSource {
 public:
  struct Feed {
    const AliasRule* rule = nullptr;
    AliasTarget* target = nullptr;  // nullptr where labels make its name
    bool is_rename = false;
  };

  std::string_view family() const { return family_; }
  size_t samples() const { return samples_; }
  std::optional<MetricType> type() const { return type_; }

  // The type by which series names are cut into family and suffix: that of the body, or the table's
  // when the body has none.
  MetricType SeriesType() const { return series_type_; }

  // True iff no alias can come of this source any more, so that its samples need not be read.
  bool IsSettled() const { return settled_; }

  // What its samples are to be given to; empty until AliasBuffer::Resolve.
  const std::vector<Feed>& feeds() const { return feeds_; }

  // What its samples are to be given to where all that is wanted are images with its own suffixes;
  // empty otherwise.
  const std::vector<AliasTarget*>& images() const { return images_; }

 private:
  friend class AliasBuffer;

  std::string_view family_;          // a key of the buffer's map
  std::optional<std::string> help_;  // as escaped in the body
  std::optional<MetricType> type_;
  std::string unit_;
  MetricType series_type_ = MetricType::kUntyped;
  std::optional<Fault> fault_;
  bool resolved_ = false;
  bool settled_ = false;
  size_t samples_ = 0;
  std::vector<Feed> feeds_;
  std::vector<AliasTarget*> targets_;
  std::vector<AliasTarget*> images_;
};

// Collects the aliases while the body passes, and drops those whose names the upstream turns out to
// expose itself. The only thing in exposition/ that grows with the body; `max_bytes` bounds the
// samples held (for aliases that are no images, 16 to 64 bytes of bookkeeping per sample come on
// top, to find series that become one). Knows sources, targets and what speaks against them; how a
// sample is written is the readers' part. Not thread-safe.
class AliasBuffer {
 public:
  AliasBuffer(RuleSet rules, Format format, size_t max_bytes)
      : rules_(std::move(rules)), format_(format), max_bytes_(max_bytes) {}

  const RuleSet& rules() const { return rules_; }

  // True iff there is a rule for what the body calls `family`.
  bool IsSource(std::string_view family) const;

  // The source of that family; always the same. Lives as long as the buffer.
  AliasSource* OpenSource(std::string_view family);

  // The same, or nullptr when OpenSource has not been called for it.
  AliasSource* FindSource(std::string_view family) const;

  // The upstream exposes `name`, as a family or as a sample.
  void MarkExposed(std::string_view name);

  // No alias of this source. The first fault is the one reported.
  void Spoil(AliasSource* source, Fault fault);
  void Spoil(AliasTarget* target, Fault fault);

  // What the body says of the source; nothing for what cannot be read.
  void SetType(AliasSource* source, std::optional<MetricType> type);
  void SetHelp(AliasSource* source, std::optional<std::string_view> text);
  void SetUnit(AliasSource* source, std::string_view unit);

  // Finds the rules of a source, once: with its first sample its type is known.
  void Resolve(AliasSource* source) {
    if (!source->resolved_) FindFeeds(source);
  }

  // The target of a rule whose labels make its name.
  AliasTarget* TargetNamed(const std::string& name, AliasSource* source, const AliasRule& rule);

  void CountSample(AliasSource* source) { ++source->samples_; }

  // Takes the series `hash` for the alias; false, and no alias any more, where it is there already.
  // REQUIRES: the target has no unclaimed ones.
  bool Claim(AliasTarget* target, uint64_t hash) {
    if (target->series_.Insert(hash)) return true;
    Spoil(target, Fault::kCollision);
    return false;
  }

  // The same for what the target holds unclaimed.
  void ClaimHeld(AliasTarget* target, const std::vector<uint64_t>& hashes);

  // Where the reader writes the sample, in one piece of at most `size` bytes.
  char* Reserve(AliasTarget* target, size_t size) { return target->bytes_.Reserve(size); }
  void Commit(AliasTarget* target, char* end) {
    const size_t before = target->bytes_.size();
    target->bytes_.Commit(end);
    held_bytes_ += target->bytes_.size() - before;
    ++target->samples_;
  }

  // True once more than `max_bytes` are held. The scrape has to fail: an alias family with holes
  // would be taken as truth.
  bool overflowed() const { return held_bytes_ > max_bytes_; }

  // Families that are held, whether anything comes of them or not. Open patterns make them without
  // end.
  size_t families() const { return sources_.size() + targets_.size(); }

  // The alias block; appends to `reports` one for each alias. Empties the buffer.
  ByteRope Flush(std::vector<AliasReport>* reports);

 private:
  void FindFeeds(AliasSource* source);
  std::string TableNameOf(const AliasSource& source) const;
  void AddFeed(AliasSource* source, const AliasRule& rule);
  AliasTarget* OpenTarget(const std::string& name, AliasSource* source, const AliasRule& rule);
  void Share(AliasTarget* target);
  void Describe(AliasTarget* target, const AliasSource& source, const AliasRule& rule);
  bool IsExposed(const AliasTarget& target) const;
  void Suppress(AliasTarget* target, std::string_view family, std::string_view name);
  void Drop(AliasTarget* target);
  void Settle(AliasSource* source);
  AliasReport Close(AliasTarget* target, ByteRope* block);

  const RuleSet rules_;
  const Format format_;
  const size_t max_bytes_;
  size_t held_bytes_ = 0;
  std::deque<AliasSource> sources_;
  std::deque<AliasTarget> targets_;  // in order of appearance
  std::vector<std::shared_ptr<const RuleSet::Rules>> pattern_rules_;
  std::deque<AliasRule> own_rules_;  // fitted to a source
  NameMap<AliasSource*> source_of_;
  NameMap<AliasTarget*> target_of_;
  NameMap<std::vector<AliasTarget*>> renamed_;  // by family, where that is not the name
  NameSet exposed_;
};

}  // namespace metrishift::exposition

#endif  // METRISHIFT_EXPORTER_EXPOSITION_ALIAS_BUFFER_H_
