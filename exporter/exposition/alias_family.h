#ifndef METRISHIFT_EXPORTER_EXPOSITION_ALIAS_FAMILY_H_
#define METRISHIFT_EXPORTER_EXPOSITION_ALIAS_FAMILY_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/exposition/alias_rule.h"
#include "exporter/exposition/byte_rope.h"
#include "exporter/exposition/sample_role.h"
#include "exporter/exposition/series_set.h"

// The two ends of an alias. AliasBuffer makes and keeps them; readers look.
namespace metrishift::exposition {

class AliasTarget;

// One family of the body that aliases are made of.
class AliasSource {
 public:
  struct Feed {
    const AliasRule* rule = nullptr;
    AliasTarget* target = nullptr;  // nullptr where labels make its name
    bool is_rename = false;
  };

  struct Kind {
    std::optional<MetricType> type;  // as the body says
    MetricType series_type = MetricType::kUntyped;

    bool operator==(const Kind&) const = default;
  };

  std::string_view family() const { return family_; }
  bool HasClassicName() const { return has_classic_name_; }
  size_t samples() const { return samples_; }

  // The type by which series names are cut into family and suffix: that of the body, or the table's
  // when the body has none.
  MetricType SeriesType() const { return kind_.series_type; }

  // True iff no alias can come of this source any more, so that its samples need not be read.
  bool IsSettled() const { return settled_; }

  // What its samples are to be given to. REQUIRES: AliasBuffer::Resolve.
  const std::vector<Feed>& feeds() const { return feeds_; }

  // What its samples are to be given to where all that is wanted are its lines under other names,
  // with no need for claims; empty otherwise.
  const std::vector<AliasTarget*>& images() const { return images_; }

 private:
  friend class AliasBuffer;

  void Reset();

  // Of all bodies. Feeds are those of the last kind that the family was of.
  std::string_view family_;  // a key of the buffer's map
  bool has_classic_name_ = true;
  MetricType table_type_ = MetricType::kUntyped;  // of a family without TYPE
  std::optional<Kind> feeds_of_;
  std::vector<Feed> feeds_;

  // Of this body.
  bool is_open_ = false;
  bool resolved_ = false;
  bool settled_ = false;
  bool has_help_ = false;
  Kind kind_;
  std::string help_;  // as escaped in the body
  std::string unit_;
  std::optional<Fault> fault_;
  size_t samples_ = 0;
  std::vector<AliasTarget*> targets_;
  std::vector<AliasTarget*> images_;
};

// One alias family under way.
class AliasTarget {
 public:
  // What a sample of role `role` of the source is to the alias; nothing where it has no such
  // sample.
  std::optional<SampleRole> RoleFor(SampleRole role) const {
    const int8_t in_alias = form_.roles[static_cast<size_t>(role)];
    if (in_alias < 0) return std::nullopt;
    return static_cast<SampleRole>(in_alias);
  }

  std::string_view family() const { return form_.family; }  // as the body's format writes it
  MetricType SeriesType() const { return form_.series_type; }
  bool HasClassicName() const { return form_.has_classic_name; }
  bool IsWanted() const { return !exposed_ && !fault_; }

  // False where the alias has each series as often as its one source has it, so that nobody has to
  // look whether one comes twice.
  bool NeedsClaims() const { return needs_claims_; }

  // What is held of it, in pieces that end with a sample; and whether these were never claimed,
  // because there was no need before.
  const ByteRope& bytes() const { return bytes_; }
  bool HasUnclaimed() const { return has_unclaimed_; }

 private:
  friend class AliasBuffer;

  // What follows from the first source and its rule. Points into the buffer's maps and the rules.
  struct Form {
    const AliasSource* source = nullptr;
    const AliasRule* rule = nullptr;
    AliasSource::Kind kind;  // of the source

    std::string_view family;
    std::optional<MetricType> type;                 // nothing: none is written
    MetricType series_type = MetricType::kUntyped;  // what its samples are called by
    std::array<int8_t, 9> roles{};                  // by the source's role
    bool keeps_suffixes = true;  // what follows the family in a line is that of the source
    bool has_classic_name = true;
  };

  // The metadata of the last body, to be used again where it is the same.
  struct Header {
    std::string help;
    std::string unit;
    std::string encoded;  // empty: for none
  };

  void Reset();

  // Of all bodies.
  std::string_view name_;  // as tables write it; a key of the buffer's map
  Form form_;
  Header header_;

  // Of this body.
  bool is_open_ = false;
  bool needs_claims_ = false;
  bool has_unclaimed_ = false;
  bool exposed_ = false;
  std::optional<Fault> fault_;
  std::vector<AliasSource*> fed_by_;  // the first one gives it its form
  SeriesSet series_;
  size_t samples_ = 0;
  ByteRope bytes_;
};

}  // namespace metrishift::exposition

#endif  // METRISHIFT_EXPORTER_EXPOSITION_ALIAS_FAMILY_H_
