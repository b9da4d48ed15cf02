#include "rewriter/rewrite/name_part_plan.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace metrishift::rewrite {
namespace {

MappingEntry Entry(std::string old_name, std::string new_name,
                   MetricType type = MetricType::kGauge) {
  MappingEntry entry;
  entry.old_name = std::move(old_name);
  entry.new_name = std::move(new_name);
  entry.type = entry.new_type = type;
  return entry;
}

Mapping Names() {
  MappingTable table;
  table.name = "t";
  table.metrics = {Entry("alone", "single"), Entry("family", "kin", MetricType::kHistogram),
                   Entry("longer", "longer_total"),
                   // Two old names, one of which is a part of the other.
                   Entry("part", "piece"), Entry("part_of", "other"),
                   // The same of new names, and of both.
                   Entry("first", "end"), Entry("second", "the_end"), Entry("outer", "inner"),
                   Entry("outer_too", "inner_too")};
  MappingPattern pattern;
  pattern.pattern = "wmi_(.*)";
  pattern.prefix = "wmi_";
  pattern.entry = Entry("wmi_(.*)", "windows_$1", MetricType::kUntyped);
  table.patterns = {std::move(pattern)};
  return Mapping::FromTables({std::move(table)}).value.value();
}

TEST(PlanNamePart, RenamesWhereNoOtherNameIsLostOrFound) {
  struct Row {
    std::string before;
    std::string after;
    std::string messages;
  };
  const Row rows[] = {
      {"alone", "single", "deprecated alone, use single"},
      {"family", "kin", "deprecated family, use kin"},
      {"family_bucket", "kin_bucket", "deprecated family_bucket, use kin_bucket"},
      {"outer", "inner", "deprecated outer, use inner"},
      {"wmi_os", "windows_os", "deprecated wmi_os, use windows_os"},
      {"longer", "longer",
       "label_names() finds deprecated longer by this part of a name, and what comes instead"},
      {"part", "part",
       "label_names() finds deprecated part and part_of by this part of a name, but not what comes "
       "instead"},
      {"first", "first",
       "label_names() finds deprecated first by this part of a name, but not what comes instead"},
      {"wmi", "wmi",
       "label_names() may find deprecated names that begin with wmi_ by this part of a name"},
      {"unknown", "unknown", ""},
  };
  const Mapping names = Names();
  for (const Row& row : rows) {
    const QueryPlan plan = PlanNamePart(row.before, {0, row.before.size()}, names, {});
    EXPECT_EQ(plan.edits.Splice(row.before), row.after);
    std::string messages;
    for (const QueryFinding& finding : plan.findings) messages += finding.message;
    EXPECT_EQ(messages, row.messages);
  }
}

}  // namespace
}  // namespace metrishift::rewrite
