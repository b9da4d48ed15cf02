#include "rewriter/formats/source_map.h"

#include <algorithm>

namespace metrishift::formats {

void SourceMap::Append(size_t query_size, FileSpan file, bool verbatim) {
  if (query_size == 0) return;
  if (verbatim && !pieces_.empty() && pieces_.back().verbatim &&
      pieces_.back().file().end == file.begin) {
    pieces_.back().query_size += static_cast<uint32_t>(query_size);
    pieces_.back().file_size += static_cast<uint32_t>(query_size);
    return;
  }
  Piece piece;
  piece.query_begin = static_cast<uint32_t>(pieces_.empty() ? 0 : pieces_.back().query_end());
  piece.query_size = static_cast<uint32_t>(query_size);
  piece.file_begin = static_cast<uint32_t>(file.begin);
  piece.file_size = static_cast<uint32_t>(file.size());
  piece.verbatim = verbatim;
  pieces_.push_back(piece);
}

const SourceMap::Piece& SourceMap::PieceAt(size_t at) const {
  const auto after = std::upper_bound(
      pieces_.begin(), pieces_.end(), at,
      [](size_t offset, const Piece& piece) { return offset < piece.query_begin; });
  return *std::prev(after);
}

FileSpan SourceMap::ToFile(QuerySpan span) const {
  const Piece& last = pieces_.back();
  if (span.begin >= last.query_end()) return {last.file().end, last.file().end};

  const Piece& first = PieceAt(span.begin);
  const size_t begin = first.file().begin + (first.verbatim ? span.begin - first.query_begin : 0);
  if (span.empty() && (first.verbatim || span.begin == first.query_begin)) return {begin, begin};

  const Piece& final = span.empty() ? first : PieceAt(span.end - 1);
  return {begin,
          final.verbatim ? final.file().begin + (span.end - final.query_begin) : final.file().end};
}

bool SourceMap::CutsAtom(size_t at) const {
  if (pieces_.empty() || at >= pieces_.back().query_end()) return false;
  const Piece& piece = PieceAt(at);
  return !piece.verbatim && piece.query_begin != at;
}

std::optional<SourceMap> SourceMap::Through(const SourceMap& outer) const {
  SourceMap map;
  for (const Piece& piece : pieces_) {
    const QuerySpan span{piece.file().begin, piece.file().end};
    if (outer.CutsAtom(span.begin) || outer.CutsAtom(span.end)) return std::nullopt;
    if (!piece.verbatim) {
      map.Append(piece.query_size, outer.ToFile(span), false);
      continue;
    }
    for (size_t at = span.begin; at < span.end;) {
      const Piece& under = outer.PieceAt(at);
      const size_t end = std::min(span.end, under.query_end());
      map.Append(end - at, under.verbatim ? outer.ToFile({at, end}) : under.file(), under.verbatim);
      at = end;
    }
  }
  return map;
}

}  // namespace metrishift::formats
