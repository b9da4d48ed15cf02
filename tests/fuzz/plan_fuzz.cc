// Any expression under any choice of table entries, in any mode. The first bytes choose; the rest
// is the expression. What comes out is PromQL, a second time changes nothing, and finalize of a
// union is the replacement.

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "rewriter/promql/parser.h"
#include "rewriter/rewrite/plan.h"
#include "tests/rewriter/rewrite/kinds.h"

using metrishift::Equivalence;
using metrishift::Mapping;
using metrishift::formats::QueryKind;
using metrishift::rewrite::Mode;
using metrishift::rewrite::PlanOptions;
using metrishift::rewrite::PlanQuery;
using metrishift::rewrite::QueryPlan;

namespace {

std::string Rewrite(std::string_view text, QueryKind kind, const Mapping& mapping,
                    const PlanOptions& options) {
  const QueryPlan plan = PlanQuery(text, kind, mapping, options);
  for (const auto& finding : plan.findings) {
    if (finding.span.begin > finding.span.end || finding.span.end > text.size()) std::abort();
  }
  if (plan.error && !plan.edits.empty()) std::abort();
  return plan.edits.Splice(text);
}

void Check(std::string_view text, QueryKind kind, const Mapping& mapping, PlanOptions options) {
  const std::string once = Rewrite(text, kind, mapping, options);
  if (kind == QueryKind::kPromQL && metrishift::promql::ParseExpr(text) &&
      !metrishift::promql::ParseExpr(once))
    std::abort();
  if (Rewrite(once, kind, mapping, options) != once) std::abort();
  if (options.mode != Mode::kUnion) return;
  options.mode = Mode::kReplace;
  const std::string replaced = Rewrite(text, kind, mapping, options);
  options.mode = Mode::kFinalize;
  if (Rewrite(once, kind, mapping, options) != replaced) std::abort();
  if (Rewrite(text, kind, Mapping(), options) != text) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr size_t kHead = 5;
  if (size < kHead) return 0;
  uint32_t which = 0;
  std::memcpy(&which, data, sizeof which);
  PlanOptions options(static_cast<Mode>(data[4] % 3));
  options.keep_labels = (data[4] & 8) != 0;
  options.least = (data[4] & 16) != 0 ? Equivalence::kApproximate : Equivalence::kAggregated;
  const auto kind = static_cast<QueryKind>(data[4] / 32 % 3);
  const std::string_view text(reinterpret_cast<const char*>(data) + kHead, size - kHead);
  Check(text, kind, metrishift::rewrite::Kinds(which), options);
  return 0;
}
