#include "tests/e2e/equivalence/falsified.h"

#include <functional>

namespace metrishift::e2e {

std::vector<Falsified> FalsifiedOf(const MappingEntry& entry) {
  std::vector<Falsified> out;
  // The entry with what `falsify` makes wrong.
  const auto add = [&](const std::string& what, const std::function<void(MappingEntry&)>& falsify) {
    Falsified& wrong = out.emplace_back(Falsified{what, entry});
    falsify(wrong.entry);
  };
  if (!entry.expr.empty()) {
    add("expr", [](MappingEntry& wrong) { wrong.expr = "2 * (" + wrong.expr + ")"; });
  } else if (!entry.SameName()) {
    add("new name", [](MappingEntry& wrong) { wrong.new_name.insert(1, "x"); });
  }
  if (entry.scale != 1) add("scale", [](MappingEntry& wrong) { wrong.scale *= 10; });
  if (entry.offset != 0) add("offset", [](MappingEntry& wrong) { wrong.offset *= 2; });
  for (size_t i = 0; i < entry.when.size(); ++i) {
    add("when " + entry.when[i].name, [i](MappingEntry& wrong) { wrong.when[i].value += "x"; });
  }
  for (size_t i = 0; i < entry.labels.size(); ++i) {
    add("label " + entry.labels[i].old_name,
        [i](MappingEntry& wrong) { wrong.labels[i].new_name += "x"; });
  }
  for (size_t i = 0; i < entry.label_values.size(); ++i) {
    add("values of " + entry.label_values[i].label, [i](MappingEntry& wrong) {
      LabelValues& values = wrong.label_values[i];
      values.replacement += "x";
      for (auto& [old_value, new_value] : values.values) new_value += "x";
    });
  }
  for (size_t i = 0; i < entry.new_labels.size(); ++i) {
    const auto at = static_cast<std::ptrdiff_t>(i);
    add("new label " + entry.new_labels[i].name,
        [at](MappingEntry& wrong) { wrong.new_labels.erase(wrong.new_labels.begin() + at); });
    if (!entry.new_labels[i].value.empty()) {
      add("value of new label " + entry.new_labels[i].name,
          [i](MappingEntry& wrong) { wrong.new_labels[i].value += "x"; });
    }
  }
  if (!entry.aggregate) return out;
  add("op", [](MappingEntry& wrong) {
    wrong.aggregate->op = wrong.aggregate->op == "min" ? "max" : "min";
  });
  for (size_t i = 0; i < entry.aggregate->labels.size(); ++i) {
    add("aggregated label " + entry.aggregate->labels[i],
        [i](MappingEntry& wrong) { wrong.aggregate->labels[i] += "x"; });
  }
  return out;
}

}  // namespace metrishift::e2e
