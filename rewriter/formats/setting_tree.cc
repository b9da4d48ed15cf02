#include <algorithm>
#include <unordered_set>
#include <utility>

#include "core/yaml.h"
#include "rewriter/formats/json.h"
#include "rewriter/formats/setting_finder.h"

namespace metrishift::formats {
namespace {

using Kind = TextNode::Kind;

// Keys of one command line, in their order.
constexpr std::string_view kCommandKeys[] = {"entrypoint", "command", "args"};

// Keys whose text, on one line, is run.
constexpr std::string_view kScriptKeys[] = {"after_script", "before_script", "cmd",  "exec",
                                            "run",          "script",        "shell"};

// Keys whose text is for people, however many lines it has.
constexpr std::string_view kProseKeys[] = {"description", "help", "message", "note", "summary"};

template <size_t kSize>
bool IsOneOf(std::string_view word, const std::string_view (&words)[kSize]) {
  return std::ranges::find(words, word) != std::end(words);
}

bool IsQuote(char c) { return c == '"' || c == '\''; }

class TreeFinder {
 public:
  TreeFinder(SettingFinder& finder, const DecodedScalar& text) : finder_(finder), text_(text) {}

  bool Run(bool is_json) {
    const auto parse = [is_json](std::string_view text) {
      return is_json ? ParseJson(text) : ParseYaml(text);
    };
    Outcome<TextTree> tree = parse(text_.text);
    if (!tree) {
      mask_ = MaskTemplate(text_.text);
      if (!mask_) return false;
      tree = parse(mask_->text);
      if (!tree) return false;
    }
    tree_ = *std::move(tree.value);
    for (const NodeId document : tree_.documents) Walk(document, {}, finder_.NewOwner());
    return true;
  }

 private:
  // The keys that lead to a node, the innermost first.
  struct Keys {
    std::string_view own;
    std::string_view outer;
    std::string_view outermost;
    Keys Then(std::string_view key) const { return {key, own, outer}; }
  };

  // Where another member or item would stand, and what has to be before it.
  struct Room {
    size_t at = 0;
    std::string before;
  };

  // --- the walk

  void Walk(NodeId id, const Keys& keys, size_t owner) {
    if (!seen_.insert(id).second) return;
    const TextNode node = tree_[id];
    switch (node.kind) {
      case Kind::kMapping:
        return WalkMapping(id, keys, owner);
      case Kind::kSequence:
        for (size_t i = 0; i < node.items.size(); ++i) {
          if (!Item(id, i, keys, owner)) Walk(node.items[i], keys, owner);
        }
        return;
      case Kind::kScalar:
        return Text(node, keys, owner);
    }
  }

  void WalkMapping(NodeId id, const Keys& keys, size_t owner) {
    if (tree_.Find(id, "image") || tree_.Find(id, "command") || tree_.Find(id, "environment"))
      owner = finder_.NewOwner();
    CommandLine(id, owner);
    const bool config = IsConfig(id);
    const bool extra = keys.own == "extraArgs" && keys.outer == "local" && keys.outermost == "etcd";
    const TextNode node = tree_[id];
    for (size_t i = 0; i < node.members.size(); ++i) {
      const auto& [key_id, value_id] = node.members[i];
      const std::string_view key = tree_[key_id].value;
      if (config || extra) {
        Member(id, i, config ? SettingForm::kKey : SettingForm::kFlag, owner);
      } else if (finder_.IsVariable(key)) {
        Member(id, i, SettingForm::kVariable, owner);
      } else {
        Walk(value_id, keys.Then(key), owner);
      }
    }
  }

  bool IsConfig(NodeId id) const {
    const auto& keys = finder_.program().config;
    return std::ranges::count_if(tree_[id].members, [&](const TextNode::Member& member) {
             return std::ranges::find(keys, tree_[member.first].value) != keys.end();
           }) >= 2;
  }

  // --- scalars

  // The text of a scalar and where it stands in the file.
  std::optional<DecodedScalar> Decode(const TextNode& node) const {
    const std::string_view text = mask_ ? std::string_view(mask_->text) : text_.text;
    std::optional<DecodedScalar> decoded = DecodeScalar(text, node.span, node.style, node.value);
    if (!decoded) return std::nullopt;
    if (mask_) decoded = Unmask(*decoded, *mask_, text_.text);
    std::optional<SourceMap> map = decoded->map.Through(text_.map);
    if (!map) return std::nullopt;
    decoded->map = *std::move(map);
    return decoded;
  }

  FileSpan ToFile(FileSpan span) const { return text_.map.ToFile({span.begin, span.end}); }

  static FileSpan PlaceOf(const DecodedScalar& text) {
    return text.text.empty() ? FileSpan{} : text.map.ToFile({0, text.text.size()});
  }

  // The quote that a scalar stands in, if any.
  std::string QuoteOf(const TextNode& node) const {
    const FileSpan span = ToFile(node.span);
    const char c = span.empty() ? '\0' : finder_.file()[span.begin];
    return IsQuote(c) ? std::string(1, c) : "";
  }

  // Whatever a text may hold.
  void Text(const TextNode& node, const Keys& keys, size_t owner) {
    const bool lines = node.value.find('\n') != std::string_view::npos;
    if (!IsAbout(node.value, finder_.program()) || IsOneOf(keys.own, kProseKeys)) return;
    if (!lines && !IsOneOf(keys.own, kScriptKeys)) return;
    if (const std::optional<DecodedScalar> text = Decode(node)) finder_.Nested(*text, owner);
  }

  // --- lists and mappings

  bool IsFlow(NodeId collection) const {
    const FileSpan span = tree_[collection].span;
    size_t at = span.begin;
    // Behind an anchor and a tag.
    while (at < span.end && (text_.text[at] == '&' || text_.text[at] == '!')) {
      at = text_.text.find_first_of(" \t\r\n", at);
      at = std::min(text_.text.find_first_not_of(" \t\r\n", at), span.end);
    }
    return at < span.end && (text_.text[at] == '[' || text_.text[at] == '{');
  }

  // Behind what begins at `begin` and ends at `end`, both in the file; `previous` is the end of
  // what stands before it in the collection, if anything.
  std::optional<Room> RoomBehind(bool flow, size_t begin, size_t end,
                                 std::optional<size_t> previous) const {
    const std::string_view file = finder_.file();
    if (flow) {
      std::string_view gap = previous ? file.substr(*previous, begin - *previous) : ", ";
      if (gap.find_first_not_of(", \t\r\n") != gap.npos) gap = ", ";
      return Room{end, std::string(gap)};
    }
    if (file.substr(begin, end - begin).find('\n') != file.npos) return std::nullopt;
    return RoomBelow(begin, end);
  }

  // On a line below that of `end`, with the indentation, and the dash, of what begins at `begin`.
  std::optional<Room> RoomBelow(size_t begin, size_t end) const {
    const std::string_view file = finder_.file();
    const LineHead head = HeadOf(file, begin);
    size_t line_end = std::min(file.find('\n', end), file.size());
    if (line_end > end && file[line_end - 1] == '\r') --line_end;
    const std::string_view rest = file.substr(end, line_end - end);
    const size_t first = rest.find_first_not_of(" \t");
    if (first != rest.npos && rest[first] != '#') return std::nullopt;
    if (head.text.find_first_not_of(" -") != head.text.npos) return std::nullopt;
    return Room{line_end, std::string(head.line_end) + std::string(head.text)};
  }

  // The same for a member of a mapping: only the first has a dash before it.
  static void WithoutDashes(std::string& before) { std::ranges::replace(before, '-', ' '); }
  static void WithoutOuterDashes(std::string& before) {
    const size_t last = before.rfind('-');
    for (size_t i = 0; i < before.size() && last != std::string::npos; ++i) {
      if (before[i] == '-' && i != last) before[i] = ' ';
    }
  }

  std::optional<Room> RoomOfItem(NodeId list, size_t index, size_t end) const {
    const TextNode node = tree_[list];
    const size_t begin = ToFile(tree_[node.items[index]].span).begin;
    std::optional<size_t> previous;
    if (index > 0) previous = ToFile(tree_[node.items[index - 1]].span).end;
    const bool flow = IsFlow(list);
    if (!flow && HeadOf(finder_.file(), begin).text.find('-') == std::string_view::npos)
      return std::nullopt;
    std::optional<Room> room =
        flow ? RoomBehind(true, begin, end, previous) : RoomBelow(begin, end);
    if (room && !flow) WithoutOuterDashes(room->before);
    return room;
  }

  // A member of a mapping, as a setting.
  void Member(NodeId id, size_t index, SettingForm form, size_t owner) {
    const TextNode node = tree_[id];
    const TextNode key = tree_[node.members[index].first];
    const TextNode value = tree_[node.members[index].second];
    const std::optional<DecodedScalar> name = Decode(key);
    if (!name || name->text.empty()) return;
    const bool scalar = value.kind == Kind::kScalar;
    const std::optional<DecodedScalar> text = scalar ? Decode(value) : std::nullopt;
    if (!text) {
      return finder_.Add({form, name->text, std::nullopt, true, PlaceOf(*name), {}, {}, owner});
    }
    std::optional<Setting::Another> another;
    const FileSpan key_span = ToFile(key.span);
    const FileSpan value_span = ToFile(value.span);
    std::optional<size_t> previous;
    if (index > 0) previous = ToFile(tree_[node.members[index - 1].second].span).end;
    const auto room = RoomBehind(IsFlow(id), key_span.begin, value_span.end, previous);
    if (room && key_span.end <= value_span.begin) {
      another = Setting::Another{room->at, room->before, "", QuoteOf(value)};
      if (!IsFlow(id)) WithoutDashes(another->before);
      another->before += QuoteOf(key);
      const std::string_view gap =
          finder_.file().substr(key_span.end, value_span.begin - key_span.end);
      another->between = QuoteOf(key) + std::string(gap) + QuoteOf(value);
      if (gap.find_first_not_of(": \t") != gap.npos) another.reset();
    }
    if (form == SettingForm::kVariable)
      return finder_.Variable(*name, *text, std::move(another), owner);
    finder_.Add({form, name->text, text->text, true, PlaceOf(*name), PlaceOf(*text),
                 std::move(another), owner});
  }

  // An item that sets a variable: NAME=VALUE, or {name: NAME, value: VALUE}; also one of extraArgs.
  // False where it is something else.
  bool Item(NodeId list, size_t index, const Keys& keys, size_t owner) {
    const NodeId id = tree_[list].items[index];
    const TextNode node = tree_[id];
    if (node.kind == Kind::kScalar) {
      const size_t equals = node.value.find('=');
      if (equals == node.value.npos || !finder_.IsVariable(node.value.substr(0, equals)))
        return false;
      if (const std::optional<Argument> word = ItemWord(list, index))
        finder_.Arguments(std::span(&*word, 1), false, owner);
      return true;
    }
    const std::optional<NodeId> name_id = tree_.Find(id, "name");
    const std::optional<NodeId> value_id = tree_.Find(id, "value");
    if (node.kind != Kind::kMapping || !name_id || !value_id) return false;
    const bool extra = keys.own == "extraArgs" && keys.outer == "local" && keys.outermost == "etcd";
    if (!extra && !finder_.IsVariable(tree_[*name_id].value)) return false;
    NamedValue(list, index, {*name_id, *value_id}, extra, owner);
    return true;
  }

  void NamedValue(NodeId list, size_t index, const TextNode::Member& pair, bool extra,
                  size_t owner) {
    const NodeId id = tree_[list].items[index];
    const std::optional<DecodedScalar> name = Decode(tree_[pair.first]);
    const std::optional<DecodedScalar> value = Decode(tree_[pair.second]);
    if (!name || !value || name->text.empty()) return;
    const FileSpan name_at = PlaceOf(*name);
    const FileSpan value_at =
        value->text.empty() ? ToFile(tree_[pair.second].span) : PlaceOf(*value);
    const FileSpan value_span = ToFile(tree_[pair.second].span);
    const FileSpan item = ToFile(tree_[id].span);
    const bool flow = IsFlow(id);
    const size_t end = flow ? item.end : value_span.end;
    const std::optional<Room> room = RoomOfItem(list, index, end);
    std::optional<Setting::Another> another;
    // It is copied whole, so there must be nothing else in it.
    if (room && tree_[id].members.size() == 2 && item.begin <= name_at.begin &&
        name_at.end <= value_at.begin && value_at.end <= end) {
      const std::string_view file = finder_.file();
      const auto slice = [file](size_t from, size_t to) {
        return std::string(file.substr(from, to - from));
      };
      another = Setting::Another{room->at, room->before + slice(item.begin, name_at.begin),
                                 slice(name_at.end, value_at.begin), slice(value_at.end, end)};
    }
    if (!extra) return finder_.Variable(*name, *value, std::move(another), owner);
    finder_.Add({SettingForm::kFlag, name->text, value->text, true, name_at, PlaceOf(*value),
                 std::move(another), owner});
  }

  // --- command lines

  // An item as a word of a command.
  std::optional<Argument> ItemWord(NodeId list, size_t index) const {
    const TextNode node = tree_[tree_[list].items[index]];
    const std::optional<DecodedScalar> text = Decode(node);
    if (node.kind != Kind::kScalar || !text) return std::nullopt;
    Argument word{text->text, text->map, 0, "", ""};
    const FileSpan span = ToFile(node.span);
    const std::string quote = QuoteOf(node);
    const bool one_line =
        finder_.file().substr(span.begin, span.size()).find('\n') == std::string_view::npos;
    if (const std::optional<Room> room = RoomOfItem(list, index, span.end); room && one_line) {
      word.at = room->at;
      word.before = room->before + quote;
      word.after = quote;
    }
    return word;
  }

  // The words of `command`, `args` and the like, and whether they are the program's.
  void CommandLine(NodeId id, size_t owner) {
    std::vector<Argument> words;
    for (const std::string_view key : kCommandKeys) {
      const std::optional<NodeId> part = tree_.Find(id, key);
      if (!part || !seen_.insert(*part).second) continue;
      const TextNode node = tree_[*part];
      if (node.kind == Kind::kScalar) {
        AddWords(node, owner, words);
      } else {
        for (size_t i = 0; i < node.items.size(); ++i) {
          seen_.insert(node.items[i]);
          if (std::optional<Argument> word = ItemWord(*part, i)) words.push_back(*std::move(word));
        }
      }
    }
    if (words.empty()) return;
    finder_.Arguments(words, words.front().text.starts_with('-') && HasImage(id), owner);
  }

  // A command as one text. One with several lines is a script.
  void AddWords(const TextNode& node, size_t owner, std::vector<Argument>& words) {
    const std::optional<DecodedScalar> text = Decode(node);
    if (!text) return;
    if (node.style == ScalarStyle::kLiteral) return finder_.Nested(*text, owner);
    const FileSpan all{0, text->text.size()};
    for (const ShellCommand& command :
         ReadShell(text->text, all, ShellSyntax::kUnitValue).commands) {
      for (Argument& word : finder_.WordsOf(*text, command)) words.push_back(std::move(word));
    }
  }

  bool HasImage(NodeId id) const {
    const std::optional<NodeId> image = tree_.Find(id, "image");
    if (!image) return false;
    const std::optional<NodeId> repository = tree_.Find(*image, "repository");
    return NamesProgram(tree_[repository ? *repository : *image].value, finder_.program());
  }

  SettingFinder& finder_;
  const DecodedScalar& text_;
  std::optional<TemplateMask> mask_;
  TextTree tree_;
  std::unordered_set<NodeId> seen_;
};

}  // namespace

bool SettingFinder::Tree(const DecodedScalar& text, bool is_json) {
  return TreeFinder(*this, text).Run(is_json);
}

}  // namespace metrishift::formats
