#include "rewriter/rewrite/endpoint_plan.h"

#include <algorithm>
#include <set>

namespace metrishift::rewrite {
namespace {

constexpr std::string_view kBetweenWords = " \t\r\n\"'`<>|;,()[]\\=@";

bool IsPathChar(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-' || c == '/';
}

// What of its word stands before the byte at `at`: "http://127.0.0.1:2379".
std::string_view WordBefore(std::string_view text, size_t at) {
  constexpr size_t kLongest = 300;
  size_t begin = at;
  while (begin > 0 && at - begin < kLongest &&
         kBetweenWords.find(text[begin - 1]) == kBetweenWords.npos)
    --begin;
  return text.substr(begin, at - begin);
}

bool EndsWithPort(std::string_view word) {
  const size_t colon = word.rfind(':');
  return colon != word.npos && colon + 1 < word.size() &&
         std::all_of(word.begin() + static_cast<std::ptrdiff_t>(colon) + 1, word.end(),
                     [](char c) { return c >= '0' && c <= '9'; });
}

// A URL's path may begin behind `word`; a path of files goes on.
bool MayEndHost(std::string_view word) {
  if (word.empty() || word.ends_with('}') || EndsWithPort(word)) return true;
  const size_t scheme = word.find("://");
  const std::string_view host = scheme == word.npos ? word : word.substr(scheme + 3);
  return host.find('/') == host.npos && host != "." && host != "..";
}

// The word itself says that it is the program's.
bool NamesHost(std::string_view word, const Program& program) {
  if (word.find(program.name) != word.npos || word.find(program.variables) != word.npos)
    return true;
  return std::ranges::any_of(
      program.ports, [word](const std::string& port) { return word.ends_with(":" + port); });
}

bool Applies(const EndpointEntry& entry, std::string_view path) {
  if (!path.starts_with(entry.old_name)) return false;
  if (!entry.old_name.ends_with('/')) return path.size() == entry.old_name.size();
  std::string_view part = path.substr(entry.old_name.size());
  part = part.substr(0, part.find('/'));
  return entry.within.empty() ? !part.empty() : std::ranges::count(entry.within, part) > 0;
}

const EndpointEntry* FindEntry(const MappingTable& table, std::string_view path) {
  const EndpointEntry* longest = nullptr;
  for (const EndpointEntry& entry : table.endpoints) {
    if (!Applies(entry, path)) continue;
    if (longest == nullptr || entry.old_name.size() > longest->old_name.size()) longest = &entry;
  }
  return longest;
}

// What the steps make of `path`, which stands behind `host`.
EndpointChange ChangeOf(std::string_view path, std::string_view host, const ProgramTables& program,
                        Mode mode) {
  EndpointChange change;
  std::string now(path);
  for (const MappingTable* table : program.tables) {
    const EndpointEntry* entry = FindEntry(*table, now);
    if (entry == nullptr) continue;
    const bool gone = entry->new_name.empty();
    if (!gone && mode == Mode::kUnion && !NewSideIsKnownBefore(*entry, *table)) break;
    // The v2 of other programs has the same paths.
    if (gone && !entry->within.empty() && !NamesHost(host, *program.program)) continue;
    if (gone && change.entry != nullptr) break;
    if (change.entry == nullptr) {
      change.entry = entry;
      change.table = table;
    }
    if (gone) return change;
    now.replace(0, entry->old_name.size(), entry->new_name);
  }
  change.new_path = now;
  return change;
}

}  // namespace

std::vector<EndpointChange> FindEndpoints(std::string_view text, const ProgramTables& program,
                                          Mode mode) {
  std::set<size_t> places;
  for (const MappingTable* table : program.tables) {
    for (const EndpointEntry& entry : table->endpoints) {
      for (size_t at = text.find(entry.old_name); at != text.npos;
           at = text.find(entry.old_name, at + 1))
        places.insert(at);
    }
  }
  std::vector<EndpointChange> changes;
  size_t reached = 0;
  for (const size_t at : places) {
    if (at < reached) continue;
    const std::string_view host = WordBefore(text, at);
    if (!MayEndHost(host)) continue;
    size_t end = at;
    while (end < text.size() && IsPathChar(text[end])) ++end;
    std::string_view path = text.substr(at, end - at);
    while (path.ends_with('.')) path.remove_suffix(1);  // of a sentence
    EndpointChange change = ChangeOf(path, host, program, mode);
    if (change.entry == nullptr) continue;
    size_t same = 0;
    const size_t most = std::min(path.size(), change.new_path.size());
    while (same < most &&
           path[path.size() - 1 - same] == change.new_path[change.new_path.size() - 1 - same])
      ++same;
    change.new_path.resize(change.new_path.size() - same);
    change.span = {at, at + path.size() - same};
    reached = at + path.size();
    changes.push_back(std::move(change));
  }
  return changes;
}

}  // namespace metrishift::rewrite
