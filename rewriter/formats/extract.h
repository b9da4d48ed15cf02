#ifndef METRISHIFT_REWRITER_FORMATS_EXTRACT_H_
#define METRISHIFT_REWRITER_FORMATS_EXTRACT_H_

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/diagnostic.h"
#include "core/text_tree.h"
#include "rewriter/formats/source_map.h"

namespace metrishift::formats {

enum class FileFormat {
  kYaml,
  kJson,
  kText,   // neither: Terraform, templates without another extension
  kShell,  // scripts, units of systemd, files of environment variables: no queries, but settings
           // of programs (settings.h)
  kCode,   // programs and prose: jsonnet, Go, Markdown, ... Their queries are found by their looks,
           // and the program around them may do anything with them
};

// What kind of text a place holds.
enum class QueryKind {
  kPromQL,           // a whole PromQL expression in plain Prometheus (rule files)
  kGrafanaPromQL,    // the same with Grafana's variables
  kGrafanaVariable,  // the query of a Grafana template variable: label_values(...),
                     // query_result(...), a selector, ...
};

// What a query is for, where that limits what may become of it.
enum class QueryUse : uint8_t {
  kEvaluated,       // it is asked: anything that means the same may stand there
  kSelector,        // only series that match it are wanted; no expression may stand there
  kMetricName,      // a name (or what may be one), for itself
  kNameRegex,       // an anchored regular expression that metric names are compared with
  kNamePart,        // one that a part of a name is compared with: the x of Grafana's label_names(x)
  kFirstNameRegex,  // an anchored one, with the values of other labels behind the name and a
                    // semicolon
  kLastNameRegex,   // or before them
  kMidNameRegex,    // or on both sides
  kTestSeries,      // a series that a test of rules puts in
  kTestSample,      // one that it expects
  kPattern,         // a regular expression that names may be compared with, or anything else
};

// What a metric's name means in a stretch of a file that is no query.
enum class PassageKind : uint8_t {
  kCopy,      // kept beside a query, which nothing is asked with: what was chosen, and from what
  kChoice,    // put into queries as it is: the texts that a variable may stand for
  kShown,     // shown to people, or compared with what is shown to them
  kRenaming,  // of a relabelling that gives series other names
  kPacked,    // compressed: nobody reads what is in it
  kForeign,   // of another datasource than Prometheus, or in another language than PromQL
};

// A scalar or a collection that is no query, and may name metrics nevertheless.
struct Passage {
  PassageKind kind = PassageKind::kShown;
  FileSpan span;
};

// How the structure of a text was found.
enum class ReadAs : uint8_t {
  kTree,      // it is YAML or JSON
  kTemplate,  // it is YAML or JSON once its template actions are rendered
  kText,      // line by line: by the names of fields and by indentation
};

// One query in one file. Owns its strings: it may outlive the text it was found in.
struct EmbeddedQuery {
  std::string text;  // decoded
  QueryKind kind = QueryKind::kPromQL;
  QueryUse use = QueryUse::kEvaluated;
  std::string place;  // for people: "groups[0].rules[2].expr", "panels[3].targets[0].expr"
  FileSpan span;      // the whole scalar token: quotes, block header, anchor and tag included
  ScalarStyle style = ScalarStyle::kPlain;
  // Of the scalars around it, innermost first, where the query stands in a text inside of a text: a
  // dashboard as JSON in a literal block of a ConfigMap.
  std::vector<ScalarStyle> outer_styles;
  SourceMap map;  // from bytes of `text` to bytes of the file
  // Nothing says whether its datasource speaks PromQL; it is taken to.
  bool assumed = false;
  // Of a recording rule: the name that the result is stored as, and its scalar. Else empty. So is a
  // name of more than kMaxRecordBytes, since aliases may repeat it without end.
  std::string record;
  FileSpan record_span;
  // Of what belongs to a rule: the bytes of the rule. Else those of what the place was known by.
  FileSpan owner;
};
inline constexpr size_t kMaxRecordBytes = 1000;

// A label of the result that a text of a rule reads: {{ $labels.pod }}.
struct LabelRead {
  std::string label;
  FileSpan span;
  FileSpan owner;  // as that of the rule's query
};

struct Extraction {
  FileFormat format = FileFormat::kYaml;
  ReadAs read_as = ReadAs::kTree;
  std::vector<EmbeddedQuery>
      queries;  // in file order; one per scalar, however many aliases name it
  // The names that recording rules store their results as, in file order, one per scalar. They are
  // no queries, but can be edited like queries: `text` is the name.
  std::vector<EmbeddedQuery> records;
  std::vector<LabelRead> label_reads;
  // In file order, the outer before the inner; they nest or lie apart. There may be queries within.
  std::vector<Passage> passages;
  // Of YAML that is read as a tree: the stretches between its scalars that have words, in file
  // order. Those are words of comments, or names of anchors and aliases.
  std::vector<FileSpan> comments;
};

// The format by file name: .json is JSON; .yaml, .yml, .rules are YAML (but a text that begins as
// JSON does, `{"` or `[{`, is JSON, since libyaml does not know all of JSON's escapes); .tf,
// .tfvars, .hcl are text; .sh, .bash, .service, .env, a unit's drop-ins (.service.d/*.conf) and
// what is in default/ or sysconfig/ without extension are shell; with `code`, .jsonnet, .libsonnet,
// .md, .markdown, .go, .py, .ts and .cue are code. A template (.tpl, .tmpl, .gotmpl, .j2, .jinja,
// .jinja2, .erb) is what the extension before says, or text. Anything else is nullopt. Upper and
// lower case are the same.
std::optional<FileFormat> FormatOf(std::string_view path, std::string_view text, bool code = false);

// Whether a text inside of a text is worth reading. Asked once for each, in the order of the walk.
using Concerns = std::function<bool(std::string_view)>;

// Takes what a text has, one after the other as they stand in the file: nobody has to have room for
// all of it at once.
struct Receiver {
  std::function<void(EmbeddedQuery)> query;
  std::function<void(EmbeddedQuery)> record;
  std::function<void(LabelRead)> label_read;
};

// Finds every query of `text` by the table of places (places.h), also in texts inside of it (JSON
// in a ConfigMap) unless `concerns` says no to one. What is no string there, or an empty one, is no
// query; what belongs to a datasource other than Prometheus is none for us.
//
// YAML and JSON that do not parse are read as what they are once their template actions are
// rendered (template_mask.h); what does not parse then either, kText and kCode are read line by
// line (text_fields.h). Extraction::read_as says which. The actions stand in the texts of the
// queries.
//
// The value is absent when the text does not parse and has no template actions, or when its aliases
// make a tree that is too deep to walk: one error then says where and why. Scalars whose source map
// cannot be trusted are warnings and not among the queries. All spans are half-open ranges of bytes
// of `text`. Thread-safe; never throws; time and memory are linear in the text's size.
Outcome<Extraction> Extract(
    FileFormat format, std::string_view text,
    const Concerns& concerns = [](std::string_view) { return true; });

// The same, but for the queries, the records and the reads of labels: `receiver` gets them, and the
// value has none. It gets nothing where there is no value.
Outcome<Extraction> Extract(FileFormat format, std::string_view text, const Concerns& concerns,
                            const Receiver& receiver);

// The bytes of the file that have to go for `span` of the query to go: query.map.ToFile(span) and,
// where that ends with a line, the indentation of the next one, which would else stand in the
// middle of a line. REQUIRES: span.begin <= span.end <= query.text.size().
FileSpan BytesOf(const EmbeddedQuery& query, QuerySpan span);

// What has to be written over BytesOf(query, span), so that the query then reads `text` where it
// reads `span` now; to be preferred to EscapeForScalar, as it knows what stands
// beside the span. Returns nothing where EscapeForScalar does, and when the span begins or ends
// inside an atom. REQUIRES: span.begin <= span.end <= query.text.size().
std::optional<std::string> EscapeForQuery(const EmbeddedQuery& query, QuerySpan span,
                                          std::string_view text);

}  // namespace metrishift::formats

#endif  // METRISHIFT_REWRITER_FORMATS_EXTRACT_H_
