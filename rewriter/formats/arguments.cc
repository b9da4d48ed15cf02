#include <algorithm>
#include <array>
#include <utility>

#include "rewriter/formats/setting_finder.h"

namespace metrishift::formats {
namespace {

// What stands before a command and means nothing to it.
constexpr std::string_view kKeywords[] = {"if",    "then",  "do", "else", "elif",
                                          "while", "until", "!",  "{",    "time"};

// Commands that start another, whose name follows some of their own arguments.
constexpr std::string_view kStarters[] = {"chpst",
                                          "chrt",
                                          "command",
                                          "crictl",
                                          "ctr",
                                          "docker",
                                          "dumb-init",
                                          "env",
                                          "exec",
                                          "gosu",
                                          "ionice",
                                          "kubectl",
                                          "nerdctl",
                                          "nice",
                                          "nohup",
                                          "numactl",
                                          "podman",
                                          "runuser",
                                          "setpriv",
                                          "setsid",
                                          "setuidgid",
                                          "stdbuf",
                                          "su-exec",
                                          "sudo",
                                          "systemd-run",
                                          "taskset",
                                          "timeout",
                                          "tini",
                                          "start-stop-daemon"};

constexpr std::string_view kShells[] = {"ash", "bash", "dash", "ksh", "sh", "zsh"};

constexpr std::string_view kArchitectures[] = {"-amd64", "-arm", "-arm64", "-ppc64le", "-s390x"};

template <size_t kSize>
bool IsOneOf(std::string_view word, const std::string_view (&words)[kSize]) {
  return std::ranges::find(words, word) != std::end(words);
}

std::string_view BaseName(std::string_view path) { return path.substr(path.rfind('/') + 1); }

bool IsNameChar(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

// The length of the name that `word`, NAME=VALUE or NAME+=VALUE, gives a value; 0 where it is none.
size_t AssignedName(std::string_view word) {
  size_t end = 0;
  while (end < word.size() && IsNameChar(word[end])) ++end;
  if (end == 0 || end == word.size() || (word[0] >= '0' && word[0] <= '9')) return 0;
  return word[end] == '=' || word.substr(end).starts_with("+=") ? end : 0;
}

// $ETCD, ${ETCD_BIN}: a variable that cannot be anything else.
bool IsProgramVariable(std::string_view word, const Program& program) {
  if (!word.starts_with('$')) return false;
  word.remove_prefix(1);
  if (word.starts_with('{') && word.ends_with('}')) word = word.substr(1, word.size() - 2);
  const std::string_view prefix = program.variables;
  if (word == prefix.substr(0, prefix.size() - 1)) return true;
  if (!word.starts_with(prefix)) return false;
  word.remove_prefix(program.variables.size());
  return word == "BIN" || word == "BINARY" || word == "CMD" || word == "EXEC" || word == "PATH";
}

// One that is the value of an option (--name etcd) is none.
bool MayBeProgram(std::span<const Argument> words, size_t at) {
  const std::string_view before = words[at - 1].text;
  const bool of_option =
      before.starts_with('-') && before != "--" && before.find('=') == before.npos;
  return !of_option || words[at].text.find('/') != std::string::npos;
}

DecodedScalar Slice(const Argument& word, size_t begin, size_t end) {
  return PartOf({word.text, word.map}, {begin, end});
}

FileSpan PlaceOf(const DecodedScalar& text) {
  return text.text.empty() ? FileSpan{} : text.map.ToFile({0, text.text.size()});
}

}  // namespace

bool NamesProgram(std::string_view word, const Program& program) {
  if (IsProgramVariable(word, program)) return true;
  // How a unit begins what it executes: -/usr/bin/etcd.
  word.remove_prefix(std::min(word.find_first_not_of("-@:+!"), word.size()));
  std::string_view name = BaseName(word.substr(0, word.find('@')));
  name = name.substr(0, name.find(':'));
  if (!name.starts_with(program.name)) return false;
  const std::string_view rest = name.substr(program.name.size());
  return rest.empty() || (word != name && IsOneOf(rest, kArchitectures));
}

size_t FindProgram(std::span<const Argument> words, const Program& program) {
  size_t at = 0;
  if (!words.empty() && words[0].text.ends_with(':')) ++at;  // a line of a Procfile
  while (at < words.size() &&
         (AssignedName(words[at].text) > 0 || IsOneOf(words[at].text, kKeywords)))
    ++at;
  if (at == words.size() || NamesProgram(words[at].text, program)) return at;
  if (!IsOneOf(BaseName(words[at].text), kStarters)) return words.size();
  for (++at; at < words.size(); ++at) {
    if (NamesProgram(words[at].text, program) && MayBeProgram(words, at)) return at;
  }
  return at;
}

bool SettingFinder::IsVariable(std::string_view name) const {
  if (!name.starts_with(program_.variables)) return false;
  name.remove_prefix(program_.variables.size());
  return !name.empty() &&
         std::ranges::all_of(name, [](char c) { return IsNameChar(c) && !(c >= 'a' && c <= 'z'); });
}

void SettingFinder::Arguments(std::span<const Argument> words, bool meant, size_t owner) {
  const size_t program = meant ? 0 : FindProgram(words, program_);
  bool shell = false;
  for (size_t i = 0; i < std::min(program, words.size()); ++i) {
    Assignment(words[i], i == 0 ? nullptr : &words[i - 1], owner);
    const std::string& text = words[i].text;
    const bool runs_text =
        shell && text.size() > 1 && text[0] == '-' && text.back() == 'c' && i + 1 < words.size();
    if (runs_text) Nested({words[i + 1].text, words[i + 1].map}, owner);
    shell = shell || IsOneOf(BaseName(text), kShells);
  }
  for (size_t i = program; i < words.size(); ++i) Flag(words, i, owner);
  if (program < words.size() || meant || shell) return;
  const bool unclear = std::ranges::any_of(words, [](const Argument& word) {
    return word.text.starts_with('$') && !word.text.starts_with("$(");
  });
  for (const Argument& word : words) {
    if (!unclear && !word.map.pieces().empty())
      found_.foreign.push_back(word.map.ToFile({0, word.text.size()}));
  }
}

void SettingFinder::Flag(std::span<const Argument> words, size_t at, size_t owner) {
  const Argument& word = words[at];
  const size_t dashes = word.text.starts_with("--") ? 2 : word.text.starts_with('-') ? 1 : 0;
  const size_t equals = std::min(word.text.find('='), word.text.size());
  if (dashes == 0 || equals <= dashes || word.map.pieces().empty()) return;
  Setting setting;
  const DecodedScalar name = Slice(word, dashes, equals);
  setting.name = name.text;
  setting.name_span = PlaceOf(name);
  setting.owner = owner;
  const Argument* last = &word;
  DecodedScalar value;
  if (equals < word.text.size()) {
    value = Slice(word, equals + 1, word.text.size());
  } else if (at + 1 < words.size() && !words[at + 1].text.starts_with('-')) {
    setting.joined = false;
    last = &words[at + 1];
    value = {last->text, last->map};
  }
  if (equals < word.text.size() || !setting.joined) {
    setting.value = value.text;
    setting.value_span = PlaceOf(value);
  }
  if (name.text.empty()) return;  // it cannot be traced back
  if (!word.before.empty()) {
    setting.another =
        Setting::Another{last->at, word.before + word.text.substr(0, dashes), "=", word.after};
  }
  Add(std::move(setting));
}

void SettingFinder::Assignment(const Argument& word, const Argument* option, size_t owner) {
  size_t begin = 0;
  for (const std::string_view prefix : {"--env=", "-e"}) {
    if (word.text.starts_with(prefix) && AssignedName(word.text.substr(prefix.size())) > 0)
      begin = prefix.size();
  }
  const size_t name_size = AssignedName(std::string_view(word.text).substr(begin));
  const std::string_view name = std::string_view(word.text).substr(begin, name_size);
  if (name_size == 0 || !IsVariable(name)) return;
  std::optional<Setting::Another> another;
  if (!word.before.empty())
    another = Setting::Another{word.at, word.before + word.text.substr(0, begin), "=", word.after};
  if (another && option != nullptr && (option->text == "-e" || option->text == "--env"))
    another->before = option->before + option->text + option->after + word.before;
  const size_t value = word.text.find('=', begin + name_size) + 1;
  Variable(Slice(word, begin, begin + name_size), Slice(word, value, word.text.size()),
           std::move(another), owner);
}

void SettingFinder::Variable(const DecodedScalar& name, const DecodedScalar& value,
                             std::optional<Setting::Another> another, size_t owner) {
  if (name.text.empty()) return;  // it cannot be traced back
  if (value.text.starts_with('-')) {
    const FileSpan all{0, value.text.size()};
    for (const ShellCommand& command : ReadShell(value.text, all, ShellSyntax::kUnitValue).commands)
      Command(value, command, true, owner);
    return;
  }
  Add({SettingForm::kVariable, name.text, value.text, true, PlaceOf(name), PlaceOf(value),
       std::move(another), owner});
}

std::vector<Argument> SettingFinder::WordsOf(const DecodedScalar& text,
                                             const ShellCommand& command) const {
  std::vector<Argument> words;
  size_t end = 0;  // of the word before, in the file
  for (const ShellWord& word : command.words) {
    std::optional<SourceMap> map = word.map.Through(text.map);
    const FileSpan span = text.map.ToFile({word.span.begin, word.span.end});
    Argument argument{word.text, {}, span.end, " ", ""};
    if (map) argument.map = *std::move(map);
    // As the one before: a blank, or an escaped line end and an indentation.
    const std::string_view gap =
        end > 0 && end < span.begin ? file_.substr(end, span.begin - end) : "";
    if (!gap.empty() && gap.find_first_not_of(" \t\\\r\n") == gap.npos) argument.before = gap;
    end = span.end;
    words.push_back(std::move(argument));
  }
  return words;
}

void SettingFinder::Command(const DecodedScalar& text, const ShellCommand& command, bool meant,
                            size_t owner) {
  const std::vector<Argument> words = WordsOf(text, command);
  if (!command.is_array) return Arguments(words, meant, owner);
  std::string_view name = words.front().text;
  name.remove_suffix(name.ends_with("+=") ? 2 : 1);
  if (IsVariable(name)) Arguments(std::span(words).subspan(1), true, owner);
}

}  // namespace metrishift::formats
