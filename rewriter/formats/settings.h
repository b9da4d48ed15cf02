#ifndef METRISHIFT_REWRITER_FORMATS_SETTINGS_H_
#define METRISHIFT_REWRITER_FORMATS_SETTINGS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/mapping_entry.h"
#include "core/span.h"
#include "rewriter/formats/extract.h"

namespace metrishift::formats {

// How a program is told something.
enum class SettingForm : uint8_t {
  kFlag,      // --log-output=stderr, among the arguments of its command
  kVariable,  // ETCD_LOG_OUTPUT=stderr, in its environment
  kKey,       // log-output: stderr, in its configuration file
};

// One setting of a program in a text. All offsets are bytes of the text. Names, and values of
// characters that need no escapes anywhere, can be written over the spans as they are.
struct Setting {
  // Another setting of the same form has to be written at `at` like this:
  //   before NAME between VALUE after
  struct Another {
    size_t at = 0;
    std::string before;
    std::string between;
    std::string after;
  };

  SettingForm form = SettingForm::kFlag;
  std::string name;  // "log-output", "ETCD_LOG_OUTPUT"
  // Nothing for a flag that stands alone and for a key that has no scalar.
  std::optional<std::string> value;
  bool joined = true;  // false: the value is the next argument, if the flag takes one at all
  FileSpan name_span;  // without dashes
  FileSpan value_span;
  std::optional<Another> another;  // nothing where there is no room for one
  // Settings of one owner reach one process. Numbers without order.
  size_t owner = 0;
};

struct Settings {
  std::vector<Setting> settings;  // in order of their places
  std::vector<FileSpan> foreign;  // arguments of other programs; sorted
};

// Every setting of `program` in `text`:
//   - flags of a command whose program, or image, is called so: in scripts, units, lists of
//   arguments
//     in YAML and JSON, and texts inside of those; also in variables with its prefix and in
//     kubeadm's extraArgs;
//   - variables with its prefix: assignments, Environment=, maps and lists of them;
//   - keys of a mapping that has two keys of its configuration file.
// Flags of other commands are none, nor is anything in a comment. What is neither YAML nor JSON,
// and no template of them, has none. Time and memory are linear in the size of `text`, but for
// texts inside of texts, which nest a few times only. Thread-safe.
Settings FindSettings(FileFormat format, std::string_view text, const Program& program);

// True iff `text`, of a file whose name says nothing, is a script, a unit, or nothing but
// variables.
bool LooksLikeShell(std::string_view text);

// The words that a text about `program` has at least one of: its name, its variables, its ports.
std::vector<std::string> WordsAbout(const Program& program);

// True iff `text` names the program, one of its variables, or one of its ports.
bool IsAbout(std::string_view text, const Program& program);

}  // namespace metrishift::formats

#endif  // METRISHIFT_REWRITER_FORMATS_SETTINGS_H_
