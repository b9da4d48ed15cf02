#ifndef METRISHIFT_EXPORTER_EXPOSITION_ALIAS_BUFFER_H_
#define METRISHIFT_EXPORTER_EXPOSITION_ALIAS_BUFFER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/mapping.h"
#include "exporter/exposition/text_line.h"

namespace metrishift::exposition {

// Why a family of the body cannot be given its old name: the body breaks the format's rules there,
// and an alias would repeat the offence.
enum class Fault : uint8_t {
  kUnreadableLine,
  kSecondType,
  kSecondHelp,
  kTypeAfterSamples,
  kOtherType,       // the table says histogram, the body says counter
  kRepeatedSeries,  // the same label set twice
  kNameClash,       // another family has the name of one of its series
  kReusedName,      // the old name is, in the same tables, the new name of something else
};

// A word for metric labels and logs: "unreadable_line", "second_type", ...
std::string_view FaultName(Fault fault);

enum class AliasOutcome : uint8_t {
  kAdded,
  kSuppressed,  // the upstream exposes the old name itself
  kImpossible,  // see AliasReport::fault
};

// What became of one table entry whose new name stood in the body.
struct AliasReport {
  const MappingEntry* entry = nullptr;  // lives as long as the Mapping
  AliasOutcome outcome = AliasOutcome::kAdded;
  Fault fault = Fault::kUnreadableLine;  // meaningful for kImpossible
  size_t samples = 0;                    // added sample lines
  size_t bytes = 0;                      // added bytes, HELP and TYPE included
};

// One new-name family of the body and the alias lines made of it so far.
class AliasGroup {
 public:
  // One old name for the family. A family has several only where steps of tables were composed.
  struct Alias {
    const MappingEntry* entry = nullptr;
    bool exposed_upstream = false;
    bool reused = false;  // see Fault::kReusedName
    std::string lines;    // sample lines under the old name

    bool IsWanted() const { return !exposed_upstream && !reused; }
  };

  const std::string& family() const { return aliases_.front().entry->new_name; }

  // The type by which series names are cut into family and suffix: that of the TYPE line, or the
  // table's when there is no TYPE line or it says "untyped".
  MetricType SeriesType() const;

  // True iff no alias can come of this group any more, so that its lines need not be read.
  bool IsSettled() const { return settled_; }

 private:
  friend class AliasBuffer;

  std::vector<Alias> aliases_;
  std::optional<std::string> help_;  // as escaped in the body
  std::optional<MetricType> type_;
  std::optional<Fault> fault_;
  std::vector<uint64_t> series_;  // one hash per sample, to find repeated series
  bool settled_ = false;
};

// Collects the lines of the alias block while the body passes, and drops those of old names that
// the upstream turns out to expose itself. The only thing in exposition/ that grows with the body;
// `max_bytes` bounds the sample lines held (8 bytes of bookkeeping per line come on top). The
// Mapping that the entries come from must outlive it. Not thread-safe.
class AliasBuffer {
 public:
  AliasBuffer(const Mapping& mapping, size_t max_bytes)
      : mapping_(mapping), max_bytes_(max_bytes) {}

  // The group of the family that `entries` (from Mapping::FindNewFamily, not empty) stand for;
  // always the same for the same family. Lives as long as the buffer.
  AliasGroup* GroupFor(std::span<const MappingEntry* const> entries);

  // The group whose entries start with `first_entry`, or nullptr when its family has not been seen.
  AliasGroup* FindGroup(const MappingEntry* first_entry);

  // The upstream exposes `entry`'s old name: no alias for it, and lines collected for it are
  // dropped.
  void MarkExposed(const MappingEntry* entry);

  // No alias for the whole group. The first fault is the one reported.
  void Spoil(AliasGroup* group, Fault fault);

  void SetType(AliasGroup* group, std::optional<MetricType> type);
  void SetHelp(AliasGroup* group, std::string_view text);

  // Adds `line`, of which `sample` was parsed, under each old name.
  void AddSample(AliasGroup* group, std::string_view line, const Sample& sample);

  // True once more than `max_bytes` were held. The scrape has to fail: an alias family with holes
  // would be taken as truth.
  bool overflowed() const { return overflowed_; }

  // The alias block: for each alias HELP, TYPE if the new family has one, samples; "" when there is
  // none. Appends to `reports` one entry per alias. Empties the buffer.
  std::string Flush(std::vector<AliasReport>* reports);

 private:
  std::unique_ptr<AliasGroup> NewGroup(std::span<const MappingEntry* const> entries) const;
  void Settle(AliasGroup* group);

  const Mapping& mapping_;
  const size_t max_bytes_;
  size_t held_bytes_ = 0;
  bool overflowed_ = false;
  std::vector<std::unique_ptr<AliasGroup>> groups_;  // in order of appearance
  std::unordered_map<const MappingEntry*, AliasGroup*> by_first_entry_;
  std::unordered_set<const MappingEntry*> exposed_;
};

}  // namespace metrishift::exposition

#endif  // METRISHIFT_EXPORTER_EXPOSITION_ALIAS_BUFFER_H_
