// Files from outside, read as YAML and as JSON: any bytes give queries or diagnostics. Every scalar
// decodes to what the library read, and its map is in order.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "core/yaml.h"
#include "rewriter/formats/extract.h"
#include "rewriter/formats/json.h"
#include "tests/rewriter/formats/piece_check.h"

namespace {

using namespace metrishift;           // NOLINT
using namespace metrishift::formats;  // NOLINT

void Require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

void CheckPieces(std::string_view file, FileSpan span, std::string_view text,
                 const SourceMap& map) {
  const std::string problem = PieceProblem(file, span, text, map);
  Require(problem.empty(), problem.c_str());
}

void CheckScalars(std::string_view file, const TextTree& tree) {
  for (NodeId id = 0; id < tree.size(); ++id) {
    const TextNode node = tree[id];
    if (node.kind != TextNode::Kind::kScalar) continue;
    const auto scalar = DecodeScalar(file, node.span, node.style, node.value);
    Require(scalar.has_value(), "a scalar is not decoded as the library does");
    CheckPieces(file, node.span, scalar->text, scalar->map);
    if (const auto escaped = EscapeForScalar(node.value, node.style)) {
      Require(escaped->size() >= node.value.size(), "escaping has lost bytes");
    }
  }
}

void CheckExtraction(std::string_view file, FileFormat format) {
  const Outcome<Extraction> extraction = Extract(format, file);
  Require(extraction || !extraction.diagnostics.empty(), "neither queries nor a reason");
  const SourceText source("f", file);
  for (const Diagnostic& diagnostic : extraction.diagnostics) {
    Require(diagnostic.span.begin <= diagnostic.span.end && diagnostic.span.end <= file.size(),
            "a diagnostic outside of the file");
    Require(!RenderDiagnostic(source, diagnostic, false).empty(), "nothing rendered");
  }
  if (!extraction) return;
  size_t last = 0;
  for (const EmbeddedQuery& query : extraction->queries) {
    Require(last <= query.span.begin && query.span.end <= file.size(), "queries out of order");
    last = query.span.end;
    CheckPieces(file, query.span, query.text, query.map);
  }
}

// What libyaml was not shown has changed nothing.
void CheckSame(const Outcome<TextTree>& abridged, const Outcome<TextTree>& whole) {
  Require(abridged.value.has_value() == whole.value.has_value(), "abridged YAML is read otherwise");
  if (!whole) return;
  Require(abridged->size() == whole->size(), "abridged YAML has other nodes");
  for (NodeId id = 0; id < whole->size(); ++id) {
    const TextNode a = (*abridged)[id];
    const TextNode b = (*whole)[id];
    Require(a.kind == b.kind && a.style == b.style && a.span == b.span && a.value == b.value,
            "abridged YAML has another node");
  }
}

bool IsWordByte(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Renames the first word of every query, as the program does, and reads the result.
void CheckRenaming(std::string_view file, FileFormat format) {
  const Outcome<Extraction> extraction = Extract(format, file);
  // An alias can make a query the key of something else, which then has another name.
  if (!extraction || (format == FileFormat::kYaml && file.find('*') != file.npos)) return;
  std::string after(file);
  std::vector<std::string> planned;
  for (const EmbeddedQuery& query : extraction->queries) planned.push_back(query.text);
  for (size_t i = planned.size(); i-- > 0;) {  // from the last, so that spans before it hold
    const EmbeddedQuery& query = extraction->queries[i];
    QuerySpan word;
    while (word.begin < query.text.size() && !IsWordByte(query.text[word.begin])) ++word.begin;
    word.end = word.begin;
    while (word.end < query.text.size() && IsWordByte(query.text[word.end])) ++word.end;
    const auto escaped = EscapeForQuery(query, word, word.empty() ? "" : "(new or old)");
    if (!escaped) continue;
    const FileSpan bytes = BytesOf(query, word);
    // With an action of a template more than the query would change.
    if (after.substr(bytes.begin, bytes.size()).find('{') != after.npos) continue;
    after.replace(bytes.begin, bytes.size(), *escaped);
    if (!word.empty()) planned[i].replace(word.begin, word.size(), "(new or old)");
  }
  const Outcome<Extraction> again = Extract(format, after);
  Require(again && again->queries.size() == planned.size(), "renaming has lost queries");
  for (size_t i = 0; i < planned.size(); ++i) {
    Require(again->queries[i].text == planned[i], "renaming has made another query");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view file(reinterpret_cast<const char*>(data), size);
  const auto whole = ParseYaml(file, 101);
  if (whole) CheckScalars(file, *whole);
  CheckSame(ParseYaml(file, 0), whole);
  if (const auto tree = ParseJson(file)) CheckScalars(file, *tree);
  for (const FileFormat format : {FileFormat::kYaml, FileFormat::kJson, FileFormat::kText}) {
    CheckExtraction(file, format);
    CheckRenaming(file, format);
  }
  CheckExtraction(file, FileFormat::kCode);
  return 0;
}
