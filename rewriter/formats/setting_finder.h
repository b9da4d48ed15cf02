#ifndef METRISHIFT_REWRITER_FORMATS_SETTING_FINDER_H_
#define METRISHIFT_REWRITER_FORMATS_SETTING_FINDER_H_

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/mapping_entry.h"
#include "core/text_tree.h"
#include "rewriter/formats/settings.h"
#include "rewriter/formats/shell_words.h"
#include "rewriter/formats/source_map.h"
#include "rewriter/formats/template_mask.h"

// How FindSettings goes about it.
namespace metrishift::formats {

// A word of a command, and how another would be written behind it.
struct Argument {
  std::string text;
  SourceMap map;  // from bytes of `text` to bytes of the file
  size_t at = 0;  // where another one would begin
  std::string before;
  std::string after;
};

// True iff `word` is the program, by a path or not, or its image: etcd, /usr/bin/etcd,
// quay.io/coreos/etcd:v3.4.0, "$ETCD_BIN".
bool NamesProgram(std::string_view word, const Program& program);

// The place of the program among the words of a command: the first, behind what starts others
// (exec, sudo, docker run, ...); words.size() where it is none.
size_t FindProgram(std::span<const Argument> words, const Program& program);

// Collects settings of one file. A text inside of it is a DecodedScalar: its bytes, and where they
// stand in the file.
class SettingFinder {
 public:
  SettingFinder(std::string_view file, const Program& program) : file_(file), program_(program) {}

  void Script(const DecodedScalar& text, size_t owner);
  void Unit(const DecodedScalar& text, size_t owner);
  void Variables(const DecodedScalar& text, size_t owner);  // NAME=VALUE lines
  // YAML or JSON; false, and nothing is found, where it is neither.
  bool Tree(const DecodedScalar& text, bool is_json);
  // Any of them, by its looks.
  void Unknown(const DecodedScalar& text, size_t owner);
  // The same, of a text inside of another, unless they nest too deep.
  void Nested(const DecodedScalar& text, size_t owner);

  // The words of a command; or, where `meant`, arguments of the program.
  void Arguments(std::span<const Argument> words, bool meant, size_t owner);
  // Of a command that was read from `text`.
  std::vector<Argument> WordsOf(const DecodedScalar& text, const ShellCommand& command) const;
  // The text of a variable, whose name stands at `name`.
  void Variable(const DecodedScalar& name, const DecodedScalar& value,
                std::optional<Setting::Another> another, size_t owner);
  void Add(Setting setting) { found_.settings.push_back(std::move(setting)); }

  size_t NewOwner() { return ++owners_; }
  std::string_view file() const { return file_; }
  const Program& program() const { return program_; }
  bool IsVariable(std::string_view name) const;

  Settings Take();

 private:
  void Flag(std::span<const Argument> words, size_t at, size_t owner);
  void Command(const DecodedScalar& text, const ShellCommand& command, bool meant, size_t owner);
  void Assignment(const Argument& word, const Argument* option, size_t owner);

  std::string_view file_;
  const Program& program_;
  Settings found_;
  size_t owners_ = 0;
  size_t depth_ = 0;  // of texts inside of texts
};

// The bytes `range` of `text`, as a text of its own.
DecodedScalar PartOf(const DecodedScalar& text, FileSpan range);

// What stands before the byte at `at` on its line, and how the line ends.
struct LineHead {
  std::string_view text;
  std::string_view line_end;  // "\n" or "\r\n"
};
LineHead HeadOf(std::string_view file, size_t at);

}  // namespace metrishift::formats

#endif  // METRISHIFT_REWRITER_FORMATS_SETTING_FINDER_H_
