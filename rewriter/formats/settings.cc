#include "rewriter/formats/settings.h"

#include <algorithm>
#include <utility>

#include "core/find_bytes.h"
#include "rewriter/formats/setting_finder.h"

namespace metrishift::formats {
namespace {

// Scripts in units in scripts in manifests: more than anyone has been seen to nest.
constexpr size_t kMaxNestedTexts = 4;

constexpr std::string_view kBlanks = " \t\r\n";

// The end of the line that `at` lies on, before its line end.
size_t LineEnd(std::string_view text, size_t at) {
  size_t end = std::min(text.find('\n', at), text.size());
  if (end > at && text[end - 1] == '\r') --end;
  return end;
}

size_t NextLine(std::string_view text, size_t at) {
  return std::min(text.find('\n', at), text.size() - 1) + 1;
}

// "export NAME=VALUE" and "NAME=VALUE": where the name begins and ends; nothing for other lines.
std::optional<FileSpan> NameOnLine(std::string_view text, size_t line, size_t end) {
  size_t begin = std::min(text.find_first_not_of(" \t", line), end);
  constexpr std::string_view kExport = "export ";
  if (text.substr(begin, end - begin).starts_with(kExport))
    begin = std::min(text.find_first_not_of(" \t", begin + kExport.size()), end);
  const size_t equals = text.find('=', begin);
  if (equals == text.npos || equals >= end || equals == begin) return std::nullopt;
  return FileSpan{begin, equals};
}

// The first line that is no comment opens a section: [Unit].
bool IsUnit(std::string_view text) {
  if (text.starts_with("#!")) return false;
  for (size_t line = 0; line < text.size(); line = NextLine(text, line)) {
    const size_t end = LineEnd(text, line);
    const std::string_view content = text.substr(line, end - line);
    if (content.find_first_not_of(" \t") == content.npos || content[0] == '#' || content[0] == ';')
      continue;
    return content.starts_with('[') && content.find(']') != content.npos &&
           content.find(' ') == content.npos;
  }
  return false;
}

// OPTIONS, DAEMON_ARGS: where a file is about one program only, these are its arguments.
bool HoldsArguments(std::string_view variable) {
  constexpr std::string_view kEnds[] = {"ARGS", "ARGUMENTS", "FLAGS", "OPTIONS", "OPTS"};
  return std::ranges::any_of(kEnds,
                             [variable](std::string_view end) { return variable.ends_with(end); });
}

// The end of the value in a unit that begins on the line at `line`: a backslash at the end of a
// line goes on, and comments in between do not count.
size_t ValueEnd(std::string_view text, size_t line) {
  size_t end = LineEnd(text, line);
  bool goes_on = end > line && text[end - 1] == '\\';
  while (goes_on) {
    const size_t next = NextLine(text, end);
    if (next == text.size()) break;
    end = LineEnd(text, next);
    const size_t first = text.find_first_not_of(" \t", next);
    const bool comment = first != text.npos && (text[first] == '#' || text[first] == ';');
    goes_on = comment || (end > next && text[end - 1] == '\\');
  }
  return end;
}

// What stands behind NAME= on a line goes on behind the value, as in a script, or is an array.
bool IsCommandBehind(std::string_view value) {
  if (value.starts_with('(')) return true;
  if (value.empty() || value[0] == '"' || value[0] == '\'' || value[0] == '-') return false;
  const size_t blank = value.find_first_of(" \t");
  const size_t next = value.find_first_not_of(" \t", std::min(blank, value.size()));
  return next != value.npos && value[next] != '#';
}

// A file of nothing but assignments and comments.
bool IsAssignments(std::string_view text) {
  bool any = false;
  for (size_t line = 0; line < text.size(); line = NextLine(text, line)) {
    const size_t end = LineEnd(text, line);
    const size_t first = text.find_first_not_of(" \t", line);
    if (first == text.npos || first >= end || text[first] == '#') continue;
    const std::optional<FileSpan> name = NameOnLine(text, line, end);
    if (!name) return false;
    const bool upper = std::all_of(
        text.begin() + static_cast<std::ptrdiff_t>(name->begin),
        text.begin() + static_cast<std::ptrdiff_t>(name->end),
        [](char c) { return (c >= 'A' && c <= 'Z') || c == '_' || (c >= '0' && c <= '9'); });
    if (!upper || IsCommandBehind(text.substr(name->end + 1, end - name->end - 1))) return false;
    any = true;
  }
  return any;
}

}  // namespace

DecodedScalar PartOf(const DecodedScalar& text, FileSpan range) {
  if (text.map.pieces().empty()) return {};
  SourceMap part;
  part.Append(range.size(), range, true);
  std::optional<SourceMap> map = part.Through(text.map);
  if (!map) return {};
  return {text.text.substr(range.begin, range.size()), *std::move(map)};
}

LineHead HeadOf(std::string_view file, size_t at) {
  const size_t before = at == 0 ? file.npos : file.rfind('\n', at - 1);
  const size_t begin = before == file.npos ? 0 : before + 1;
  const size_t end = file.find('\n', at);
  // The last line ends as the one before it does.
  const size_t newline = end == file.npos ? before : end;
  const bool crlf = newline != file.npos && newline > 0 && file[newline - 1] == '\r';
  return {file.substr(begin, at - begin), crlf ? "\r\n" : "\n"};
}

void SettingFinder::Script(const DecodedScalar& text, size_t owner) {
  const ShellScript script = ReadShell(text.text, {0, text.text.size()}, ShellSyntax::kScript);
  for (const ShellCommand& command : script.commands) {
    // Variables are there for all commands, flags for their own only.
    const bool starts = FindProgram(WordsOf(text, command), program_) < command.words.size();
    Command(text, command, false, starts ? NewOwner() : owner);
  }
  for (const FileSpan& document : script.documents) Nested(PartOf(text, document), NewOwner());
}

void SettingFinder::Nested(const DecodedScalar& text, size_t owner) {
  if (depth_ == kMaxNestedTexts || text.map.pieces().empty()) return;
  if (!IsAbout(text.text, program_)) return;
  ++depth_;
  Unknown(text, owner);
  --depth_;
}

void SettingFinder::Unknown(const DecodedScalar& text, size_t owner) {
  if (IsUnit(text.text)) return Unit(text, owner);
  if (IsAssignments(text.text)) return Variables(text, owner);
  const bool config = std::ranges::any_of(
      program_.config, [&text](const std::string& key) { return HasBytes(text.text, key + ":"); });
  if (config && HasBytes(text.text, "\n") && !HasBytes(text.text, "--") && Tree(text, false))
    return;
  Script(text, owner);
}

// https://www.freedesktop.org/software/systemd/man/latest/systemd.syntax.html
void SettingFinder::Unit(const DecodedScalar& text, size_t owner) {
  const std::string_view bytes = text.text;
  for (size_t line = 0; line < bytes.size();) {
    const size_t first = bytes.find_first_not_of(kBlanks, line);
    if (first == bytes.npos) return;
    const bool comment = bytes[first] == '#' || bytes[first] == ';' || bytes[first] == '[';
    const size_t end = comment ? LineEnd(bytes, first) : ValueEnd(bytes, first);
    line = end;
    const size_t equals = bytes.find('=', first);
    if (comment || equals >= end) continue;
    std::string_view key = bytes.substr(first, equals - first);
    while (key.ends_with(' ')) key.remove_suffix(1);
    if (!key.starts_with("Exec") && key != "Environment") continue;
    for (const ShellCommand& command :
         ReadShell(bytes, {equals + 1, end}, ShellSyntax::kUnitValue).commands)
      Command(text, command, false, owner);
  }
}

void SettingFinder::Variables(const DecodedScalar& text, size_t owner) {
  const std::string_view bytes = text.text;
  for (size_t line = 0; line < bytes.size();) {
    const size_t begin = line;
    size_t end = LineEnd(bytes, line);
    line = NextLine(bytes, line);
    const std::optional<FileSpan> name = NameOnLine(bytes, begin, end);
    if (!name) continue;
    const std::string_view variable = bytes.substr(name->begin, name->size());
    const bool own = IsVariable(variable);
    if (!own && !(HoldsArguments(variable) && HasBytes(bytes, program_.variables))) continue;
    const size_t value = name->end + 1;
    DecodedScalar decoded;
    if (value < bytes.size() && (bytes[value] == '"' || bytes[value] == '\'')) {
      const ShellWord word = ReadShellWord(bytes, value, bytes.size());
      decoded.text = word.text;
      if (auto map = word.map.Through(text.map))
        decoded.map = *std::move(map);
      else
        decoded.text.clear();
      if (word.span.end > end) {
        end = LineEnd(bytes, word.span.end);
        line = NextLine(bytes, word.span.end);
      }
    } else if (value < end) {
      size_t last = end;
      while (bytes[last - 1] == ' ' || bytes[last - 1] == '\t') --last;
      if (last > value) decoded = PartOf(text, {value, last});
    }
    if (!own && !decoded.text.starts_with('-')) continue;
    const FileSpan at = text.map.ToFile({begin, end});
    const LineHead head = HeadOf(file_, at.begin);
    std::optional<Setting::Another> another;
    const std::string indent(bytes.substr(begin, name->begin - begin));
    if (head.text.find_first_not_of(" \t") == head.text.npos)
      another = Setting::Another{
          at.end, std::string(head.line_end) + std::string(head.text) + indent, "=", ""};
    Variable(PartOf(text, *name), decoded, std::move(another), owner);
  }
}

Settings SettingFinder::Take() {
  const auto place = [](const Setting& setting) { return setting.name_span; };
  std::vector<Setting>& settings = found_.settings;
  std::ranges::stable_sort(settings, {}, place);
  const auto same = [&place](const Setting& a, const Setting& b) { return place(a) == place(b); };
  settings.erase(std::unique(settings.begin(), settings.end(), same), settings.end());
  std::ranges::sort(found_.foreign);
  return std::move(found_);
}

bool LooksLikeShell(std::string_view text) {
  return text.starts_with("#!") || IsUnit(text) || IsAssignments(text);
}

std::vector<std::string> WordsAbout(const Program& program) {
  std::vector<std::string> words{program.name, program.variables};
  for (const std::string& port : program.ports) words.push_back(":" + port);
  return words;
}

bool IsAbout(std::string_view text, const Program& program) {
  return std::ranges::any_of(WordsAbout(program),
                             [text](const std::string& word) { return HasBytes(text, word); });
}

Settings FindSettings(FileFormat format, std::string_view text, const Program& program) {
  if (text.empty() || !IsAbout(text, program)) return {};
  SettingFinder finder(text, program);
  DecodedScalar all;
  all.text = text;
  all.map.Append(text.size(), {0, text.size()}, true);
  switch (format) {
    case FileFormat::kYaml:
      finder.Tree(all, false);
      break;
    case FileFormat::kJson:
      finder.Tree(all, true);
      break;
    case FileFormat::kShell:
      finder.Unknown(all, finder.NewOwner());
      break;
    case FileFormat::kText:
    case FileFormat::kCode:
      break;
  }
  return finder.Take();
}

}  // namespace metrishift::formats
