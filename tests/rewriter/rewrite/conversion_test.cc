// Every kind of mapping in every mode, beyond the plain renames of plan_test. What the rows say is
// also asked of real servers, by tests/e2e/equivalence.
#include <gtest/gtest.h>

#include "rewriter/promql/parser.h"
#include "rewriter/rewrite/plan.h"
#include "tests/rewriter/rewrite/kinds.h"

namespace metrishift::rewrite {
namespace {

std::string Rewrite(std::string_view text, PlanOptions options,
                    formats::QueryKind kind = formats::QueryKind::kPromQL) {
  const QueryPlan plan = PlanQuery(text, kind, Kinds(), options);
  return plan.error ? "error: " + plan.error->message : plan.edits.Splice(text);
}

struct Row {
  const char* before;
  const char* replaced;
  const char* united;  // "" for: left to a person
};
constexpr Row kRows[] = {
    // A label that the new side has besides is not seen through an aggregation.
    {"sum by (node) (cpu_cores)", "sum by (node) (requests{resource=\"cpu\",unit=\"core\"})",
     "sum by (node) (sum without (resource, unit) (requests{resource=\"cpu\",unit=\"core\"}) or "
     "cpu_cores)"},
    {"sum(cpu_cores{node=\"a\"})", "sum(requests{resource=\"cpu\",unit=\"core\",node=\"a\"})",
     "sum(sum without (resource, unit) (requests{resource=\"cpu\",unit=\"core\",node=\"a\"}) or "
     "cpu_cores{node=\"a\"})"},
    {"sum without (node) (cpu_cores)",
     "sum without (node, resource, unit) (requests{resource=\"cpu\",unit=\"core\"})",
     "sum without (node) (sum without (resource, unit) (requests{resource=\"cpu\",unit=\"core\"}) "
     "or cpu_cores)"},
    {"cpu_cores > 2", "sum without (resource, unit) (requests{resource=\"cpu\",unit=\"core\"}) > 2",
     "(sum without (resource, unit) (requests{resource=\"cpu\",unit=\"core\"}) or cpu_cores) > 2"},
    {"cpu_cores / on (node) other", "requests{resource=\"cpu\",unit=\"core\"} / on (node) other",
     "(sum without (resource, unit) (requests{resource=\"cpu\",unit=\"core\"}) or cpu_cores) / on "
     "(node) other"},
    {"cpu_cores / other",
     "sum without (resource, unit) (requests{resource=\"cpu\",unit=\"core\"}) / other",
     "(sum without (resource, unit) (requests{resource=\"cpu\",unit=\"core\"}) or cpu_cores) / "
     "other"},
    {"sum(rate(cpu_cores[5m]))", "sum(rate(requests{resource=\"cpu\",unit=\"core\"}[5m]))",
     "sum(sum without (resource, unit) (rate(requests{resource=\"cpu\",unit=\"core\"}[5m])) or "
     "rate(cpu_cores[5m]))"},
    {"absent(cpu_cores{node=\"a\"})",
     "sum without (resource, unit) (absent(requests{resource=\"cpu\",unit=\"core\",node=\"a\"}))",
     "sum without (resource, unit) (absent(requests{resource=\"cpu\",unit=\"core\",node=\"a\"})) "
     "and absent(cpu_cores{node=\"a\"})"},
    // A matcher that the old side cannot pass selects nothing; one that it always passes goes.
    {"sum(cpu_cores{resource=\"cpu\"})", "sum(cpu_cores{resource=\"cpu\"})", ""},
    {"sum(cpu_cores{resource=\"\",node=\"a\"})",
     "sum(requests{resource=\"cpu\",unit=\"core\",node=\"a\"})",
     "sum(sum without (resource, unit) (requests{resource=\"cpu\",unit=\"core\",node=\"a\"}) or "
     "cpu_cores{resource=\"\",node=\"a\"})"},
    // A label under a new name is asked for by it.
    {"sum by (pod_name) (usage{pod_name=~\"a.*\"})", "sum by (pod) (usage_total{pod=~\"a.*\"})",
     "sum by (pod_name) (sum without (pod) (label_replace(usage_total{pod=~\"a.*\"}, "
     "\"pod_name\", \"$1\", \"pod\", \"(.*)\")) or usage{pod_name=~\"a.*\"})"},
    {"usage * on (pod_name) usage", "usage_total * on (pod) usage_total",
     "(sum without (pod) (label_replace(usage_total, \"pod_name\", \"$1\", \"pod\", \"(.*)\")) or "
     "usage) * on (pod_name) (sum without (pod) (label_replace(usage_total, \"pod_name\", \"$1\", "
     "\"pod\", \"(.*)\")) or usage)"},
    {"usage * on (pod_name) group_left other",
     "sum without (pod) (label_replace(usage_total, \"pod_name\", \"$1\", \"pod\", \"(.*)\")) * on "
     "(pod_name) group_left other",
     "(sum without (pod) (label_replace(usage_total, \"pod_name\", \"$1\", \"pod\", \"(.*)\")) or "
     "usage) * on (pod_name) group_left other"},
    {"label_replace(usage, \"x\", \"$1\", \"pod_name\", \"(.*)\")",
     "label_replace(usage_total, \"x\", \"$1\", \"pod\", \"(.*)\")",
     "label_replace(sum without (pod) (label_replace(usage_total, \"pod_name\", \"$1\", \"pod\", "
     "\"(.*)\")) or usage, \"x\", \"$1\", \"pod_name\", \"(.*)\")"},
    // The same name with another label.
    {"sum by (pod_name) (same{pod_name=\"a\"})", "sum by (pod) (same{pod=\"a\"})",
     "sum by (pod_name) (sum without (pod) (label_replace(same{pod=\"a\"}, \"pod_name\", \"$1\", "
     "\"pod\", \"(.*)\")) or same{pod=\"\",pod_name=\"a\"})"},
    {"sum(same)", "sum(same)",
     "sum(sum without (pod) (label_replace(same{pod!=\"\"}, \"pod_name\", \"$1\", \"pod\", "
     "\"(.*)\")) or same{pod=\"\"})"},
    {"sum by (pod) (same{pod=\"a\"})", "sum by (pod) (same{pod=\"a\"})", ""},
    // It was written for the new side, whoever it is that says so.
    {"same * on (pod) group_left (node) other", "same * on (pod) group_left (node) other",
     "same * on (pod) group_left (node) other"},
    {"max by (pod) (same * (other > 0))", "max by (pod) (same * (other > 0))",
     "max by (pod) (same * (other > 0))"},
    // A scalar has no labels: what is asked for around it is asked of others.
    {"sum by (pod) (cpu_cores * scalar(same))",
     "sum by (pod) (requests{resource=\"cpu\",unit=\"core\"} * scalar(same))",
     "sum by (pod) ((sum without (resource, unit) (requests{resource=\"cpu\",unit=\"core\"}) or "
     "cpu_cores) * scalar(sum without (pod) (label_replace(same{pod!=\"\"}, \"pod_name\", \"$1\", "
     "\"pod\", \"(.*)\")) or same{pod=\"\"}))"},
    {"same / other{pod=\"a\"}", "same / other{pod=\"a\"}", "same / other{pod=\"a\"}"},
    {"sum by (node) (same) / on (node) other{pod_name=\"a\",pod=\"\"}",
     "sum by (node) (same) / on (node) other{pod_name=\"a\",pod=\"\"}",
     "sum by (node) (sum without (pod) (label_replace(same{pod!=\"\"}, \"pod_name\", \"$1\", "
     "\"pod\", \"(.*)\")) or same{pod=\"\"}) / on (node) other{pod_name=\"a\",pod=\"\"}"},
    // Labels of both sides: only the old series can have been meant, and nothing replaces them.
    {"max by (pod_name, container) (both)", "max by (pod_name, container) (both)",
     "max by (pod_name, container) (sum without (pod, container) "
     "(label_replace(label_replace(both{pod!=\"\",container!=\"\"}, \"pod_name\", \"$1\", \"pod\", "
     "\"(.*)\"), \"container_name\", \"$1\", \"container\", \"(.*)\")) or "
     "both{pod=\"\",container=\"\"})"},
    {"max by (container) (both{pod_name=\"a\"})", "max by (container) (both{pod_name=\"a\"})",
     "max by (container) (sum without (pod, container) "
     "(label_replace(label_replace(both{container!=\"\",pod=\"a\"}, \"pod_name\", \"$1\", \"pod\", "
     "\"(.*)\"), \"container_name\", \"$1\", \"container\", \"(.*)\")) or "
     "both{pod=\"\",container=\"\",pod_name=\"a\"})"},
    // Units: where a factor goes.
    {"rate(io_ms[5m])", "rate(io_seconds[5m]) * 1000",
     "rate(io_seconds[5m]) * 1000 or rate(io_ms[5m])"},
    {"rate(io_ms[5m]) / 1000", "rate(io_seconds[5m]) * 1000 / 1000",
     "(rate(io_seconds[5m]) * 1000 or rate(io_ms[5m])) / 1000"},
    {"1 / io_ms", "1 / (io_seconds * 1000)", "1 / (io_seconds * 1000 or io_ms)"},
    {"changes(io_ms[5m])", "changes(io_seconds[5m])",
     "changes(io_seconds[5m]) or changes(io_ms[5m])"},
    {"stdvar_over_time(io_ms[5m])", "stdvar_over_time(io_seconds[5m]) * 1000000",
     "stdvar_over_time(io_seconds[5m]) * 1000000 or stdvar_over_time(io_ms[5m])"},
    {"max_over_time(io_ms[5m:1m])", "max_over_time((io_seconds * 1000)[5m:1m])",
     "max_over_time((io_seconds * 1000 or io_ms)[5m:1m])"},
    {"irate(sectors[1m]) * 512", "irate(bytes[1m]) / 512 * 512",
     "(irate(bytes[1m]) / 512 or irate(sectors[1m])) * 512"},
    {"avg_over_time(temp_f[1h])", "avg_over_time(temp_c[1h]) * 1.8 + 32",
     "avg_over_time(temp_c[1h]) * 1.8 + 32 or avg_over_time(temp_f[1h])"},
    {"deriv(temp_f[1h])", "deriv(temp_c[1h]) * 1.8",
     "deriv(temp_c[1h]) * 1.8 or deriv(temp_f[1h])"},
    {"sum_over_time(temp_f[1h])", "sum_over_time(temp_f[1h])", ""},
    {"-temp_f", "-(temp_c * 1.8 + 32)", "-(temp_c * 1.8 + 32 or temp_f)"},
    {"timestamp(io_ms)", "timestamp(io_seconds)", "timestamp(io_seconds) or timestamp(io_ms)"},
    // A histogram in another unit.
    {"histogram_quantile(0.9, sum by (le) (rate(lat_ms_bucket[5m])))",
     "histogram_quantile(0.9, sum by (le) (rate(lat_seconds_bucket[5m]))) * 1000", ""},
    {"histogram_quantile(0.9, rate(lat_ms_bucket[5m])) > 5",
     "histogram_quantile(0.9, rate(lat_seconds_bucket[5m])) * 1000 > 5",
     "(histogram_quantile(0.9, rate(lat_seconds_bucket[5m])) * 1000 or histogram_quantile(0.9, "
     "rate(lat_ms_bucket[5m]))) > 5"},
    {"sum(rate(lat_ms_bucket{le=\"100\"}[5m])) / sum(rate(lat_ms_count[5m]))",
     "sum(rate(lat_seconds_bucket{le=\"0.1\"}[5m])) / sum(rate(lat_seconds_count[5m]))",
     "sum(label_replace(rate(lat_seconds_bucket{le=\"0.1\"}[5m]), \"le\", \"100\", \"\", \"\") or "
     "rate(lat_ms_bucket{le=\"100\"}[5m])) / sum(rate(lat_seconds_count[5m]) or "
     "rate(lat_ms_count[5m]))"},
    {"rate(lat_ms_sum[5m]) / rate(lat_ms_count[5m])",
     "rate(lat_seconds_sum[5m]) * 1000 / rate(lat_seconds_count[5m])",
     "(rate(lat_seconds_sum[5m]) * 1000 or rate(lat_ms_sum[5m])) / (rate(lat_seconds_count[5m]) or "
     "rate(lat_ms_count[5m]))"},
    {"lat_ms_bucket", "lat_ms_bucket", ""},
    // Values of labels.
    {"avg by (cpu) (freq{cpu=~\"cpu0|cpu1\"})", "avg by (cpu) (freq_hertz{cpu=~\"0|1\"})",
     "avg by (cpu) (label_replace(freq_hertz{cpu=~\"0|1\"}, \"cpu\", \"cpu$1\", \"cpu\", \"(.+)\") "
     "or freq{cpu=~\"cpu0|cpu1\"})"},
    {"freq{cpu!=\"cpu0\"}", "freq_hertz{cpu!=\"0\"}",
     "label_replace(freq_hertz{cpu!=\"0\"}, \"cpu\", \"cpu$1\", \"cpu\", \"(.+)\") or "
     "freq{cpu!=\"cpu0\"}"},
    {"freq{cpu=~\"cpu[01]\"}", "freq{cpu=~\"cpu[01]\"}", ""},
    {"sum(proc{method=\"get_attr\"})", "sum(requests_by_method{method=\"GetAttr\"})",
     "sum(label_replace(label_replace(requests_by_method{method=\"GetAttr\"}, \"method\", "
     "\"get_attr\", \"method\", \"GetAttr\"), \"method\", \"null\", \"method\", \"Null\") or "
     "proc{method=\"get_attr\"})"},
    // One old series, several new ones.
    {"sum(jobs)", "sum(jobs_by_reason)", "sum(sum without (reason) (jobs_by_reason) or jobs)"},
    {"jobs > 0", "sum without (reason) (jobs_by_reason) > 0",
     "(sum without (reason) (jobs_by_reason) or jobs) > 0"},
    {"max(jobs)", "max(sum without (reason) (jobs_by_reason))",
     "max(sum without (reason) (jobs_by_reason) or jobs)"},
    {"changes(jobs[5m])", "changes(jobs[5m])", ""},
    {"sum(0.5 / last_over_time(jobs[5m]))",
     "sum(0.5 / sum without (reason) (last_over_time(jobs_by_reason[5m])))",
     "sum(0.5 / (sum without (reason) (last_over_time(jobs_by_reason[5m])) or "
     "last_over_time(jobs[5m])))"},
    {"increase(jobs[5m])", "increase(jobs[5m])", ""},
    {"jobs{reason=\"x\"}", "jobs{reason=\"x\"}", ""},
    {"sum(jobs{reason=\"\"})", "sum(jobs_by_reason)",
     "sum(sum without (reason) (jobs_by_reason) or jobs{reason=\"\"})"},
    // Labels choose among entries.
    {"sum(cpu_time{mode=\"guest\"})", "sum(guest_time{mode=\"user\"})",
     "sum(label_replace(guest_time{mode=\"user\"}, \"mode\", \"guest\", \"\", \"\") or "
     "cpu_time{mode=\"guest\"})"},
    {"rate(cpu_time{mode=\"idle\"}[5m])", "rate(cpu_seconds{mode=\"idle\"}[5m])",
     "rate(cpu_seconds{mode=\"idle\"}[5m]) or rate(cpu_time{mode=\"idle\"}[5m])"},
    {"sum(rate(cpu_time[5m]))",
     "sum(label_replace(rate(guest_time{mode=\"user\"}[5m]), \"mode\", \"guest\", \"\", \"\") or "
     "rate(cpu_seconds[5m]))",
     "sum(label_replace(rate(guest_time{mode=\"user\"}[5m]), \"mode\", \"guest\", \"\", \"\") or "
     "rate(cpu_seconds[5m]) or rate(cpu_time[5m]))"},
    // Only some of the old series have become others.
    {"sum(states{state=\"failed\"})", "sum(failed_states{state=\"\"})",
     "sum(label_replace(failed_states{state=\"\"}, \"state\", \"failed\", \"\", \"\") or "
     "states{state=\"failed\"})"},
    {"sum(states)",
     "sum(label_replace(failed_states{state=\"\"}, \"state\", \"failed\", \"\", \"\") or states)",
     "sum(label_replace(failed_states{state=\"\"}, \"state\", \"failed\", \"\", \"\") or states)"},
    {"absent(cpu_time{node=\"a\",mode=\"guest\"})",
     "label_replace(absent(guest_time{mode=\"user\",node=\"a\"}), \"mode\", \"guest\", \"\", \"\")",
     "label_replace(absent(guest_time{mode=\"user\",node=\"a\"}), \"mode\", \"guest\", \"\", \"\") "
     "and absent(cpu_time{node=\"a\",mode=\"guest\"})"},
    // By an expression.
    {"uptime{job=\"a\"} > 60", "time() - start_time{job=\"a\"} > 60",
     "(time() - start_time{job=\"a\"} or uptime{job=\"a\"}) > 60"},
    {"uptime offset 5m", "uptime offset 5m", ""},
    {"ratio{job=\"a\"} offset 5m > 60",
     "part{job=\"a\",a=\"b\"} offset 5m / whole{job=\"a\"} offset 5m > 60",
     "(part{job=\"a\",a=\"b\"} offset 5m / whole{job=\"a\"} offset 5m or ratio{job=\"a\"} offset "
     "5m) > 60"},
    {"uptime / 60", "(time() - start_time) / 60", "(time() - start_time or uptime) / 60"},
    {"rate(uptime[5m])", "rate(uptime[5m])", ""},
    // By one that is but a name: there is a range of it.
    {"rate(stamp{a=\"b\"}[5m] offset 1m)", "rate(boot_time{a=\"b\"}[5m] offset 1m)",
     "rate(boot_time{a=\"b\"}[5m] offset 1m) or rate(stamp{a=\"b\"}[5m] offset 1m)"},
    {"absent(stamp{a=\"b\"})", "absent(boot_time{a=\"b\"})",
     "absent(boot_time{a=\"b\"}) and absent(stamp{a=\"b\"})"},
    // Other values under the same name: once they are turned back, that is what tells.
    {"clock{core!=\"core0\"} > 1", "clock{core!=\"0\"} > 1", ""},
    {"sum(clock{core=~\"core0|core1\"})", "sum(clock{core=~\"0|1\"})", ""},
    {"clock / other", "label_replace(clock, \"core\", \"core$1\", \"core\", \"(.+)\") / other", ""},
    {"rate(clock{core=\"core0\"}[5m]) / other",
     "label_replace(rate(clock{core=\"0\"}[5m]), \"core\", \"core$1\", \"core\", \"(.+)\") / other",
     ""},
    // Types.
    {"rate(worker_us_sum[5m]) / rate(worker_us_count[5m])",
     "rate(worker_seconds_sum[5m]) * 1000000 / rate(worker_seconds_count[5m])",
     "(rate(worker_seconds_sum[5m]) * 1000000 or rate(worker_us_sum[5m])) / "
     "(rate(worker_seconds_count[5m]) or rate(worker_us_count[5m]))"},
    {"worker_us{quantile=\"0.9\"}", "worker_us{quantile=\"0.9\"}", ""},
    {"gone", "gone", ""},
    {"near", "near", ""},
    {"{__name__=~\"plain|gone\"}", "{__name__=~\"renamed|gone\"}", ""},
    // Several kinds in one expression.
    {"plain + on (node) cpu_cores", "renamed + on (node) requests{resource=\"cpu\",unit=\"core\"}",
     "(renamed or plain) + on (node) (sum without (resource, unit) "
     "(requests{resource=\"cpu\",unit=\"core\"}) or cpu_cores)"},
    {"cpu_cores + mem_bytes",
     "sum without (resource, unit) (requests{resource=\"cpu\",unit=\"core\"}) + sum without "
     "(resource, unit) (requests{resource=\"memory\",unit=\"byte\"})",
     "(sum without (resource, unit) (requests{resource=\"cpu\",unit=\"core\"}) or cpu_cores) + "
     "(sum "
     "without (resource, unit) (requests{resource=\"memory\",unit=\"byte\"}) or mem_bytes)"},
};

TEST(Conversion, Replace) {
  for (const Row& row : kRows) EXPECT_EQ(Rewrite(row.before, Mode::kReplace), row.replaced);
}

TEST(Conversion, Union) {
  for (const Row& row : kRows) {
    const std::string expected = *row.united != '\0' ? row.united : row.before;
    EXPECT_EQ(Rewrite(row.before, Mode::kUnion), expected) << row.before;
  }
}

TEST(Conversion, WhatIsLeftIsLeftToAPerson) {
  for (const Row& row : kRows) {
    const QueryPlan plan =
        PlanQuery(row.before, formats::QueryKind::kPromQL, Kinds(), Mode::kUnion);
    const bool person = std::ranges::any_of(plan.findings, [](const QueryFinding& finding) {
      return finding.disposition == Disposition::kNeedsPerson;
    });
    const bool migrated = std::string_view(row.before).starts_with("sum by (pod) (same");
    EXPECT_EQ(person, *row.united == '\0' && !migrated) << row.before;
  }
}

TEST(Conversion, FinalizeOfUnionIsReplace) {
  for (const Row& row : kRows) {
    const std::string united = Rewrite(row.before, Mode::kUnion);
    EXPECT_EQ(Rewrite(united, Mode::kFinalize), row.replaced) << united;
  }
}

// Both sides say the same in the end; the one that is left keeps what was written around it.
TEST(Conversion, SidesThatBecomeOne) {
  const std::string grouped = "sum by (node) (requests{resource=\"cpu\",unit=\"core\"})";
  const std::string shown = "sum without (resource, unit) (requests{resource=\"cpu\",unit=\"core\"";
  for (const Mode mode : {Mode::kReplace, Mode::kFinalize}) {
    EXPECT_EQ(Rewrite("cpu_cores or cpu_cores{}", mode), shown + "})");
    EXPECT_EQ(Rewrite("cpu_cores{} or cpu_cores", mode), shown + "})");
    EXPECT_EQ(Rewrite("(cpu_cores or cpu_cores{}) > 2", mode), shown + "}) > 2");
    EXPECT_EQ(Rewrite("sum by (node) (cpu_cores or cpu_cores{})", mode), grouped);
  }
}

TEST(Conversion, TwiceIsOnce) {
  for (const Row& row : kRows) {
    for (const Mode mode : {Mode::kReplace, Mode::kUnion, Mode::kFinalize}) {
      for (const bool keep_labels : {false, true}) {
        PlanOptions options(mode);
        options.keep_labels = keep_labels;
        const std::string once = Rewrite(row.before, options);
        EXPECT_EQ(Rewrite(once, options), once) << row.before;
        EXPECT_TRUE(promql::ParseExpr(once)) << once;
      }
    }
  }
}

TEST(Conversion, KeepsLabelsOfTheResult) {
  PlanOptions options;
  options.keep_labels = true;
  EXPECT_EQ(Rewrite("sum by (pod_name) (usage)", options),
            "sum by (pod_name) (sum without (pod) (label_replace(usage_total, \"pod_name\", "
            "\"$1\", \"pod\", \"(.*)\")))");
  EXPECT_EQ(Rewrite("sum(usage{pod_name=\"a\"})", options), "sum(usage_total{pod=\"a\"})");
}

TEST(Conversion, FollowsLabelsIntoVariables) {
  const auto kind = formats::QueryKind::kGrafanaVariable;
  EXPECT_EQ(Rewrite("label_values(usage{namespace=\"$ns\"}, pod_name)", Mode::kReplace, kind),
            "label_values(usage_total{namespace=\"$ns\"}, pod)");
  EXPECT_EQ(Rewrite("label_values(usage, node)", Mode::kReplace, kind),
            "label_values(usage_total, node)");
  EXPECT_EQ(Rewrite("label_values(cpu_cores, pod_name)", Mode::kReplace, kind),
            "label_values(requests{resource=\"cpu\",unit=\"core\"}, pod_name)");
  EXPECT_EQ(Rewrite("label_values(usage, pod_name)", Mode::kUnion, kind),
            "label_values(usage, pod_name)");
}

TEST(Conversion, NamesAsLabelsAreReported) {
  const auto codes = [](std::string_view text) {
    std::vector<FindingCode> out;
    const QueryPlan plan = PlanQuery(text, formats::QueryKind::kPromQL, Kinds(), Mode::kReplace);
    for (const QueryFinding& finding : plan.findings) out.push_back(finding.code);
    return out;
  };
  const std::vector<FindingCode> both = {FindingCode::kNameLabel, FindingCode::kRenamed};
  EXPECT_EQ(codes("count by (__name__) (plain)"), both);
  const std::vector<FindingCode> after = {FindingCode::kRenamed, FindingCode::kNameLabel};
  EXPECT_EQ(codes("label_replace(plain, \"a\", \"$1\", \"__name__\", \"(.*)\")"), after);
  EXPECT_EQ(codes("plain and on (__name__) x"), after);
  // A function drops the name before anybody can look at it.
  EXPECT_EQ(codes("count by (__name__) (rate(plain[5m]))"),
            std::vector<FindingCode>{FindingCode::kRenamed});
}

TEST(Conversion, AppliesLessThanExactWhenTold) {
  PlanOptions options;
  options.least = Equivalence::kApproximate;
  EXPECT_EQ(Rewrite("near > 1", options), "nearly > 1");
}

// A label that the upgrade dropped: what asks for its values cannot be translated, and who sees it
// is told.
TEST(Conversion, DroppedLabels) {
  MappingEntry dropped = Entry("dropped", "kept");
  dropped.new_labels = {{"x", ""}};
  dropped.equivalence = Equivalence::kApproximate;
  MappingEntry same = Entry("same", "same");
  same.new_labels = {{"x", ""}};
  same.equivalence = Equivalence::kApproximate;
  MappingTable table;
  table.name = table.component = "t";
  table.metrics = {dropped, same};
  const Mapping mapping = *Mapping::FromTables({table});
  PlanOptions options;
  options.least = Equivalence::kApproximate;
  struct {
    const char* before;
    const char* after;
    FindingCode code;
  } rows[] = {
      {"sum(dropped)", "sum(kept)", FindingCode::kRenamed},
      {"dropped", "kept", FindingCode::kResultLabel},
      {"sum by (x) (dropped)", "sum by (x) (kept)", FindingCode::kResultLabel},
      {"sum(dropped{x=~\".*\",y=\"1\"})", "sum(kept{y=\"1\"})", FindingCode::kRenamed},
      {"sum(dropped{x=\"v\"})", "sum(dropped{x=\"v\"})", FindingCode::kOpaqueMatcher},
      {"sum(dropped{x!=\"v\"})", "sum(dropped{x!=\"v\"})", FindingCode::kOpaqueMatcher},
      {"sum by (x) (same)", "sum by (x) (same)", FindingCode::kResultLabel},
      {"sum(same{x=\"v\"})", "sum(same{x=\"v\"})", FindingCode::kOpaqueMatcher},
  };
  for (const auto& row : rows) {
    const QueryPlan plan = PlanQuery(row.before, formats::QueryKind::kPromQL, mapping, options);
    EXPECT_EQ(plan.edits.Splice(row.before), row.after);
    EXPECT_EQ(std::ranges::count(plan.findings, row.code, &QueryFinding::code), 1) << row.before;
  }
}

// Who has gone back from requests{resource="cpu"} to cpu_cores need not say that it has no
// resource: it never had.
TEST(Conversion, TheWayBackAsksForNoMoreThanThereWas) {
  const Mapping back = *Kinds().Reversed();
  const auto reversed = [&back](std::string_view text) {
    return PlanQuery(text, formats::QueryKind::kPromQL, back, Mode::kReplace).edits.Splice(text);
  };
  EXPECT_EQ(reversed("sum(requests{resource=\"cpu\",unit=\"core\"})"), "sum(cpu_cores)");
  EXPECT_EQ(reversed("sum(failed_states)"), "sum(states{state=\"failed\"})");
}

}  // namespace
}  // namespace metrishift::rewrite
