#ifndef METRISHIFT_REWRITER_FORMATS_EXTRACT_H_
#define METRISHIFT_REWRITER_FORMATS_EXTRACT_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/diagnostic.h"
#include "core/text_tree.h"
#include "rewriter/formats/source_map.h"

namespace metrishift::formats {

enum class FileFormat { kYaml, kJson };

// What kind of text a place holds.
enum class QueryKind {
  kPromQL,           // a whole PromQL expression in plain Prometheus (rule files)
  kGrafanaPromQL,    // the same with Grafana's variables
  kGrafanaVariable,  // the query of a Grafana template variable: label_values(...),
                     // query_result(...), a selector, ...
};

// One query in one file. Owns its strings: it may outlive the text it was found in.
struct EmbeddedQuery {
  std::string text;  // decoded
  QueryKind kind = QueryKind::kPromQL;
  std::string place;  // for people: "groups[0].rules[2].expr", "panels[3].targets[0].expr"
  FileSpan span;      // the whole scalar token: quotes, block header, anchor and tag included
  ScalarStyle style = ScalarStyle::kPlain;
  SourceMap map;  // from bytes of `text` to bytes of the file
  // Of a recording rule: the name that the result is stored as, and its scalar. Else empty. So is a
  // name of more than kMaxRecordBytes, since aliases may repeat it without end.
  std::string record;
  FileSpan record_span;
};
inline constexpr size_t kMaxRecordBytes = 1000;

struct Extraction {
  FileFormat format = FileFormat::kYaml;
  std::vector<EmbeddedQuery>
      queries;  // in file order; one per scalar, however many aliases name it
  // The names that recording rules store their results as, in file order, one per scalar. They are
  // no queries, but can be edited like queries: `text` is the name.
  std::vector<EmbeddedQuery> records;
  // Every scalar of the file, queries or not, in file order. What lies between them is layout and,
  // in YAML, comments and anchors.
  std::vector<FileSpan> scalars;
};

// The format by file name: .json is JSON; .yaml, .yml, .rules are YAML (but a text that begins as
// JSON does,
// `{"` or `[{`, is JSON, since libyaml does not know all of JSON's escapes); anything else nullopt.
// Upper and lower case are the same.
std::optional<FileFormat> FormatOf(std::string_view path, std::string_view text);

// Finds every query of `text` by the table of places (places.h). What is no string there, or an
// empty one, is no query; what belongs to a datasource other than Prometheus is none for us. The
// value is absent when the text does not parse, or when its aliases make a tree that is too deep or
// too large to walk (an alias bomb): one error then says where and why. Scalars whose source map
// cannot be trusted are warnings and not among the queries. All spans are half-open ranges of bytes
// of `text`. Thread-safe; never throws; time and memory are linear in the text's size.
Outcome<Extraction> Extract(FileFormat format, std::string_view text);

// What has to be written over the bytes at query.map.ToFile(span), so that the query then reads
// `text` where it reads `span` now; to be preferred to EscapeForScalar, as it knows what stands
// beside the span. Returns nothing where EscapeForScalar does, and when the span begins or ends
// inside an atom. REQUIRES: span.begin <= span.end <= query.text.size().
std::optional<std::string> EscapeForQuery(const EmbeddedQuery& query, QuerySpan span,
                                          std::string_view text);

}  // namespace metrishift::formats

#endif  // METRISHIFT_REWRITER_FORMATS_EXTRACT_H_
