#ifndef METRISHIFT_EXPORTER_EXPOSITION_ALIAS_BUFFER_H_
#define METRISHIFT_EXPORTER_EXPOSITION_ALIAS_BUFFER_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/exposition/alias_family.h"
#include "exporter/exposition/alias_rule.h"
#include "exporter/exposition/byte_rope.h"
#include "exporter/exposition/name_map.h"
#include "exporter/exposition/rule_set.h"
#include "exporter/exposition/sample_role.h"

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

// Collects the aliases while the body passes, and drops those whose names the upstream turns out to
// expose itself. The only thing in exposition/ that grows with the body; `max_bytes` bounds the
// samples held (for aliases that need claims, 16 to 64 bytes of bookkeeping per sample come on top,
// to find series that become one). Knows sources, targets and what speaks against them; how a
// sample is written is the readers' part.
//
// A body is mostly like the one before: a buffer that has read one keeps what it knows of its
// families for the next (RuleSet::spares), and nothing that could be seen in it. Not thread-safe.
class AliasBuffer {
 public:
  // What the rules say of a name of the body, a family's or a sample's.
  struct Name {
    std::string_view text;
    bool is_source = false;
    bool is_target = false;
    uint8_t types_asked = 0;         // a bit for each type ...
    uint8_t types_with_targets = 0;  // ... by which it or one of its series is a target
    AliasSource* source = nullptr;   // once there is one
  };

  explicit AliasBuffer(Format format) : format_(format) {}
  AliasBuffer(const AliasBuffer&) = delete;
  AliasBuffer& operator=(const AliasBuffer&) = delete;

  // Begins a body. `rules` must live until End, and be a copy of the same rules each time.
  void Begin(const RuleSet& rules, size_t max_bytes);

  // Forgets the body. False where more is left than is worth keeping.
  bool End();

  const RuleSet& rules() const { return *rules_; }

  // Valid until the next call, but for names that are sources or targets: until End.
  Name* Look(std::string_view name);

  // The source of that family; always the same. REQUIRES: name->is_source.
  AliasSource* OpenSource(Name* name);

  // The same, or nullptr when OpenSource has not been called for it in this body.
  AliasSource* FindSource(std::string_view family) const;

  // The upstream exposes `name`, as a family or as a sample.
  void MarkExposed(const Name& name);

  // The upstream exposes a family of this type: its name and those of its series.
  void MarkFamilyExposed(Name* family, MetricType type);

  // No alias of this source. The first fault is the one reported.
  void Spoil(AliasSource* source, Fault fault);
  void Spoil(AliasTarget* target, Fault fault);

  // What the body says of the source; nothing for what cannot be read.
  void SetType(AliasSource* source, std::optional<MetricType> type);
  void SetHelp(AliasSource* source, std::optional<std::string_view> text);
  void SetUnit(AliasSource* source, std::string_view unit);

  // Finds the rules of a source, once: with its first sample its type is known.
  void Resolve(AliasSource* source) {
    if (!source->resolved_) OpenFeeds(source);
  }

  // The target of a rule whose labels make its name.
  AliasTarget* TargetNamed(const std::string& name, AliasSource* source, const AliasRule& rule);

  void CountSamples(AliasSource* source, size_t count) { source->samples_ += count; }

  // From now on it has to be seen to that no series of the alias comes twice.
  void Share(AliasTarget* target);

  // Takes the series `hash` for the alias; false, and no alias any more, where it is there already.
  // REQUIRES: the target has no unclaimed ones.
  bool Claim(AliasTarget* target, uint64_t hash) {
    if (target->series_.Insert(hash)) return true;
    Spoil(target, Fault::kCollision);
    return false;
  }

  // The same for what the target holds unclaimed.
  void ClaimHeld(AliasTarget* target, const std::vector<uint64_t>& hashes);

  // Where the reader writes samples: the next one in one piece of at most `size` bytes, and as many
  // more as fit into the room that there is (ByteRope).
  char* Reserve(AliasTarget* target, size_t size) { return target->bytes_.Reserve(size); }
  const char* RoomEnd(const AliasTarget& target) const { return target.bytes_.room_end(); }
  void Commit(AliasTarget* target, char* end, size_t samples = 1) {
    const size_t before = target->bytes_.size();
    target->bytes_.Commit(end);
    held_bytes_ += target->bytes_.size() - before;
    target->samples_ += samples;
  }

  // True once more than `max_bytes` are held. The scrape has to fail: an alias family with holes
  // would be taken as truth.
  bool overflowed() const { return held_bytes_ > max_bytes_; }

  // Families that are held, whether anything comes of them or not. Open patterns make them without
  // end.
  size_t families() const { return open_sources_.size() + open_targets_.size(); }

  // Appends the alias block, with `before` in front of it unless it is empty, and to `reports` one
  // for each alias. Empties the buffer.
  void Flush(std::string_view before, ByteRope* block, std::vector<AliasReport>* reports);

 private:
  bool IsSource(std::string_view family) const;
  bool HasTarget(std::string_view family, MetricType type) const;
  void OpenFeeds(AliasSource* source);
  void FindFeeds(AliasSource* source);
  void AddFeed(AliasSource* source, const AliasRule& rule);
  AliasTarget* MakeTarget(const std::string& name);
  void OpenTarget(AliasTarget* target, AliasSource* source, const AliasRule& rule);
  void Shape(AliasTarget* target, const AliasSource& source, const AliasRule& rule);
  bool IsExposed(const AliasTarget& target) const;
  void Suppress(AliasTarget* target, std::string_view family, std::string_view name);
  void Drop(AliasTarget* target);
  void Settle(AliasSource* source);
  AliasReport Close(AliasTarget* target, ByteRope* block);
  void WriteHeader(AliasTarget* target);

  // Of all bodies.
  const Format format_;
  NameMap<Name> names_;
  Name other_name_;  // one that is neither source nor target
  std::deque<AliasSource> sources_;
  std::deque<AliasTarget> targets_;
  std::vector<std::shared_ptr<const RuleSet::Rules>> pattern_rules_;
  std::deque<AliasRule> own_rules_;  // fitted to a source
  NameMap<AliasTarget*> target_of_;
  NameMap<std::vector<AliasTarget*>> renamed_;  // by family, where that is not the name

  // Of this one. Families in order of appearance.
  const RuleSet* rules_ = nullptr;
  size_t max_bytes_ = 0;
  size_t held_bytes_ = 0;
  std::vector<AliasSource*> open_sources_;
  std::vector<AliasTarget*> open_targets_;
  NameSet exposed_;
};

}  // namespace metrishift::exposition

#endif  // METRISHIFT_EXPORTER_EXPOSITION_ALIAS_BUFFER_H_
