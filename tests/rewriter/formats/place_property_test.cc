// Every row of the table of places, in every style of scalar: a query that is put there is found,
// its map is right for every byte, and an edit changes it and nothing else.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <variant>

#include "rewriter/formats/places.h"
#include "tests/rewriter/formats/piece_check.h"

namespace metrishift::formats {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kMark = "THE QUERY";  // stands for the scalar in a skeleton

std::string_view Cut(std::string_view& text, char separator) {
  const size_t end = std::min(text.find(separator), text.size());
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return part;
}

// `value` at `path`, as the table writes paths.
Json Put(std::string_view path, Json value) {
  if (path.starts_with('.')) path.remove_prefix(1);
  if (path.empty()) return value;
  if (path.starts_with("[]")) return Json::array({Put(path.substr(2), std::move(value))});
  if (path.starts_with('\'')) {
    path.remove_prefix(1);
    const std::string key(Cut(path, '\''));
    return Json{{key, Put(path, std::move(value))}};
  }
  const size_t size = std::min(path.find_first_of(".["), path.size());
  const std::string key(path.substr(0, size) == "*" ? "any" : path.substr(0, size));
  return Json{{key, Put(path.substr(size), std::move(value))}};
}

// Adds what a row demands of its node.
void Meet(std::string_view conditions, Json& node) {
  while (!conditions.empty()) {
    std::string_view alternatives = Cut(conditions, ' ');
    std::string_view key = Cut(alternatives, '=');
    const bool negated = key.ends_with('!');
    if (negated) key.remove_suffix(1);
    std::string value(negated ? "other" : Cut(alternatives, '|'));
    if (value.ends_with('*')) value.pop_back();
    if (value.empty()) continue;
    const Json member = Put(key, value);
    if (!node.contains(member.begin().key())) node.update(member);
  }
}

// A document in which `node` has the role `role`.
Json Embed(Role role, Json node) {
  if (role == Role::kAny) return node;
  for (const Place& place : Places()) {
    const Role* to = std::get_if<Role>(&place.to);
    if (to == nullptr || *to != role || place.from == role) continue;
    Json outer = Put(place.path, std::move(node));
    Meet(place.conditions, outer);
    return Embed(place.from, std::move(outer));
  }
  ADD_FAILURE() << "no row leads to role " << static_cast<int>(role);
  return node;
}

Json Skeleton(const Place& place) {
  Json node = Put(place.path, std::string(kMark));
  Meet(place.conditions, node);
  return Embed(place.from, std::move(node));
}

// `node` as YAML in block style, `scalar(indentation)` in the place of the mark.
template <class Scalar>
std::string Yaml(const Json& node, size_t indentation, const Scalar& scalar) {
  const std::string margin = "\n" + std::string(indentation, ' ');
  std::string out;
  if (node.is_array()) {
    for (const Json& item : node) out += margin + "-" + Yaml(item, indentation + 2, scalar);
  } else if (node.is_object()) {
    for (const auto& [key, value] : node.items()) {
      out += margin + "\"" + key + "\":" + Yaml(value, indentation + 2, scalar);
    }
  } else if (node == kMark) {
    out = " " + scalar(indentation);
  } else {
    out = " '" + node.get<std::string>() + "'";
  }
  return out;
}

// A way to write a query.
struct Writing {
  const char* name;
  std::string_view header;  // of a block; else the opening quote
  std::string_view closer;
  std::string_view lines;  // as they stand in the file, each to be indented
  std::string_view text;   // decoded
};

constexpr Writing kWritings[] = {
    {"plain", "", "", "rate(old[5m]) > 'a'", "rate(old[5m]) > 'a'"},
    {"plain, two lines", "", "", "old\n  + old", "old + old"},
    {"single", "'", "'", "old{a=''b''}", "old{a='b'}"},
    {"single, two lines", "'", "'", "old\n\n{a=''b''}", "old\n{a='b'}"},
    {"double", "\"", "\"", "old{a=\\\"\\u00e9\\\"}", "old{a=\"\u00e9\"}"},
    {"double, two lines", "\"", "\"", "old{a=\\\n  \\\"b\\\"}", "old{a=\"b\"}"},
    {"literal", "|\n", "", "sum(\n  old\n)", "sum(\n  old\n)\n"},
    {"literal strip", "|-\n", "", "old # c\n+ old", "old # c\n+ old"},
    {"literal keep", "|+ # c\n", "", "old\n\n", "old\n\n\n"},
    {"literal indented", "|2-\n", "", "old", "old"},
    {"folded", ">\n", "", "sum(\nold\n)", "sum( old )\n"},
    {"folded strip", ">-\n", "", "old\n\n  + old", "old\n\n  + old"},
    {"folded keep", ">+\n", "", "old\n+ old", "old + old\n"},
    {"anchor and tag", "&q !!str \"", "\"", "old", "old"},
};

std::string Write(const Writing& writing, size_t indentation) {
  const bool is_block = writing.header.ends_with('\n');
  const std::string margin(indentation, ' ');
  std::string out(writing.header);
  if (is_block) out += margin;
  for (const char c : writing.lines) {
    out += c;
    if (c == '\n') out += margin;
  }
  return out + std::string(writing.closer);
}

// The skeleton in a file, with the query as `scalar` writes it.
struct Sample {
  FileFormat format = FileFormat::kYaml;
  std::string file;
  std::string text;  // that has to be found
};

std::string WithLineEnds(std::string text, bool crlf) {
  if (!crlf) return text;
  std::string out;
  for (const char c : text) {
    if (c == '\n') out += '\r';
    out += c;
  }
  return out;
}

const EmbeddedQuery* Only(const Outcome<Extraction>& extraction, std::string_view text) {
  const EmbeddedQuery* found = nullptr;
  if (!extraction) return nullptr;
  for (const EmbeddedQuery& query : extraction->queries) {
    if (query.text != text) continue;
    if (found != nullptr) return nullptr;
    found = &query;
  }
  return found;
}

// Renames every "old" of the query and reads the file again.
void CheckSample(const Sample& sample, const char* what) {
  const Outcome<Extraction> extraction = Extract(sample.format, sample.file);
  const EmbeddedQuery* query = Only(extraction, sample.text);
  ASSERT_NE(query, nullptr) << what << ": not found in\n" << sample.file;
  ASSERT_EQ(PieceProblem(sample.file, query->span, query->text, query->map), "") << what;
  for (const std::string_view new_text : {"renamed", "(\"new\" or old)"}) {
    std::string file = sample.file;
    std::string text = sample.text;
    for (size_t at = text.rfind("old"); at != text.npos;
         at = at == 0 ? text.npos : text.rfind("old", at - 1)) {
      const QuerySpan span{at, at + 3};
      const auto escaped = EscapeForQuery(*query, span, new_text);
      // A plain scalar cannot begin with a quote, nor a Go string hold everything.
      if (!escaped) return;
      const FileSpan bytes = query->map.ToFile(span);
      ASSERT_EQ(sample.file.substr(bytes.begin, bytes.size()), "old") << what << sample.file;
      file.replace(bytes.begin, bytes.size(), *escaped);
      text.replace(at, 3, new_text);
    }
    const Outcome<Extraction> again = Extract(sample.format, file);
    ASSERT_NE(Only(again, text), nullptr) << what << ": not read as\n" << text << "\n" << file;
    ASSERT_EQ(again->queries.size(), extraction->queries.size()) << what;
  }
}

std::string Row(const Place& place) {
  return std::string(place.path) + " [" + std::string(place.conditions) + "]";
}

TEST(EveryPlace, InYaml) {
  for (const Place& place : Places()) {
    if (!std::holds_alternative<QueryPlace>(place.to)) continue;
    for (const Writing& writing : kWritings) {
      for (const bool crlf : {false, true}) {
        Sample sample;
        sample.file = "\xEF\xBB\xBF# a: comment\n---\n# old\nx: 'old'\n---" +
                      Yaml(Skeleton(place), 0, [&](size_t i) { return Write(writing, i); }) + "\n";
        sample.file = WithLineEnds(sample.file, crlf);
        sample.text = writing.text;
        CheckSample(sample, (Row(place) + ", " + writing.name).c_str());
        if (HasFatalFailure()) return;
      }
    }
  }
}

TEST(EveryPlace, InJson) {
  for (const Place& place : Places()) {
    if (!std::holds_alternative<QueryPlace>(place.to)) continue;
    for (const int indentation : {-1, 2}) {
      for (const bool wrapped : {false, true}) {
        Sample sample;
        sample.format = FileFormat::kJson;
        const Json node = Skeleton(place);
        sample.file = (wrapped ? Json{{"a", Json::array({1, node})}} : node).dump(indentation);
        sample.text = "sum(old{a=\"\\\\d\u00e9\"})\n/ old";
        const std::string mark = "\"" + std::string(kMark) + "\"";
        sample.file.replace(sample.file.find(mark), mark.size(),
                            "\"sum(old{a=\\\"\\\\\\\\d\\u00e9\\\"})\\n\\/ old\"");
        sample.text = "sum(old{a=\"\\\\d\u00e9\"})\n/ old";
        CheckSample(sample, Row(place).c_str());
        if (HasFatalFailure()) return;
      }
    }
  }
}

// A dashboard as JSON, and rules as YAML, in every style.
TEST(EveryPlace, TextsInTexts) {
  const std::string json = R"({"panels": [{"targets": [{"expr": "old{a=\"b\"}"}]}]})";
  const Writing writings[] = {
      {"single", "'", "'", json, "old{a=\"b\"}"},
      {"literal", "|\n", "", json, "old{a=\"b\"}"},
      {"folded", ">-\n", "", json, "old{a=\"b\"}"},
      {"literal, lines", "|-\n", "", "{\n  \"targets\": [\n  {\"expr\": \"old\"}]}", "old"},
      {"folded, lines", ">\n", "", "{\n\"targets\": [\n{\"expr\": \"old\"}]}", "old"},
      {"double", "\"", "\"", "{\\\"targets\\\": [{\\\"expr\\\": \\\"\\\\\\\"x\\\\\\\" + old\\\"}]}",
       "\"x\" + old"},
      {"YAML in literal", "|\n", "", "groups:\n- rules:\n  - expr: |-\n      old\n      + old\n",
       "old\n+ old"},
      {"YAML in literal, double", "|\n", "", "rules:\n- expr: \"old{a=\\\"b\\\"}\"\n",
       "old{a=\"b\"}"},
      {"template around a dashboard", "|-\n", "",
       "{{`{\"x\": \"`}}{{ .Values.x }}{{`\", \"targets\": [{\"expr\": \"old\"}]}`}}", "old"},
  };
  for (const Place& place : Places()) {
    const auto* nested = std::get_if<Nested>(&place.to);
    if (nested == nullptr || *nested != Nested::kDocument) continue;
    for (const Writing& writing : writings) {
      Sample sample;
      sample.file = Yaml(Skeleton(place), 0, [&](size_t i) { return Write(writing, i); }) + "\n";
      sample.text = writing.text;
      CheckSample(sample, (Row(place) + ", " + writing.name).c_str());
      if (HasFatalFailure()) return;
    }
  }
}

TEST(EveryPlace, QueriesInTextsOfAlerts) {
  const Writing writings[] = {
      {"plain", "", "", "a {{ query \"old\" | first | value }}", "old"},
      {"single", "'", "'", "{{ query `old{a=\"b\"}` }}", "old{a=\"b\"}"},
      {"double", "\"", "\"", "{{ query \\\"old{a=\\\\\\\"b\\\\\\\"}\\\" }}", "old{a=\"b\"}"},
      {"literal", "|\n", "", "text\n{{ range query \"old\" }}\n{{ . }}{{ end }}", "old"},
      {"printf", "'", "'", "{{ with printf \"old{a=\\\"%s\\\"}\" .x | query }}{{ . }}{{ end }}",
       "old{a=\"%s\"}"},
      {"printf in parentheses", "|\n", "", "{{ query (printf `old{a=\"%s\"}` $labels.x) }}",
       "old{a=\"%s\"}"},
  };
  for (const Place& place : Places()) {
    const auto* nested = std::get_if<Nested>(&place.to);
    if (nested == nullptr || *nested != Nested::kTemplate) continue;
    for (const Writing& writing : writings) {
      Sample sample;
      sample.file = Yaml(Skeleton(place), 0, [&](size_t i) { return Write(writing, i); }) + "\n";
      sample.text = writing.text;
      CheckSample(sample, (Row(place) + ", " + writing.name).c_str());
      if (HasFatalFailure()) return;
    }
  }
}

}  // namespace
}  // namespace metrishift::formats
