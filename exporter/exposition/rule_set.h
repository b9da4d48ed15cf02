#ifndef METRISHIFT_EXPORTER_EXPOSITION_RULE_SET_H_
#define METRISHIFT_EXPORTER_EXPOSITION_RULE_SET_H_

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/mapping.h"
#include "exporter/exposition/alias_rule.h"
#include "exporter/exposition/escaping.h"
#include "exporter/exposition/name_beginnings.h"
#include "exporter/exposition/name_map.h"
#include "exporter/exposition/sample_role.h"
#include "exporter/exposition/spare_pool.h"

namespace metrishift::exposition {

class AliasBuffer;

// What a Mapping means for bodies whose names are escaped in one way: which families give which
// aliases, and which names an alias could take. Made once for all scrapes; immutable, so that
// several threads may read it. Copies share their contents.
//
// Open patterns are read as their literal text and groups allow: "wmi_(.*)" -> "windows_$1" gives
// old names back from new ones, "(.+)_depth" -> depth{name="$1"} makes them of the label. One whose
// groups cannot be found on the new side makes no old names.
class RuleSet {
 public:
  explicit RuleSet(const Mapping& mapping, Direction direction = Direction::kOld,
                   Escaping escaping = Escaping::kNone);

  bool empty() const { return contents_->rules.empty() && contents_->patterns.empty(); }

  // False only if `name`, a family's or a sample's, has nothing to do with any rule. True for about
  // one of a hundred other names. For the many families of a body that are not concerned.
  bool MayConcern(std::string_view name) const;

  // Of every name that may concern any rule, and of every family that such a name may be a sample
  // of.
  const NameBeginnings& beginnings() const { return contents_->beginnings; }

  // The rules for the family that tables call `name`, in the order of the tables; and those that
  // patterns have for it: nullptr for none. What patterns say of a name is remembered, for the next
  // body will have the same names.
  using Rules = std::vector<AliasRule>;
  std::span<const AliasRule> Find(std::string_view name) const;
  std::shared_ptr<const Rules> FromPatterns(std::string_view name) const;
  bool HasSource(std::string_view name) const;

  // True where an alias could be called `name`, or one of its samples could; "_total" may be
  // missing at its end.
  bool IsTarget(std::string_view name) const;

  // Buffers that have read bodies in this format by these rules.
  SparePool<AliasBuffer>& spares(Format format) const;

 private:
  struct Pattern;
  // What patterns say of one name.
  struct Answer {
    std::shared_ptr<const Rules> rules;
    bool is_target = false;
  };
  class Answers;
  struct Spares;

  struct Contents {
    std::vector<bool> filter;  // Bloom filter with one hash function; its size is a power of two
    NameMap<std::vector<AliasRule>> rules;  // by source
    NameSet targets;
    NameSet old_names;  // of entries; they win over patterns
    std::vector<Pattern> patterns;
    std::vector<std::string> prefixes;  // of names that patterns may concern
    NameBeginnings beginnings{std::span<const std::string_view>()};
    std::shared_ptr<Answers> answers;
    std::shared_ptr<Spares> spares;

    void AddRules(const Mapping& mapping, Direction direction, Escaping escaping);
    void AddPatterns(const Mapping& mapping, Direction direction);
    void BuildFilter();
    NameBeginnings FindBeginnings() const;
    void AddToFilter(std::string_view name);
    Answer AskPatterns(std::string_view name) const;
  };

  Answer AnswerFor(std::string_view name) const;

  std::shared_ptr<const Contents> contents_;
};

}  // namespace metrishift::exposition

#endif  // METRISHIFT_EXPORTER_EXPOSITION_RULE_SET_H_
