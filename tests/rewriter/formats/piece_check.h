#ifndef METRISHIFT_TESTS_REWRITER_FORMATS_PIECE_CHECK_H_
#define METRISHIFT_TESTS_REWRITER_FORMATS_PIECE_CHECK_H_

#include <string>
#include <string_view>

#include "rewriter/formats/source_map.h"

namespace metrishift::formats {

// What is wrong with the map of a scalar that stands at `token` of `file` and decodes to `text`; ""
// when nothing is. Shared by the tests and the fuzz target.
inline std::string PieceProblem(std::string_view file, FileSpan token, std::string_view text,
                                const SourceMap& map) {
  size_t query_end = 0;
  size_t file_end = token.begin;
  for (const SourceMap::Piece& piece : map.pieces()) {
    const QuerySpan query{piece.query_begin, piece.query_end()};
    if (query.begin != query_end || query.empty()) return "pieces leave out or repeat query bytes";
    if (piece.file().begin < file_end || piece.file().begin >= piece.file().end)
      return "pieces overlap";
    if (piece.file().end > token.end) return "a piece lies outside of the token";
    if (query.end > text.size()) return "pieces go beyond the text";
    if (piece.verbatim && file.substr(piece.file().begin, piece.file().size()) !=
                              text.substr(query.begin, query.size())) {
      return "a verbatim piece differs from its bytes";
    }
    if (map.ToFile(query) != piece.file()) return "ToFile of a piece is not the piece";
    query_end = query.end;
    file_end = piece.file().end;
  }
  if (query_end != text.size()) return "the pieces do not cover the text";
  if (text.empty()) return "";
  const FileSpan all = map.ToFile({0, text.size()});
  if (all.begin != map.pieces().front().file().begin || all.end != file_end) return "ToFile of all";
  if (map.ToFile({text.size(), text.size()}) != FileSpan{file_end, file_end}) {
    return "ToFile of the end";
  }
  return "";
}

}  // namespace metrishift::formats

#endif  // METRISHIFT_TESTS_REWRITER_FORMATS_PIECE_CHECK_H_
