#ifndef METRISHIFT_EXPORTER_EXPOSITION_LABEL_CHANGER_H_
#define METRISHIFT_EXPORTER_EXPOSITION_LABEL_CHANGER_H_

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/exposition/alias_rule.h"

namespace metrishift::exposition {

// One label of a series on its way from a body to an alias.
struct LabelItem {
  std::string_view name;
  std::string_view value;  // without escapes
  std::string_view whole;  // as the body has the whole label; empty where it was changed
};

// Applies the label part of rules to one series after another. Keeps scratch memory; not
// thread-safe.
class LabelChanger {
 public:
  enum class Result : uint8_t { kChanged, kNotSelected, kClash };

  // After kChanged, labels(), may_merge(), hash() and target() hold until the next call; they point
  // into `items` and `rule`.
  Result Apply(const AliasRule& rule, std::span<const LabelItem> items);

  std::span<const LabelItem> labels() const { return labels_; }

  // True iff the series has a label that the rule would make of another one, which it lacks: it may
  // be the alias of a series that has that one.
  bool may_merge() const { return may_merge_; }

  // As Sample::labels, of the changed labels.
  uint64_t hash() const { return hash_; }

  // The alias' name where the labels make it; empty where they make none that the rule allows.
  const std::string& target() const { return target_; }

  // Gives the label `name` another value, if it is there; hash() follows.
  void SetValue(std::string_view name, std::string value);

 private:
  void Carry(const LabelChange& change, const LabelItem& item);
  void MakeTarget(const AliasRule& rule, std::span<const LabelItem> items);

  std::vector<LabelItem> labels_;
  std::deque<std::string> values_;  // what changed values point to
  std::string target_;
  uint64_t hash_ = 0;
  bool may_merge_ = false;
};

}  // namespace metrishift::exposition

#endif  // METRISHIFT_EXPORTER_EXPOSITION_LABEL_CHANGER_H_
