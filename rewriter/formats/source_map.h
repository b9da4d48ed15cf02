#ifndef METRISHIFT_REWRITER_FORMATS_SOURCE_MAP_H_
#define METRISHIFT_REWRITER_FORMATS_SOURCE_MAP_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/span.h"
#include "core/text_tree.h"

namespace metrishift::formats {

// Says for every byte of a decoded scalar where it came from in the file. A list of pieces in
// order; a verbatim piece has the same bytes on both sides, the others (an escape, a folded line
// break) are atoms: one decoded text for one range of the file.
//
//   file:   "rate(x{a=\"b\"}[5m])"          pieces:  rate(x{a= | " | b | " | }[5m])
//   query:   rate(x{a="b"}[5m])                      verbatim    atom     atom
//
// File bytes that decode to nothing (the indentation of a block scalar, an escaped line break) lie
// between pieces and belong to none. All offsets are bytes, all spans half-open.
class SourceMap {
 public:
  // Kept small: a dashboard in a block scalar has one for each of its lines.
  struct Piece {
    uint32_t query_begin = 0;
    uint32_t query_size = 0;
    uint32_t file_begin = 0;
    uint32_t file_size : 31 = 0;
    uint32_t verbatim : 1 = true;

    size_t query_end() const { return size_t{query_begin} + query_size; }
    FileSpan file() const { return {file_begin, size_t{file_begin} + file_size}; }
  };
  static_assert(sizeof(Piece) == 16);

  // Says where the next `query_size` bytes of the query, in the order of both texts, came from.
  // Neighbouring verbatim pieces are joined; a piece without query bytes is not recorded.
  // REQUIRES: `file` lies behind the last piece, within the first 2 GiB; it is as long as the text
  // where `verbatim`.
  void Append(size_t query_size, FileSpan file, bool verbatim);

  // The smallest range of the file that decodes to everything in `span`: a span that begins or ends
  // inside an atom takes in the whole atom, and the bytes between two pieces are included where the
  // span covers both. An empty span gives the empty range before the byte that stands there, so
  // that what is inserted at the first byte of a line comes after its indentation; at the end of
  // the query it gives the empty range after the last piece. REQUIRES: span.begin <= span.end <=
  // the size of the query, which is not empty.
  FileSpan ToFile(QuerySpan span) const;

  // The map of a text inside of a text: this one leads to the bytes of a scalar's decoded text, and
  // `outer` from there to the file. Returns nothing where a piece of this map begins or ends inside
  // an atom of `outer`.
  std::optional<SourceMap> Through(const SourceMap& outer) const;

  const std::vector<Piece>& pieces() const { return pieces_; }

 private:
  bool CutsAtom(size_t at) const;

  // The piece that holds query byte `at`.
  const Piece& PieceAt(size_t at) const;

  std::vector<Piece> pieces_;
};

// A scalar, decoded by us with its map.
struct DecodedScalar {
  std::string text;
  SourceMap map;
};

// Decodes the scalar token at `span` of `file` as its style demands: quotes or block header
// included, and before them, in YAML, an anchor or a tag (where libyaml lets a scalar begin).
// Returns nothing when the result differs from `expected`, which is what the library read from the
// same bytes: then the map cannot be trusted, and the caller reports the scalar and leaves it
// alone. Rules: RFC 8259 section 7; YAML 1.1 chapter 9, line breaks (also NEL, LS and PS) as
// libyaml reads them: https://yaml.org/spec/1.1/#id903915. Linear in the size of the token.
// Thread-safe.
std::optional<DecodedScalar> DecodeScalar(std::string_view file, FileSpan span, ScalarStyle style,
                                          std::string_view expected);

// The same where no library has read the scalar. The indentation of a block scalar is then that of
// its first line that is not empty.
std::optional<DecodedScalar> DecodeScalar(std::string_view file, FileSpan span, ScalarStyle style);

// The bytes of the query next to a replacement; '\0' stands for the beginning or the end of the
// scalar. The default, a letter, is for a name that stands inside other text.
struct Neighbours {
  char before = 'x';
  char after = 'x';
};

// `text` as it has to be written inside a scalar of this style to be read as `text` again. Escapes
// only what the style demands, so that a name stays as it is in every style. Returns nothing when
// the style cannot hold the text there: a line break outside of JSON and double quotes (other lines
// would need indentation), a control character or invalid UTF-8, and in a plain scalar what would
// end it (": ", " #", in a flow collection also commas, brackets and braces) or begin another kind
// of node. A blank at a fold is for the caller to notice by decoding the result again.
std::optional<std::string> EscapeForScalar(std::string_view text, ScalarStyle style,
                                           Neighbours neighbours = {});

}  // namespace metrishift::formats

#endif  // METRISHIFT_REWRITER_FORMATS_SOURCE_MAP_H_
