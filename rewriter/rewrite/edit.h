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
    out.reserve(SizeAfter(original.size()));
    size_t at = 0;
    for (const Edit<SpanType>& edit : edits_) {
      out.append(original.substr(at, edit.span.begin - at)).append(edit.text);
      at = edit.span.end;
    }
    out.append(original.substr(at));
    return out;
  }

  // Applies the edits to `text`, and they become those that lead back: the same again undoes it.
  // So who has a large text need not hold it twice. REQUIRES: every span lies within `*text`.
  void Exchange(std::string* text) {
    std::string out;
    out.reserve(SizeAfter(text->size()));
    size_t at = 0;
    for (Edit<SpanType>& edit : edits_) {
      out.append(*text, at, edit.span.begin - at);
      at = edit.span.end;
      const size_t begin = out.size();
      out.append(edit.text);
      edit.text.assign(*text, edit.span.begin, edit.span.size());
      edit.span = {begin, out.size()};
    }
    out.append(*text, at);
    *text = std::move(out);
  }

 private:
  // The size of the result of a text of `size` bytes.
  size_t SizeAfter(size_t size) const {
    for (const Edit<SpanType>& edit : edits_) size += edit.text.size() - edit.span.size();
    return size;
  }

  // REQUIRES: a <= b.
  static bool Clash(const SpanType& a, const SpanType& b) { return b.begin < a.end || a == b; }

  std::vector<Edit<SpanType>> edits_;
};

// A text made of pieces of an original and of other text, as edits of the original. `second` are
// edits of what `first` makes of it: the result makes of the original what the two make one after
// the other. Also says where a place of the text in between lies in the original.
template <class SpanType>
class Composition {
 public:
  Composition(const EditSet<SpanType>& first, size_t original_size) {
    size_t at = 0;
    for (const Edit<SpanType>& edit : first.edits()) {
      Copy({at, edit.span.begin});
      Insert(edit.text);
      at = edit.span.end;
    }
    Copy({at, original_size});
  }

  // The place in the original of `at`, a byte offset in the text in between; the nearest one before
  // it, if it was not there.
  size_t ToOriginal(size_t at) const {
    size_t begin = 0;
    size_t nearest = 0;
    for (const Piece& piece : pieces_) {
      if (piece.copied && at < begin + piece.size()) return piece.span.begin + (at - begin);
      nearest = piece.copied ? piece.span.end : nearest;
      if (at < begin + piece.size()) return nearest;
      begin += piece.size();
    }
    return nearest;
  }

  EditSet<SpanType> Then(const EditSet<SpanType>& second) const {
    EditSet<SpanType> out;
    size_t reached = 0;  // of the original
    std::string pending;
    const auto copy = [&](SpanType span) {
      if (span.empty()) return;
      if (span.begin > reached || !pending.empty())
        out.Add({SpanType{reached, span.begin}, std::move(pending)});
      pending.clear();
      reached = span.end;
    };
    size_t begin = 0;  // of the piece, in the text in between
    auto edit = second.edits().begin();
    size_t skip_to = 0;  // what lies before it, in the text in between, is replaced
    for (const Piece& piece : pieces_) {
      const size_t end = begin + piece.size();
      size_t at = std::max(begin, skip_to);
      const auto keep = [&](size_t to) {
        if (to <= at) return;
        if (piece.copied) {
          copy({piece.span.begin + (at - begin), piece.span.begin + (to - begin)});
        } else {
          pending += piece.text.substr(at - begin, to - at);
        }
        at = to;
      };
      for (; edit != second.edits().end() && edit->span.begin < end; ++edit) {
        keep(edit->span.begin);
        pending += edit->text;
        skip_to = edit->span.end;
        at = std::max(at, std::min(skip_to, end));
      }
      keep(end);
      begin = end;
    }
    for (; edit != second.edits().end(); ++edit) pending += edit->text;
    if (original_end_ > reached || !pending.empty())
      out.Add({SpanType{reached, original_end_}, std::move(pending)});
    return out;
  }

 private:
  struct Piece {
    bool copied = false;
    SpanType span;     // of the original, if copied
    std::string text;  // otherwise
    size_t size() const { return copied ? span.size() : text.size(); }
  };
  void Copy(SpanType span) {
    if (!span.empty()) pieces_.push_back({true, span, ""});
    original_end_ = span.end;
  }
  void Insert(const std::string& text) {
    if (!text.empty()) pieces_.push_back({false, {}, text});
  }

  std::vector<Piece> pieces_;
  size_t original_end_ = 0;
};

using QueryEdit = Edit<QuerySpan>;
using QueryEditSet = EditSet<QuerySpan>;
using FileEdit = Edit<FileSpan>;
using FileEditSet = EditSet<FileSpan>;

}  // namespace metrishift::rewrite

#endif  // METRISHIFT_REWRITER_REWRITE_EDIT_H_
