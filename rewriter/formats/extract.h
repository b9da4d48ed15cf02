#ifndef METRISHIFT_REWRITER_FORMATS_EXTRACT_H_
#define METRISHIFT_REWRITER_FORMATS_EXTRACT_H_

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
  kGrafanaVariable,  // the query of a Grafana template variable: label_values(...), query_result(...), a selector, ...
};

// One query in one file.
struct EmbeddedQuery {
  std::string text;  // decoded
  QueryKind kind = QueryKind::kPromQL;
  std::string place;  // for people: "groups[0].rules[2].expr", "panels[3].targets[0].expr"
  FileSpan span;      // the whole scalar token
  ScalarStyle style = ScalarStyle::kPlain;
  SourceMap map;
};

struct Extraction {
  FileFormat format = FileFormat::kYaml;
  std::vector<EmbeddedQuery> queries;  // in file order; one per scalar, however many aliases name it
};

// The format by file name: .json is JSON; .yaml, .yml, .rules are YAML (but a text that starts with "{" or "[" is
// JSON); anything else nullopt.
std::optional<FileFormat> FormatOf(std::string_view path, std::string_view text);

// Finds every query of `text` by the table of places in places.cc. The value is absent when the text does not parse; the
// diagnostic then says where and why. Scalars whose source map cannot be trusted are warnings and not among the queries.
// Thread-safe; never throws; memory is bounded by a small multiple of the text's size.
Outcome<Extraction> Extract(FileFormat format, std::string_view text);

}  // namespace metrishift::formats

#endif  // METRISHIFT_REWRITER_FORMATS_EXTRACT_H_
