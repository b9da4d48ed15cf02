#include "exporter/exposition/alias_header.h"

#include "exporter/exposition/wire.h"

namespace metrishift::exposition {
namespace {

constexpr std::string_view kBlanks = " \t\r";

bool EndsSentence(std::string_view text) {
  return text.ends_with('.') || text.ends_with('!') || text.ends_with('?');
}

std::string EscapeHelp(std::string_view text, Format format) {
  std::string escaped;
  for (const char c : text) {
    const bool quote = c == '"' && format == Format::kOpenMetrics;
    if (c == '\n') {
      escaped += "\\n";
    } else {
      if (c == '\\' || quote) escaped += '\\';
      escaped += c;
    }
  }
  return escaped;
}

std::string Help(const AliasHeader& header, Format format) {
  std::string_view original = header.help;
  while (!original.empty() && kBlanks.find(original.back()) != kBlanks.npos) {
    original.remove_suffix(1);
  }
  std::string help(original);
  if (!help.empty()) help += EndsSentence(help) ? " " : ". ";
  return help += format == Format::kProtobuf ? std::string(header.remark)
                                             : EscapeHelp(header.remark, format);
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
  if (format == Format::kProtobuf) {
    return EncodeFamilyFields(header.family, Help(header, format), header.type,
                              IsUnitOf(header.unit, header.family) ? header.unit : "");
  }
  const std::string name = QuotedName(header.family);
  const std::string help = "# HELP " + name + " " + Help(header, format) + "\n";
  std::string type;
  if (header.type) {
    type = "# TYPE " + name + " " + std::string(TypeWord(*header.type, format)) + "\n";
  }
  if (format == Format::kText) return help + type;
  if (IsUnitOf(header.unit, header.family)) {
    type += "# UNIT " + name + " " + std::string(header.unit) + "\n";
  }
  return type + help;
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
