#include "rewriter/formats/extract.h"

#include <algorithm>
#include <utility>

#include "core/metric_type.h"
#include "core/yaml.h"
#include "rewriter/formats/alert_template.h"
#include "rewriter/formats/datasource.h"
#include "rewriter/formats/json.h"
#include "rewriter/formats/place_walker.h"
#include "rewriter/formats/template_mask.h"
#include "rewriter/formats/text_fields.h"

namespace metrishift::formats {
namespace {

using Kind = TextNode::Kind;

// Dashboards as text in resources as text in lists: more than anyone has been seen to nest.
constexpr size_t kMaxNestedTexts = 4;

struct Suffix {
  std::string_view extension;
  FileFormat format;
};

constexpr Suffix kSuffixes[] = {
    {"json", FileFormat::kJson},  {"yaml", FileFormat::kYaml},     {"yml", FileFormat::kYaml},
    {"rules", FileFormat::kYaml}, {"tf", FileFormat::kText},       {"tfvars", FileFormat::kText},
    {"hcl", FileFormat::kText},   {"jsonnet", FileFormat::kCode},  {"libsonnet", FileFormat::kCode},
    {"md", FileFormat::kCode},    {"markdown", FileFormat::kCode}, {"go", FileFormat::kCode},
    {"py", FileFormat::kCode},    {"ts", FileFormat::kCode},       {"cue", FileFormat::kCode},
    {"sh", FileFormat::kShell},   {"bash", FileFormat::kShell},    {"service", FileFormat::kShell},
    {"env", FileFormat::kShell},
};

// Where files of variables have no extension, and where .conf is part of a unit.
constexpr std::string_view kVariableFolders[] = {"default", "sysconfig"};

// Of templates; what they render may be said by another extension before.
constexpr std::string_view kTemplateSuffixes[] = {"tpl",   "tmpl",   "gotmpl", "j2",
                                                  "jinja", "jinja2", "erb"};

// Cuts ".EXTENSION" off `path` and returns EXTENSION in lower case; "" when there is none.
std::string CutExtension(std::string_view& path) {
  const size_t dot = path.rfind('.');
  if (dot == path.npos || path.find('/', dot) != path.npos) return {};
  std::string extension(path.substr(dot + 1));
  for (char& c : extension) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  path = path.substr(0, dot);
  return extension;
}

// The name of the folder that `path` is in.
std::string_view FolderOf(std::string_view path) {
  const size_t slash = path.rfind('/');
  if (slash == path.npos) return "";
  const std::string_view folder = path.substr(0, slash);
  return folder.substr(folder.rfind('/') + 1);
}

bool IsShellByFolder(std::string_view path, std::string_view extension) {
  const std::string_view folder = FolderOf(path);
  if (extension.empty()) return std::ranges::count(kVariableFolders, folder) > 0;
  return extension == "conf" && folder.ends_with(".service.d");
}

bool BeginsAsJson(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  const size_t first = text.find_first_not_of(kSpace);
  if (first == text.npos) return false;
  const size_t second = text.find_first_not_of(kSpace, first + 1);
  const char inside = second == text.npos ? '\0' : text[second];
  return (text[first] == '{' && inside == '"') || (text[first] == '[' && inside == '{');
}

// As names have them. Not the colon, which is layout, too.
bool IsWordChar(char c) { return IsMetricNameChar(c) && c != ':'; }

// Reads one text, and with another Reader each text inside of it.
class Reader {
 public:
  Reader(std::string_view text, size_t depth, const Concerns& concerns, const Receiver& receiver)
      : text_(text), depth_(depth), concerns_(concerns), receiver_(receiver) {}

  Outcome<Extraction> Read(FileFormat format) {
    outcome_.value.emplace();
    outcome_->format = format;
    if (format == FileFormat::kShell) {
      outcome_->read_as = ReadAs::kText;
      return std::move(outcome_);
    }
    const bool is_text = format == FileFormat::kText || format == FileFormat::kCode;
    const bool is_tree = !is_text || (format == FileFormat::kText && BeginsAsJson(text_));
    if (!is_tree || !Tree(format == FileFormat::kYaml)) {
      if (!outcome_.value && !is_text) return std::move(outcome_);
      if (!outcome_.value) {
        outcome_ = {Extraction(), {}};
        outcome_->format = format;
      }
      Fields(format == FileFormat::kCode);
    }
    std::ranges::stable_sort(outcome_->passages, OuterFirst, &Passage::span);
    return std::move(outcome_);
  }

 private:
  // Returns false when the text is to be read line by line, or, with an error, not at all.
  bool Tree(bool is_yaml) {
    const auto parse = [&](std::string_view text) {
      return is_yaml ? ParseYaml(text) : ParseJson(text);
    };
    Outcome<TextTree> tree = parse(text_);
    if (!tree) {
      mask_ = MaskTemplate(text_);
      if (!mask_) {
        outcome_ = {std::nullopt, std::move(tree.diagnostics)};
        return false;
      }
      tree = parse(mask_->text);
      if (!tree) return false;
      outcome_->read_as = ReadAs::kTemplate;
    }
    if (is_yaml && !mask_) Comments(*tree);
    const auto take = [this, &tree](const FoundPlaces& places) {
      for (const Hit& hit : places.hits) Found(*tree, places, hit);
    };
    std::optional<Diagnostic> error = FindPlaces(*tree, take);
    if (error) outcome_ = {std::nullopt, {*error}};
    return !error;
  }

  void Comments(const TextTree& tree) {
    size_t begin = 0;
    const auto add = [&](size_t end) {
      const FileSpan between{begin, std::max(begin, end)};
      if (std::ranges::any_of(text_.substr(begin, between.size()), IsWordChar))
        outcome_->comments.push_back(between);
    };
    for (NodeId id = 0; id < tree.size(); ++id) {
      const TextNode node = tree[id];
      if (node.kind != Kind::kScalar) continue;
      add(node.span.begin);
      begin = node.span.end;
    }
    add(text_.size());
  }

  static bool OuterFirst(FileSpan a, FileSpan b) {
    return a.begin != b.begin ? a.begin < b.begin : a.end > b.end;
  }

  std::string_view Masked() const { return mask_ ? std::string_view(mask_->text) : text_; }

  void Found(const TextTree& tree, const FoundPlaces& places, const Hit& hit) {
    const TextNode node = tree[hit.node];
    if (const auto* passage = std::get_if<PassageKind>(&hit.what)) {
      outcome_->passages.push_back({*passage, node.span});
      return;
    }
    const auto* nested = std::get_if<Nested>(&hit.what);
    const bool is_document = nested != nullptr && *nested == Nested::kDocument;
    // Most of a large file is in such texts, so they are asked about before they are decoded.
    if (is_document && !mask_ && !concerns_(node.value)) return;
    std::optional<DecodedScalar> decoded =
        DecodeScalar(Masked(), node.span, node.style, node.value);
    if (!decoded) return Untraceable(node.span, places.PlaceOf(tree, hit));
    if (mask_) decoded = Unmask(*decoded, *mask_, text_);
    if (is_document && mask_ && !concerns_(decoded->text)) return;
    EmbeddedQuery query;
    query.place = places.PlaceOf(tree, hit);
    query.span = node.span;
    query.style = node.style;
    query.assumed = hit.assumed;
    query.owner = tree[hit.from].span;
    if (hit.record) SetRecord(tree[*hit.record], query);
    if (const auto* place = std::get_if<QueryPlace>(&hit.what)) {
      query.text = std::move(decoded->text);
      query.map = std::move(decoded->map);
      query.kind = place->kind;
      query.use = place->use;
      receiver_.query(std::move(query));
    } else if (std::holds_alternative<RecordPlace>(hit.what)) {
      query.text = std::move(decoded->text);
      query.map = std::move(decoded->map);
      receiver_.record(std::move(query));
    } else if (is_document) {
      Document(query, node.value, *std::move(decoded));
    } else if (nested != nullptr) {
      if (*nested == Nested::kShownTemplate)
        outcome_->passages.push_back({PassageKind::kShown, node.span});
      TemplateQueries(query, *decoded);
      for (const TemplateLabel& label : FindTemplateLabels(decoded->text)) {
        const QuerySpan span{label.span.begin, label.span.end};
        receiver_.label_read({std::string(label.name), decoded->map.ToFile(span), query.owner});
      }
    }
  }

  void SetRecord(const TextNode& node, EmbeddedQuery& query) const {
    query.record_span = node.span;
    if (node.value.size() > kMaxRecordBytes) return;
    query.record = node.value;
    if (!mask_) return;
    std::optional<DecodedScalar> decoded =
        DecodeScalar(Masked(), node.span, node.style, node.value);
    if (decoded) query.record = Unmask(*std::move(decoded), *mask_, text_).text;
  }

  void Untraceable(FileSpan span, const std::string& place) {
    outcome_.diagnostics.push_back(
        {Severity::kWarning, span,
         "the text of " + place + " cannot be traced back to its bytes, so it is left alone",
         "write it as a literal block (|)"});
  }

  // Queries in the actions of an alert's text. `query` says where that stands.
  void TemplateQueries(const EmbeddedQuery& query, const DecodedScalar& scalar) {
    for (const TemplateString& string : FindTemplateQueries(scalar.text)) {
      std::optional<DecodedScalar> decoded = DecodeScalar(scalar.text, string.span, string.style);
      if (!decoded || decoded->text.empty()) continue;
      EmbeddedQuery inner = query;
      inner.text = std::move(decoded->text);
      inner.map = std::move(decoded->map);
      inner.style = string.style;
      inner.span = string.span;
      Lift(std::move(inner), query, scalar.map, receiver_.query);
    }
  }

  // A whole text in a scalar. What is neither YAML nor JSON is none for us. `value`: what the tree
  // has of it, which is the same but for actions of templates.
  void Document(const EmbeddedQuery& query, std::string_view value, DecodedScalar scalar) {
    // Most of the file may be in here, and once is enough.
    if (!mask_) std::string().swap(scalar.text);
    const std::string_view text = mask_ ? std::string_view(scalar.text) : value;
    if (depth_ == kMaxNestedTexts || text.find(':') == text.npos) return;
    const bool is_json = BeginsAsJson(text) || text.find("{\"") < 64;
    const auto lift_to = [&](const std::function<void(EmbeddedQuery)>& to) {
      return [&](EmbeddedQuery inner) {
        inner.place = query.place + " > " + inner.place;
        inner.owner = scalar.map.ToFile({inner.owner.begin, inner.owner.end});
        Lift(std::move(inner), query, scalar.map, to);
      };
    };
    const auto lift_read = [&](LabelRead inner) {
      inner.span = scalar.map.ToFile({inner.span.begin, inner.span.end});
      inner.owner = scalar.map.ToFile({inner.owner.begin, inner.owner.end});
      receiver_.label_read(std::move(inner));
    };
    const Receiver receiver{lift_to(receiver_.query), lift_to(receiver_.record), lift_read};
    Reader reader(text, depth_ + 1, concerns_, receiver);
    Outcome<Extraction> inside = reader.Read(is_json ? FileFormat::kJson : FileFormat::kYaml);
    if (!inside) return;
    for (const Passage& inner : inside->passages) {
      const FileSpan span = scalar.map.ToFile({inner.span.begin, inner.span.end});
      outcome_->passages.push_back({inner.kind, span});
    }
    if (inside->read_as > outcome_->read_as) outcome_->read_as = inside->read_as;
  }

  // Gives `inner`, which stands in a text whose map is `text`, which is where `outer` says, to
  // `to`.
  void Lift(EmbeddedQuery inner, const EmbeddedQuery& outer, const SourceMap& text,
            const std::function<void(EmbeddedQuery)>& to) {
    std::optional<SourceMap> map = inner.map.Through(text);
    if (!map) return Untraceable(outer.span, inner.place);
    inner.map = *std::move(map);
    inner.span = text.ToFile({inner.span.begin, inner.span.end});
    if (!inner.record_span.empty()) {
      inner.record_span = text.ToFile({inner.record_span.begin, inner.record_span.end});
    }
    inner.outer_styles.push_back(outer.style);
    to(std::move(inner));
  }

  void Fields(bool code) {
    outcome_->read_as = ReadAs::kText;
    if (!mask_) mask_ = MaskTemplate(text_);
    std::vector<EmbeddedQuery> queries, records;
    for (const TextField& field : FindTextFields(Masked(), code)) {
      std::optional<DecodedScalar> decoded = DecodeField(field);
      if (!decoded || decoded->text.find_first_not_of(" \t\r\n") == std::string::npos) continue;
      if (mask_) decoded = Unmask(*decoded, *mask_, text_);
      if (LooksLikeLogQl(decoded->text)) {
        outcome_->passages.push_back({PassageKind::kForeign, field.span});
        continue;
      }
      EmbeddedQuery query;
      query.text = std::move(decoded->text);
      query.map = std::move(decoded->map);
      query.kind = field.kind;
      query.use = field.use;
      query.place = field.name;
      query.span = field.span;
      query.style = field.style;
      query.assumed = true;
      if (!field.record.empty()) FieldRecord(field.record, query, records);
      queries.push_back(std::move(query));
    }
    Give(std::move(queries), std::move(records));
  }

  // Gives what the fields have, in file order.
  void Give(std::vector<EmbeddedQuery> queries, std::vector<EmbeddedQuery> records) {
    std::ranges::stable_sort(queries, {}, &EmbeddedQuery::span);
    std::ranges::stable_sort(records, {}, &EmbeddedQuery::span);
    // One with a query in it is garbage, and cannot be edited for itself.
    std::erase_if(records, [&queries](const EmbeddedQuery& record) {
      const auto query = std::ranges::upper_bound(
          queries, record.span.begin, {}, [](const EmbeddedQuery& each) { return each.span.end; });
      return query != queries.end() && query->span.begin < record.span.end;
    });
    auto record = records.begin();
    for (EmbeddedQuery& query : queries) {
      while (record != records.end() && record->span < query.span)
        receiver_.record(std::move(*record++));
      receiver_.query(std::move(query));
    }
    while (record != records.end()) receiver_.record(std::move(*record++));
  }

  // Adds the record at `span`, which is that of `query`, to `records`.
  void FieldRecord(FileSpan span, EmbeddedQuery& query, std::vector<EmbeddedQuery>& records) {
    EmbeddedQuery record;
    record.place = "record";
    record.span = span;
    record.style = text_[span.begin] == '"'    ? ScalarStyle::kDoubleQuoted
                   : text_[span.begin] == '\'' ? ScalarStyle::kSingleQuoted
                                               : ScalarStyle::kPlain;
    std::optional<DecodedScalar> decoded = DecodeScalar(Masked(), span, record.style);
    if (!decoded || decoded->text.empty()) return;
    if (mask_) decoded = Unmask(*decoded, *mask_, text_);
    query.record_span = span;
    if (decoded->text.size() <= kMaxRecordBytes) query.record = decoded->text;
    record.text = std::move(decoded->text);
    record.map = std::move(decoded->map);
    const bool is_new = records.empty() || records.back().span != span;
    if (is_new) records.push_back(std::move(record));
  }

  std::optional<DecodedScalar> DecodeField(const TextField& field) const {
    return DecodeScalar(Masked(), field.span, field.style);
  }

  std::string_view text_;
  size_t depth_;
  const Concerns& concerns_;
  const Receiver& receiver_;
  std::optional<TemplateMask> mask_;
  Outcome<Extraction> outcome_;
};

}  // namespace

std::optional<FileFormat> FormatOf(std::string_view path, std::string_view text, bool code) {
  std::string extension = CutExtension(path);
  const bool is_template = std::ranges::count(kTemplateSuffixes, extension) != 0;
  if (is_template) extension = CutExtension(path);
  const auto* found = std::ranges::find(kSuffixes, extension, &Suffix::extension);
  if (found == std::end(kSuffixes)) {
    if (!is_template && IsShellByFolder(path, extension)) return FileFormat::kShell;
    return is_template ? std::optional(FileFormat::kText) : std::nullopt;
  }
  if (found->format == FileFormat::kCode && !code) return std::nullopt;
  // libyaml does not know all of JSON's escapes.
  const bool is_json = found->format == FileFormat::kYaml && BeginsAsJson(text);
  return is_json ? FileFormat::kJson : found->format;
}

Outcome<Extraction> Extract(FileFormat format, std::string_view text, const Concerns& concerns) {
  Extraction found;
  const auto add_to = [](auto& list) {
    return [&list](auto each) { list.push_back(std::move(each)); };
  };
  Outcome<Extraction> outcome =
      Extract(format, text, concerns,
              {add_to(found.queries), add_to(found.records), add_to(found.label_reads)});
  if (!outcome) return outcome;
  outcome->queries = std::move(found.queries);
  outcome->records = std::move(found.records);
  outcome->label_reads = std::move(found.label_reads);
  return outcome;
}

Outcome<Extraction> Extract(FileFormat format, std::string_view text, const Concerns& concerns,
                            const Receiver& receiver) {
  return Reader(text, 0, concerns, receiver).Read(format);
}

}  // namespace metrishift::formats
