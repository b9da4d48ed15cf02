#include "rewriter/cli/unexpected.h"

#include <algorithm>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "core/diagnostic.h"
#include "core/nearest_word.h"

namespace metrishift::cli {
namespace {

bool IsOption(const std::string& word) { return word.size() > 1 && word.starts_with('-'); }

// The innermost command of the command line.
const CLI::App& CommandOf(const CLI::App& app) {
  const CLI::App* command = &app;
  while (!command->get_subcommands().empty()) command = command->get_subcommands().front();
  return *command;
}

std::vector<std::string> OptionsOf(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::App* app = &command; app != nullptr; app = app->get_parent()) {
    for (const CLI::Option* option : app->get_options()) {
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    }
  }
  return names;
}

std::vector<std::string> CommandsOf(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::App* each : command.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(each->get_name());
  return names;
}

std::string NearestOf(const std::string& word, const CLI::App& command) {
  const std::string_view name = std::string_view(word).substr(0, word.find('='));
  return NearestWord(name, IsOption(word) ? OptionsOf(command) : CommandsOf(command));
}

}  // namespace

bool SayUnexpected(const CLI::App& app, std::ostream& err) {
  const std::vector<std::string> unknown = app.remaining(true);
  if (unknown.empty()) return false;
  const CLI::App& command = CommandOf(app);
  // Where a command is missing, its options and their values are unknown, too.
  const bool wants_command = command.get_require_subcommand_min() > 0;
  const std::string* said = nullptr;
  std::string nearest;
  for (const std::string& word : unknown) {
    if (IsOption(word) == wants_command || !nearest.empty()) continue;
    nearest = NearestOf(word, command);
    if (said == nullptr || !nearest.empty()) said = &word;
  }
  if (said == nullptr) {
    said = &unknown.front();
    nearest = NearestOf(*said, command);
  }
  err << "The following argument was not expected: " << Printable(*said) << "\n";
  if (!nearest.empty()) err << "  hint: did you mean " << nearest << "?\n";
  err << "Run with --help for more information.\n";
  return true;
}

}  // namespace metrishift::cli
