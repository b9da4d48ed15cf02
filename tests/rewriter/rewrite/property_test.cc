// What has to hold of every expression, tried on random ones over one table entry of each kind.
#include <gtest/gtest.h>

#include <random>
#include <span>

#include "rewriter/promql/lexer.h"
#include "rewriter/promql/parser.h"
#include "rewriter/rewrite/plan.h"
#include "tests/rewriter/rewrite/kinds.h"

namespace metrishift::rewrite {
namespace {

class Generator {
 public:
  explicit Generator(uint32_t seed) : random_(seed) {}

  std::string Expr(int depth) {
    if (depth == 0) return Selector();
    switch (Below(14)) {
      case 0:
      case 1:
        return Selector() + Pick({"", " offset 5m", " @ 100"});
      case 2:
      case 3:
        return Pick({"rate", "increase", "max_over_time", "changes", "stdvar_over_time", "deriv",
                     "absent_over_time", "last_over_time"}) +
               "(" + Selector() + "[5m])";
      case 4:
      case 5:
        return Pick({"sum", "max", "count", "avg"}) + Grouping() + " (" + Expr(depth - 1) + ")";
      case 6:
        return "topk" + Grouping() + " (2, " + Expr(depth - 1) + ")";
      case 7:
      case 8:
        return Expr(depth - 1) + Pick({" + ", " / ", " * ", " > ", " == "}) + Matching() +
               Expr(depth - 1);
      case 9:
        return Expr(depth - 1) + Pick({" and ", " or ", " unless "}) + Expr(depth - 1);
      case 10:
        return "label_replace(" + Expr(depth - 1) + ", \"" + Label() + "\", \"$1\", \"" + Label() +
               "\", \"(.*)\")";
      case 11:
        if (Below(3) == 0) {
          return "predict_linear(" + Selector() + "[5m], scalar(" + Expr(depth - 1) + "))";
        }
        return Pick({"absent(", "timestamp(", "-", "abs(", "(", "histogram_quantile(0.9, ",
                     "scalar(", "sort(", "vector(1) + ("}) +
               Expr(depth - 1) + ")";
      case 12:
        return "max_over_time((" + Expr(depth - 1) + ")[5m:1m])";
      default:
        return Expr(depth - 1) + Pick({" * 2", " > bool 5", " ^ 2", " % 7"});
    }
  }

 private:
  size_t Below(size_t n) { return random_() % n; }
  std::string Pick(std::initializer_list<const char*> words) {
    return words.begin()[Below(words.size())];
  }
  std::string Label() {
    return Pick({"pod_name", "pod", "cpu", "resource", "node", "reason", "le", "method", "unit",
                 "mode", "state"});
  }
  std::string Labels() {
    std::string out = Label();
    if (Below(2) == 0) out += ", " + Label();
    return out;
  }
  std::string Grouping() {
    const std::string keyword = Pick({"", " by (", " without ("});
    return keyword.empty() ? "" : keyword + Labels() + ")";
  }
  std::string Matching() {
    switch (Below(4)) {
      case 0:
        return "on (" + Labels() + ") ";
      case 1:
        return "ignoring (" + Labels() + ") ";
      case 2:
        return "on (" + Label() + ") group_left (" + Label() + ") ";
      default:
        return "";
    }
  }
  std::string Selector() {
    std::string out =
        Pick({"cpu_cores",     "mem_bytes",  "usage", "same",  "io_ms",    "sectors", "temp_f",
              "lat_ms_bucket", "lat_ms_sum", "freq",  "proc",  "jobs",     "uptime",  "ratio",
              "worker_us_sum", "gone",       "near",  "plain", "cpu_time", "states",  "other"});
    switch (Below(6)) {
      case 0:
        return out + "{" + Label() + Pick({"=", "!=", "=~"}) + "\"" +
               Pick({"", "a", "cpu0", "cpu", "0.1", "100", "cpu0|cpu1", "a.*", "get_attr", "guest",
                     "failed"}) +
               "\"}";
      case 1:
        return out + Pick({"{ }", "{}"});
      case 2:
        return out + "{node=\"n\"," + Label() + "!=\"x\"}";
      default:
        return out;
    }
  }

  std::mt19937 random_;
};

std::string Rewrite(const std::string& text, const Mapping& mapping, PlanOptions options) {
  return PlanQuery(text, formats::QueryKind::kPromQL, mapping, options).edits.Splice(text);
}

// Expressions that PromQL's grammar and types allow.
template <class Check>
void ForRandomExpressions(int count, Check check) {
  int checked = 0;
  for (uint32_t seed = 1; checked < count; ++seed) {
    const std::string text = Generator(seed).Expr(static_cast<int>(1 + seed % 4));
    if (!promql::ParseExpr(text)) continue;
    ++checked;
    check(text);
    if (testing::Test::HasFailure()) return;
  }
}

TEST(Property, ResultParsesAndTwiceIsOnce) {
  const Mapping kinds = Kinds();
  ForRandomExpressions(20000, [&kinds](const std::string& text) {
    for (const Mode mode : {Mode::kReplace, Mode::kUnion, Mode::kFinalize}) {
      for (const bool keep_labels : {false, true}) {
        PlanOptions options(mode);
        options.keep_labels = keep_labels;
        const std::string once = Rewrite(text, kinds, options);
        EXPECT_TRUE(promql::ParseExpr(once)) << text << "\n" << once;
        EXPECT_EQ(Rewrite(once, kinds, options), once) << text;
      }
    }
  });
}

TEST(Property, FinalizeOfUnionIsReplace) {
  const Mapping kinds = Kinds();
  ForRandomExpressions(20000, [&kinds](const std::string& text) {
    const std::string united = Rewrite(text, kinds, Mode::kUnion);
    if (united == text) return;
    // What a union had to leave, replace may still do: then the two differ, by that alone.
    const QueryPlan plan = PlanQuery(text, formats::QueryKind::kPromQL, kinds, Mode::kUnion);
    for (const QueryFinding& finding : plan.findings) {
      if (finding.disposition == Disposition::kNeedsPerson) return;
    }
    EXPECT_EQ(Rewrite(united, kinds, Mode::kFinalize), Rewrite(text, kinds, Mode::kReplace))
        << text << "\n"
        << united;
  });
}

TEST(Property, IdentityTableChangesNothing) {
  ForRandomExpressions(2000, [](const std::string& text) {
    for (const Mode mode : {Mode::kReplace, Mode::kUnion, Mode::kFinalize}) {
      const QueryPlan plan = PlanQuery(text, formats::QueryKind::kPromQL, Mapping(), mode);
      EXPECT_TRUE(plan.edits.empty() && plan.findings.empty()) << text;
    }
  });
}

// Outside of its edits nothing changes, and edits begin and end between tokens (or, for names in
// quotes, between the quotes).
TEST(Property, EditsTouchWholeTokens) {
  const Mapping kinds = Kinds();
  ForRandomExpressions(5000, [&kinds](const std::string& text) {
    const QueryPlan plan = PlanQuery(text, formats::QueryKind::kPromQL, kinds, Mode::kReplace);
    for (const QueryEdit& edit : plan.edits.edits()) {
      for (const promql::Token& token : promql::Tokenize(text, promql::Dialect::kPrometheus)) {
        const size_t quote = token.kind == promql::TokenKind::kString ? 1 : 0;
        const auto inside = [&](size_t at) {
          return at > token.span.begin + quote && at < token.span.end - quote;
        };
        EXPECT_FALSE(inside(edit.span.begin) || inside(edit.span.end))
            << text << " at " << edit.span.begin;
      }
    }
  });
}

}  // namespace
}  // namespace metrishift::rewrite
