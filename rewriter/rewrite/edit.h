#ifndef METRISHIFT_REWRITER_REWRITE_EDIT_H_
#define METRISHIFT_REWRITER_REWRITE_EDIT_H_

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/span.h"

namespace metrishift::rewrite {

// "Put `text` in place of the bytes of `span`". A value in the coordinates of the ORIGINAL text,
// whatever other edits do.
template <class SpanType>
struct Edit {
  SpanType span;
  std::string text;
  friend bool operator==(const Edit&, const Edit&) = default;
};

// Edits of one text, in order of their spans, none touching a byte that another touches.
template <class SpanType>
class EditSet {
 public:
  // Adds `edit`, and returns nothing. Where it overlaps another edit (or both insert at one place)
  // the set stays as it is and the other edit is returned. The same edit twice is one edit: a YAML
  // alias leads to the same bytes again.
  std::optional<Edit<SpanType>> Add(Edit<SpanType> edit) {
    const auto after = std::ranges::lower_bound(edits_, edit.span, {}, &Edit<SpanType>::span);
    if (after != edits_.end() && *after == edit) return std::nullopt;
    if (after != edits_.end() && Clash(edit.span, after->span)) return *after;
    if (after != edits_.begin() && Clash((after - 1)->span, edit.span)) return *(after - 1);
    edits_.insert(after, std::move(edit));
    return std::nullopt;
  }

  const std::vector<Edit<SpanType>>& edits() const { return edits_; }
  bool empty() const { return edits_.empty(); }

  // `original` with the edits applied: one pass that copies gap, replacement, gap, ...
  // REQUIRES: every span lies within `original`.
  std::string Splice(std::string_view original) const {
    std::string out;
    size_t at = 0;
    for (const Edit<SpanType>& edit : edits_) {
      out.append(original.substr(at, edit.span.begin - at)).append(edit.text);
      at = edit.span.end;
    }
    return out.append(original.substr(at));
  }

 private:
  // REQUIRES: a <= b.
  static bool Clash(const SpanType& a, const SpanType& b) { return b.begin < a.end || a == b; }

  std::vector<Edit<SpanType>> edits_;
};

using QueryEdit = Edit<QuerySpan>;
using QueryEditSet = EditSet<QuerySpan>;
using FileEdit = Edit<FileSpan>;
using FileEditSet = EditSet<FileSpan>;

}  // namespace metrishift::rewrite

#endif  // METRISHIFT_REWRITER_REWRITE_EDIT_H_
