#ifndef METRISHIFT_TESTS_REWRITER_FORMATS_DUMP_H_
#define METRISHIFT_TESTS_REWRITER_FORMATS_DUMP_H_

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "rewriter/formats/extract.h"
#include "tests/rewriter/formats/piece_check.h"

namespace metrishift::formats {

// How the text was read, where not as a tree. One line per query: place, kind, text. Diagnostics
// follow.
inline std::string Dump(FileFormat format, std::string_view text) {
  const Outcome<Extraction> extraction = Extract(format, text);
  std::string out;
  if (extraction) {
    constexpr const char* kReadAs[] = {"", "as template:\n", "line by line:\n"};
    out += kReadAs[static_cast<int>(extraction->read_as)];
    for (const EmbeddedQuery& query : extraction->queries) {
      constexpr const char* kKinds[] = {" = ", " =$ ", " =var "};
      constexpr const char* kUses[] = {"",          " =sel ",    " =name ",   " =regex ",
                                       " =part ",   " =first ",  " =last ",   " =mid ",
                                       " =series ", " =sample ", " =pattern "};
      const bool evaluated = query.use == QueryUse::kEvaluated;
      out += query.place;
      out += evaluated ? kKinds[static_cast<int>(query.kind)] : kUses[static_cast<int>(query.use)];
      out += query.text + "\n";
      EXPECT_EQ(PieceProblem(text, query.span, query.text, query.map), "") << query.place;
    }
  }
  const SourceText source("f", text);
  for (const Diagnostic& diagnostic : extraction.diagnostics) {
    const std::string rendered = RenderDiagnostic(source, diagnostic, false);
    out += rendered.substr(0, rendered.find('\n')) + "\n";
  }
  return out;
}

// One line per passage: kind, and the first line of the bytes.
inline std::string DumpPassages(FileFormat format, std::string_view text) {
  const Outcome<Extraction> extraction = Extract(format, text);
  std::string out;
  if (!extraction) return out;
  for (const Passage& passage : extraction->passages) {
    constexpr const char* kKinds[] = {"copy ",     "choice ", "shown ",
                                      "renaming ", "packed ", "foreign "};
    std::string_view bytes = text.substr(passage.span.begin, passage.span.size());
    bytes = bytes.substr(0, bytes.find('\n'));
    out += kKinds[static_cast<int>(passage.kind)];
    out += std::string(bytes) + "\n";
  }
  return out;
}

}  // namespace metrishift::formats

#endif  // METRISHIFT_TESTS_REWRITER_FORMATS_DUMP_H_
