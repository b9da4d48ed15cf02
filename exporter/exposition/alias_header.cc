#include "exporter/exposition/alias_header.h"

#include <initializer_list>

#include "exporter/exposition/wire.h"

namespace metrishift::exposition {
namespace {

constexpr std::string_view kBlanks = " \t\r";

bool EndsSentence(std::string_view text) {
  return text.ends_with('.') || text.ends_with('!') || text.ends_with('?');
}

void AppendHelp(const AliasHeader& header, Format format, std::string* out) {
  std::string_view original = header.help;
  while (!original.empty() && kBlanks.find(original.back()) != kBlanks.npos) {
    original.remove_suffix(1);
  }
  *out += original;
  if (!original.empty()) *out += EndsSentence(original) ? " " : ". ";
  for (const char c : header.remark) {
    const bool quote = c == '"' && format == Format::kOpenMetrics;
    if ((c == '\\' || c == '\n' || quote) && format != Format::kProtobuf) {
      *out += '\\';
      *out += c == '\n' ? 'n' : c;
    } else {
      *out += c;
    }
  }
}

std::string_view TypeWord(MetricType type, Format format) {
  if (type == MetricType::kUntyped && format == Format::kOpenMetrics) return "unknown";
  return MetricTypeName(type);
}

bool IsUnitOf(std::string_view unit, std::string_view family) {
  return !unit.empty() && family.size() > unit.size() && family.ends_with(unit) &&
         family[family.size() - unit.size() - 1] == '_';
}

}  // namespace

std::string EncodeHeader(const AliasHeader& header, Format format) {
  std::string out;
  if (format == Format::kProtobuf) {
    AppendHelp(header, format, &out);
    return EncodeFamilyFields(header.family, out, header.type,
                              IsUnitOf(header.unit, header.family) ? header.unit : "");
  }
  const std::string name = QuotedName(header.family);
  const auto append = [&out](std::initializer_list<std::string_view> words) {
    for (const std::string_view word : words) out += word;
  };
  const auto append_help = [&] {
    append({"# HELP ", name, " "});
    AppendHelp(header, format, &out);
    out += '\n';
  };
  out.reserve(32 + 3 * name.size() + header.help.size() + header.remark.size());
  if (format == Format::kText) append_help();
  if (header.type) append({"# TYPE ", name, " ", TypeWord(*header.type, format), "\n"});
  if (format == Format::kText) return out;
  if (IsUnitOf(header.unit, header.family)) append({"# UNIT ", name, " ", header.unit, "\n"});
  append_help();
  return out;
}

std::string LengthPrefix(size_t size) {
  std::string prefix;
  AppendVarint(size, &prefix);
  return prefix;
}

MetricType TypeAllowedFor(std::string_view table_name, MetricType type, Format format) {
  if (format != Format::kOpenMetrics) return type;
  const auto family = FamilyOfTableName(table_name, type, format);
  if (!family) return MetricType::kUntyped;
  const bool is_gauge = type == MetricType::kGauge;
  return is_gauge && !WithoutSuffix(table_name).empty() ? MetricType::kUntyped : type;
}

std::string QuotedName(std::string_view name) {
  if (IsMetricName(name)) return std::string(name);
  std::string quoted = "\"";
  AppendEscaped(name, &quoted);
  return quoted + "\"";
}

void AppendEscaped(std::string_view text, std::string* out) {
  for (const char c : text) {
    if (c == '\n') {
      *out += "\\n";
      continue;
    }
    if (c == '\\' || c == '"') *out += '\\';
    *out += c;
  }
}

}  // namespace metrishift::exposition
