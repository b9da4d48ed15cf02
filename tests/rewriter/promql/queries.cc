#include "tests/rewriter/promql/queries.h"

namespace metrishift::promql {

const std::vector<std::string>& PlainQueries() {
  static const std::vector<std::string> queries = {
      "1",
      "-0x1F",
      "+1_000.5e3",
      "- - 5m30s",
      "\"text \\\"quoted\\\" \\u00e9\"",
      "`raw\nlines`",
      "x",
      "job:x:rate5m{a=\"b\"}",
      "{__name__=~\"a|b\", c!=\"d\", e!~`f.*`,}",
      "{\"a.b\", \"l.m\"='n', \"second\"}",
      "sum{by=\"on\"} + by",
      "rate(x{a=\"b\"}[5m]) * 8",
      "x[1h] offset 5m @ 1609746000.5",
      "x @ start() offset -1h",
      "x[5m + 30s * 2] anchored",
      "x smoothed",
      "x offset -max_of(step(), 5s)",
      "x offset (5m) + 3",
      "max_over_time(rate(x[5m])[1h:1m] @ end())",
      "sum by (a, \"b.c\",) (x) / ignoring (z) group_left (y, w) sum(y) without ()",
      "topk(5, x) by (job)",
      "count_values(\"v\", x)",
      "quantile(0.9, x) > bool 5",
      "a + on (x) group_right fill_left(1) fill_right(-2) b",
      "a and b or c unless d",
      "a atan2 b % c ^ -d ^ e",
      "a </ 1 >/ 2",
      "-(a + b) == c",
      "label_replace(x, \"dst\", \"$1\", \"src\", \"(.*)\")",
      "histogram_quantile(0.99, sum by (le) (rate(x_bucket[5m])))",
      "absent(x{job=\"etcd\"}) or vector(0)",
      "info(x, {a=\"\"})",
      "time() - start() + step()",
      "min_of(1, scalar(x))",
      "x{a=\"1\"} # comment { [\n / y",
  };
  return queries;
}

const std::vector<std::string>& GrafanaQueries() {
  static const std::vector<std::string> queries = {
      "$x",
      "rate(x{job=~\"$job\", $filter}[$__rate_interval])",
      "x${suffix}{a=~\"[[b]]\"} offset $o",
      "[[prefix]]_total[${n}m:$s]",
      "$agg by (job $g) ($metric)",
      "${fn}_over_time(x[5m]) $op bool 5",
      "topk($n, x{$label=\"v\", a=$b} @ ${__to})",
      "histogram_quantile(0.$q, sum(x) by (le, $by))",
      "x $op on (a) y",
  };
  return queries;
}

}  // namespace metrishift::promql
