#ifndef METRISHIFT_REWRITER_FORMATS_SOURCE_MAP_H_
#define METRISHIFT_REWRITER_FORMATS_SOURCE_MAP_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/span.h"
#include "core/text_tree.h"

namespace metrishift::formats {

// Says for every byte of a decoded scalar where it came from in the file. A list of pieces in order; a verbatim piece has the
// same bytes on both sides, the others (an escape, a folded line break) are atoms: one decoded text for one range of the file.
//
//   file:   "rate(x{a=\"b\"}[5m])"          pieces:  rate(x{a= | " | b | " | }[5m])
//   query:   rate(x{a="b"}[5m])                      verbatim    atom     atom
//
// File bytes that decode to nothing (the indentation of a block scalar) lie between pieces and belong to none.
class SourceMap {
 public:
  struct Piece {
    size_t query_begin = 0;
    FileSpan file;
    size_t query_size = 0;
    bool verbatim = true;
  };

  // REQUIRES: pieces are appended in order of both coordinates. Neighbouring verbatim pieces are joined.
  void Append(size_t query_size, FileSpan file, bool verbatim);

  // The smallest range of the file that decodes to everything in `span`: a span that begins or ends inside an atom takes in
  // the whole atom. An empty span at the end of the query gives the empty range after the last piece.
  FileSpan ToFile(QuerySpan span) const;

  const std::vector<Piece>& pieces() const { return pieces_; }

 private:
  std::vector<Piece> pieces_;
};

// A scalar, decoded by us with its map.
struct DecodedScalar {
  std::string text;
  SourceMap map;
};

// Decodes the scalar token at `span` of `file` (quotes or block header included) as its style demands.
// Returns nothing when the result differs from `expected`, which is what the library read from the same bytes: then the map
// cannot be trusted, and the caller reports the scalar and leaves it alone.
// Rules: RFC 8259 section 7; YAML 1.1 chapter 9 (and 8.2 for block scalars), line breaks as libyaml reads them.
std::optional<DecodedScalar> DecodeScalar(std::string_view file, FileSpan span, ScalarStyle style,
                                          std::string_view expected);

// `text` as it has to be written inside a scalar of this style at a place where `file_before` .. is its surrounding.
// Returns nothing when the style cannot hold it (a line break in a plain scalar, say).
std::optional<std::string> EscapeForScalar(std::string_view text, ScalarStyle style);

}  // namespace metrishift::formats

#endif  // METRISHIFT_REWRITER_FORMATS_SOURCE_MAP_H_
