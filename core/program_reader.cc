#include "core/program_reader.h"

#include <algorithm>
#include <array>
#include <map>

#include "core/entry_reader.h"

namespace metrishift {
namespace {

using Field = NodeReader::Field;

bool IsLowerOrDigit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
bool IsLetterOrDigit(char c) { return IsLowerOrDigit(c) || (c >= 'A' && c <= 'Z'); }

bool IsOf(std::string_view text, std::string_view others) {
  return !text.empty() && std::ranges::all_of(text, [others](char c) {
    return IsLetterOrDigit(c) || others.find(c) != others.npos;
  });
}

bool IsFlagName(std::string_view text) {
  return !text.empty() && IsLowerOrDigit(text.front()) &&
         std::ranges::all_of(text, [](char c) { return IsLowerOrDigit(c) || c == '-'; });
}

bool IsFlagValue(std::string_view text) { return IsOf(text, "._:/,=-"); }

// Those of PromQL are case-sensitive, and none has a capital letter so far.
bool IsFunctionName(std::string_view text) {
  return IsOf(text, "_") && (text.front() < '0' || text.front() > '9');
}

bool IsPath(std::string_view text) { return text.starts_with('/') && IsOf(text, "._/-"); }

// "--name" and "--name=value", apart.
struct FlagText {
  std::string_view name;
  std::optional<std::string_view> value;
};

std::optional<FlagText> ParseFlag(std::string_view text) {
  if (!text.starts_with("--")) return std::nullopt;
  text.remove_prefix(2);
  const size_t equals = text.find('=');
  FlagText flag{text.substr(0, equals), std::nullopt};
  if (equals != text.npos) flag.value = text.substr(equals + 1);
  if (!IsFlagName(flag.name)) return std::nullopt;
  return flag;
}

// What flags, endpoints and functions have in common: keys, and that one without a new side says
// what to do.
class EntryReading {
 public:
  EntryReading(NodeReader& reader, NodeId id, const SourceText& source, TableEntry& entry)
      : reader_(reader), span_(reader[id].span) {
    entry.span = span_;
    entry.place = PlaceOf(source, span_);
    Add("new_since", [&](NodeId node) { entry.new_since = reader.VersionList(node); });
    Add("old_until", [&](NodeId node) { entry.old_until = reader.Version(node); });
    Add("note", [&](NodeId node) { entry.note = reader.Text(node); });
    Add("evidence", [&](NodeId node) { ReadEvidence(reader, node); });
    Add("kind", [&](NodeId node) {
      removed_ = reader.Text(node) == "removed";
      if (!removed_) reader.Error(reader[node].span, "only \"removed\" is expected here");
    });
  }

  void Add(std::string_view key, std::function<void(NodeId)> read, bool required = false) {
    fields_.push_back({key, required, std::move(read)});
  }

  void Read(NodeId id, const std::string& what, const TableEntry& entry) {
    reader_.Read(id, fields_, what);
    if (removed_ != entry.new_name.empty()) {
      reader_.Error(span_, what + " needs either `new` or `kind: removed`");
    } else if (removed_ && entry.note.empty()) {
      reader_.Error(span_, what + " that is removed needs a note",
                    "say in `note` what to do instead");
    }
  }

 private:
  NodeReader& reader_;
  FileSpan span_;
  std::vector<Field> fields_;
  bool removed_ = false;
};

class FlagReading {
 public:
  explicit FlagReading(NodeReader& reader) : reader_(reader) {}

  FlagEntry Read(NodeId id, const SourceText& source) {
    EntryReading reading(reader_, id, source, entry_);
    reading.Add(
        "old", [&](NodeId node) { Old(node); }, true);
    reading.Add("new", [&](NodeId node) { New(node); });
    reading.Add("key", [&](NodeId node) { key_ = Name(node); });
    reading.Add("switch", [&](NodeId node) { entry_.is_switch = reader_.Bool(node); });
    reading.Add("repeats", [&](NodeId node) { entry_.repeats = reader_.Bool(node); });
    reading.Add("values", [&](NodeId node) { Values(node); });
    reading.Read(id, "an entry of flags", entry_);
    entry_.key = key_.empty() ? entry_.name : key_;
    Check();
    return std::move(entry_);
  }

 private:
  std::optional<FlagText> Flag(NodeId id) {
    const std::optional<FlagText> flag = ParseFlag(reader_[id].value);
    if (!flag) {
      reader_.Error(reader_[id].span, "\"" + std::string(reader_[id].value) + "\" is no flag",
                    "write --name or --name=value");
    }
    reader_.Spend(reader_[id].value.size());
    return flag;
  }

  std::string Name(NodeId id) {
    std::string name = reader_.Text(id);
    if (!IsFlagName(name))
      reader_.Error(reader_[id].span, "a key has small letters, digits and '-'");
    return name;
  }

  void CheckValue(NodeId id, std::string_view value) {
    if (IsFlagValue(value)) return;
    reader_.Error(reader_[id].span, "a value has letters, digits and . _ : / , = - here");
  }

  void Old(NodeId id) {
    const std::optional<FlagText> flag = Flag(id);
    if (!flag) return;
    entry_.old_name = reader_[id].value;
    entry_.name = flag->name;
    if (!flag->value) return;
    CheckValue(id, *flag->value);
    entry_.value = *flag->value;
  }

  void New(NodeId id) {
    if (reader_[id].kind == TextNode::Kind::kScalar) return Target(id);
    for (const NodeId item : reader_.Items(id, "new", true)) Target(item);
  }

  void Target(NodeId id) {
    const std::optional<FlagText> flag = Flag(id);
    if (!flag) return;
    std::string value(flag->value.value_or(kOldValue));
    const size_t old_value = value.find(kOldValue);
    std::string plain = value;
    if (old_value != std::string::npos) plain.replace(old_value, kOldValue.size(), "x");
    CheckValue(id, plain);
    entry_.new_name += (entry_.new_name.empty() ? "" : " ") + std::string(reader_[id].value);
    entry_.targets.push_back({std::string(flag->name), std::move(value)});
  }

  void Values(NodeId id) {
    for (const auto& [old_value, new_value] : reader_.Members(id, "values")) {
      CheckValue(old_value, reader_.Text(old_value));
      CheckValue(new_value, reader_.Text(new_value));
      entry_.values.emplace_back(reader_[old_value].value, reader_[new_value].value);
    }
    if (entry_.values.empty()) reader_.Error(reader_[id].span, "values maps nothing");
  }

  void Check() {
    for (size_t i = 1; i < entry_.targets.size(); ++i) {
      if (entry_.targets[i].value.find(kOldValue) != std::string::npos)
        reader_.Error(entry_.span, "only the first of the new flags may have the old value",
                      "give --" + entry_.targets[i].name + " a value of its own");
    }
    if (!entry_.targets.empty() && entry_.new_name == entry_.old_name)
      reader_.Error(entry_.span, "the old flag equals its new one");
    if (entry_.is_switch && entry_.value)
      reader_.Error(entry_.span, "a switch is for any value", "use values instead");
  }

  NodeReader& reader_;
  FlagEntry entry_;
  std::string key_;
};

EndpointEntry ReadEndpoint(NodeReader& reader, NodeId id, const SourceText& source) {
  constexpr std::array kMethods = {"GET", "PUT", "POST", "DELETE", "PATCH", "HEAD"};
  EndpointEntry entry;
  const auto path = [&reader](NodeId node) {
    if (!IsPath(reader[node].value)) {
      reader.Error(reader[node].span, "a path is expected here",
                   "begin it with a slash, and use letters, digits and . _ / -");
    }
    return reader.Text(node);
  };
  EntryReading reading(reader, id, source, entry);
  reading.Add(
      "old", [&](NodeId node) { entry.old_name = path(node); }, true);
  reading.Add("new", [&](NodeId node) { entry.new_name = path(node); });
  reading.Add("method", [&](NodeId node) {
    entry.method = reader.Text(node);
    if (std::ranges::count(kMethods, entry.method) == 0)
      reader.Error(reader[node].span, "a method of HTTP is expected here");
  });
  reading.Add("within", [&](NodeId node) {
    for (const NodeId item : reader.Items(node, "within", true)) {
      entry.within.push_back(reader.Text(item));
      if (!IsOf(entry.within.back(), "._-"))
        reader.Error(reader[item].span, "the name of one part of a path is expected here");
    }
  });
  reading.Read(id, "an entry of endpoints", entry);
  const bool prefix = entry.old_name.ends_with('/');
  if (entry.old_name == entry.new_name)
    reader.Error(entry.span, "the old path equals its new one");
  else if (!entry.new_name.empty() && prefix != entry.new_name.ends_with('/'))
    reader.Error(entry.span, "either both paths end with a slash or none does");
  if (!entry.within.empty() && !prefix)
    reader.Error(entry.span, "within is for paths that end with a slash");
  return entry;
}

FunctionEntry ReadFunction(NodeReader& reader, NodeId id, const SourceText& source) {
  FunctionEntry entry;
  const auto name = [&reader](NodeId node) {
    if (!IsFunctionName(reader[node].value)) {
      reader.Error(reader[node].span, "the name of a function is expected here",
                   "write it without its parentheses");
    }
    return reader.Text(node);
  };
  EntryReading reading(reader, id, source, entry);
  reading.Add(
      "old", [&](NodeId node) { entry.old_name = name(node); }, true);
  reading.Add("new", [&](NodeId node) { entry.new_name = name(node); });
  reading.Read(id, "an entry of functions", entry);
  if (entry.old_name == entry.new_name && !entry.old_name.empty())
    reader.Error(entry.span, "the old function equals its new one");
  return entry;
}

// Two entries for one thing cannot both be meant.
template <class Entry>
void CheckDuplicates(NodeReader& reader, const std::vector<Entry>& entries) {
  std::map<std::string_view, const Entry*> seen;
  for (const Entry& entry : entries) {
    const auto [first, is_new] = seen.try_emplace(entry.old_name, &entry);
    if (!is_new && !entry.old_name.empty())
      reader.Error(entry.span, "there is an entry for " + entry.old_name + " already",
                   "keep one of the two");
  }
}

template <class Entry, class ReadItem>
std::vector<Entry> ReadEntries(NodeReader& reader, NodeId id, const std::string& what,
                               const ReadItem& read_item) {
  std::vector<Entry> entries;
  const std::vector<NodeId> items = reader.Items(id, what, false);
  if (items.size() > kMaxProgramEntries) {
    reader.Error(reader[id].span,
                 what + " has more than " + std::to_string(kMaxProgramEntries) + " entries");
    return entries;
  }
  for (const NodeId item : items) {
    if (!reader.Spend(sizeof(Entry))) break;
    entries.push_back(read_item(item));
  }
  CheckDuplicates(reader, entries);
  return entries;
}

}  // namespace

Program ReadProgram(NodeReader& reader, NodeId id) {
  Program program;
  const auto texts = [&reader](NodeId node, const std::string& what, const auto& is_right) {
    std::vector<std::string> out;
    for (const NodeId item : reader.Items(node, what, true)) {
      out.push_back(reader.Text(item));
      if (!is_right(out.back()))
        reader.Error(reader[item].span, "\"" + out.back() + "\" cannot be an item of " + what);
    }
    return out;
  };
  const auto is_port = [](std::string_view text) {
    return text.size() <= 5 &&
           std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  };
  const std::array<Field, 5> fields = {
      Field{"name", true, [&](NodeId node) { program.name = reader.Text(node); }},
      Field{"variables", true, [&](NodeId node) { program.variables = reader.Text(node); }},
      Field{"ports", false, [&](NodeId node) { program.ports = texts(node, "ports", is_port); }},
      Field{"config", false,
            [&](NodeId node) { program.config = texts(node, "config", IsFlagName); }},
      Field{"lists", false, [&](NodeId node) { program.lists = texts(node, "lists", IsFlagName); }},
  };
  reader.Read(id, fields, "program");
  if (!program.name.empty() && !IsOf(program.name, "._-"))
    reader.Error(reader[id].span, "the name of a program has letters, digits and . _ -");
  const bool upper = std::ranges::all_of(program.variables,
                                         [](char c) { return (c >= 'A' && c <= 'Z') || c == '_'; });
  if (!program.variables.empty() &&
      (!upper || program.variables.back() != '_' || program.variables.front() == '_'))
    reader.Error(reader[id].span, "variables begin with capital letters and a '_'",
                 "write variables: ETCD_");
  return program;
}

std::vector<FlagEntry> ReadFlags(NodeReader& reader, NodeId id, const SourceText& source) {
  return ReadEntries<FlagEntry>(
      reader, id, "flags", [&](NodeId item) { return FlagReading(reader).Read(item, source); });
}

std::vector<EndpointEntry> ReadEndpoints(NodeReader& reader, NodeId id, const SourceText& source) {
  return ReadEntries<EndpointEntry>(
      reader, id, "endpoints", [&](NodeId item) { return ReadEndpoint(reader, item, source); });
}

std::vector<FunctionEntry> ReadFunctions(NodeReader& reader, NodeId id, const SourceText& source) {
  return ReadEntries<FunctionEntry>(
      reader, id, "functions", [&](NodeId item) { return ReadFunction(reader, item, source); });
}

}  // namespace metrishift
