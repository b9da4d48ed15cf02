#include "exporter/exposition/plain_renames.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/mapping_loader.h"
#include "tests/exporter/exposition/test_mapping.h"

namespace metrishift::exposition {
namespace {

MappingTable Load(int step, std::string_view metrics) {
  const std::string n = std::to_string(step);
  return *LoadMappingTable("name: t" + n + "\ntitle: T\ncomponent: c\nversions: {from: '" + n +
                           "', to: '9'}\nsource: s\nmetrics:\n" + std::string(metrics));
}

std::vector<std::string> OldNames(const Mapping& mapping) {
  std::vector<std::string> names;
  for (const MappingEntry& entry : mapping.entries())
    names.push_back(entry.old_name + ">" + entry.new_name);
  return names;
}

TEST(KeepPlainRenames, LeavesOutEveryOtherKind) {
  const PlainRenames plain = KeepPlainRenames(*Mapping::FromTables(
      {Load(1,
            "- {old: plain, new: b, type: counter}\n"
            "- {old: fixed, new: c, type: counter, new_labels: {x: y}}\n"
            "- {old: unit, new: d, type: counter, scale: 1000}\n"
            "- {old: label, new: e, type: counter, labels: [{old: x, new: y}]}\n"
            "- {old: value, new: f, type: counter, label_values: {x: {values: {a: b}}}}\n"
            "- {old: sum, new: g, type: counter, aggregate: {op: sum, by: [x]}}\n"
            "- {old: expr, new: h, type: counter, expr: h + 1}\n"
            "- {old: type, new: i, type: summary, new_type: histogram}\n"
            "- {old: gone, type: counter, kind: removed, note: n}\n"
            "- {old: lowered, new: j, type: counter, equivalence: approximate}\n"
            // The rest of a name is not all of it.
            "- {old: chosen, new: k, type: counter, when: {x: y}}\n"
            "- {old: chosen, new: l, type: counter}\n"
            "- {old_prefix: pre_, new_prefix: post_}\n"
            "- {old_prefix: one_, new_prefix: two_, type: counter, names: [one_a]}\n")}));
  EXPECT_THAT(OldNames(plain.mapping), testing::ElementsAre("plain>b", "one_a>two_a"));
  EXPECT_EQ(plain.left_out, 12u);
}

TEST(KeepPlainRenames, AnOldNameThatAnotherKindGivesAwayIsNotReEmitted) {
  // node_exporter 1.0.0: `disks` is what was `active` before; old `disks` must not come back.
  const std::string_view metrics =
      "- {old: active, new: disks, type: gauge, new_labels: {state: active}}\n"
      "- {old: disks, new: required, type: gauge}\n"
      "- {old: other, new: another, type: gauge}\n";
  const PlainRenames plain = KeepPlainRenames(*Mapping::FromTables({Load(1, metrics)}));
  EXPECT_THAT(OldNames(plain.mapping), testing::ElementsAre("other>another"));
  EXPECT_EQ(Translate(plain.mapping, "required 1\n"), "required 1\n");
  const PlainRenames later = KeepPlainRenames(*Mapping::FromTables(
      {Load(1, "- {old: disks, new: required, type: gauge}\n"),
       Load(2, "- {old: active, new: disks, type: gauge, new_labels: {state: active}}\n")}));
  EXPECT_THAT(OldNames(later.mapping), testing::IsEmpty());
}

TEST(KeepPlainRenames, StepsStayStepsAndPlainTablesStayWhole) {
  const Mapping mapping =
      *Mapping::FromTables({Load(1, "- {old: a, new: b, type: gauge}\n"),
                            Load(2,
                                 "- {old: b, new: c, type: gauge}\n"
                                 "- {old: x, new: y, type: gauge, scale: 2}\n")});
  const PlainRenames plain = KeepPlainRenames(mapping);
  EXPECT_THAT(OldNames(plain.mapping), testing::ElementsAre("a>c", "b>c"));
  EXPECT_EQ(plain.left_out, 1u);
  EXPECT_EQ(KeepPlainRenames(plain.mapping).left_out, 0u);
  EXPECT_EQ(KeepPlainRenames(Mapping()).left_out, 0u);
}

}  // namespace
}  // namespace metrishift::exposition
