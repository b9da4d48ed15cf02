#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "rewriter/rewrite/conversion.h"

namespace metrishift::rewrite {
namespace {

using promql::TokenKind;

// What a function over a range makes of a factor and of a summand.
enum class FactorRule : uint8_t { kSame, kAbsolute, kSquare, kNone };
enum class OffsetRule : uint8_t { kSame, kCancels, kBreaks };
struct FunctionRule {
  std::string_view name;
  FactorRule factor;
  OffsetRule offset;
  bool ordered;  // a negative factor turns around what it looks at
};
constexpr std::array kFunctionRules = {
    FunctionRule{"", FactorRule::kSame, OffsetRule::kSame, false},
    // Counters: a reset is seen, and made up for, by the value itself.
    FunctionRule{"rate", FactorRule::kSame, OffsetRule::kBreaks, true},
    FunctionRule{"irate", FactorRule::kSame, OffsetRule::kBreaks, true},
    FunctionRule{"increase", FactorRule::kSame, OffsetRule::kBreaks, true},
    FunctionRule{"delta", FactorRule::kSame, OffsetRule::kCancels, false},
    FunctionRule{"idelta", FactorRule::kSame, OffsetRule::kCancels, false},
    FunctionRule{"deriv", FactorRule::kSame, OffsetRule::kCancels, false},
    FunctionRule{"predict_linear", FactorRule::kSame, OffsetRule::kSame, false},
    FunctionRule{"holt_winters", FactorRule::kSame, OffsetRule::kSame, false},
    FunctionRule{"double_exponential_smoothing", FactorRule::kSame, OffsetRule::kSame, false},
    FunctionRule{"avg_over_time", FactorRule::kSame, OffsetRule::kSame, false},
    FunctionRule{"last_over_time", FactorRule::kSame, OffsetRule::kSame, false},
    FunctionRule{"first_over_time", FactorRule::kSame, OffsetRule::kSame, false},
    FunctionRule{"sum_over_time", FactorRule::kSame, OffsetRule::kBreaks, false},
    FunctionRule{"min_over_time", FactorRule::kSame, OffsetRule::kSame, true},
    FunctionRule{"max_over_time", FactorRule::kSame, OffsetRule::kSame, true},
    FunctionRule{"quantile_over_time", FactorRule::kSame, OffsetRule::kSame, true},
    FunctionRule{"stddev_over_time", FactorRule::kAbsolute, OffsetRule::kCancels, false},
    FunctionRule{"mad_over_time", FactorRule::kAbsolute, OffsetRule::kCancels, false},
    FunctionRule{"stdvar_over_time", FactorRule::kSquare, OffsetRule::kCancels, false},
    FunctionRule{"changes", FactorRule::kNone, OffsetRule::kCancels, false},
    FunctionRule{"resets", FactorRule::kNone, OffsetRule::kCancels, true},
    FunctionRule{"count_over_time", FactorRule::kNone, OffsetRule::kCancels, false},
    FunctionRule{"present_over_time", FactorRule::kNone, OffsetRule::kCancels, false},
    FunctionRule{"absent_over_time", FactorRule::kNone, OffsetRule::kCancels, false},
    FunctionRule{"absent", FactorRule::kNone, OffsetRule::kCancels, false},
    FunctionRule{"timestamp", FactorRule::kNone, OffsetRule::kCancels, false},
    FunctionRule{"start_timestamp", FactorRule::kNone, OffsetRule::kCancels, false},
    FunctionRule{"ts_of_first_over_time", FactorRule::kNone, OffsetRule::kCancels, false},
    FunctionRule{"ts_of_last_over_time", FactorRule::kNone, OffsetRule::kCancels, false},
    FunctionRule{"ts_of_min_over_time", FactorRule::kNone, OffsetRule::kCancels, true},
    FunctionRule{"ts_of_max_over_time", FactorRule::kNone, OffsetRule::kCancels, true},
};

// A replacement that reads the same whatever follows a group's number: Go takes "$1_total" for a
// group named 1_total.
std::string Replacement(std::string_view replacement) {
  std::string out;
  for (size_t i = 0; i < replacement.size(); ++i) {
    out += replacement[i];
    const bool group = replacement[i] == '$' && i + 1 < replacement.size() &&
                       replacement[i + 1] >= '0' && replacement[i + 1] <= '9';
    if (replacement[i] == '$' && i + 1 < replacement.size() && replacement[i + 1] == '$') {
      out += replacement[++i];
    } else if (group) {
      const char digit = replacement[++i];
      const bool word = i + 1 < replacement.size() &&
                        (std::isalnum(static_cast<unsigned char>(replacement[i + 1])) != 0 ||
                         replacement[i + 1] == '_');
      out += word ? std::string("{") + digit + "}" : std::string(1, digit);
    }
  }
  return out;
}

std::string Literal(std::string_view value) {
  std::string out;
  for (const char c : value) out += c == '$' ? "$$" : std::string(1, c);
  return out;
}

class Wrapper {
 public:
  explicit Wrapper(TokenKind op) { wrapping_.op = op; }

  // `before` text `after` is a call.
  void Call(const std::string& before, const std::string& after) {
    wrapping_.before.insert(0, before);
    wrapping_.after += after;
    wrapping_.op = TokenKind::kEnd;
  }

  void Replace(const std::string& to, std::string_view replacement, const std::string& from,
               std::string_view regex) {
    Call("label_replace(", ", " + Quote(to) + ", " + Quote(replacement) + ", " + Quote(from) +
                               ", " + Quote(regex) + ")");
  }

  void Operate(TokenKind op, const std::string& text) {
    if (wrapping_.op != TokenKind::kEnd &&
        promql::BinaryPrecedence(wrapping_.op) < promql::BinaryPrecedence(op)) {
      wrapping_.before.insert(0, "(");
      wrapping_.after += ")";
    }
    wrapping_.after += text;
    wrapping_.op = op;
  }

  Wrapping Take() { return std::move(wrapping_); }

 private:
  Wrapping wrapping_;
};

// {new, old} pairs in an order in which no replacement sees what an earlier one has written.
std::optional<std::vector<std::pair<std::string, std::string>>> InOrder(
    std::vector<std::pair<std::string, std::string>> pairs) {
  std::vector<std::pair<std::string, std::string>> ordered;
  while (!pairs.empty()) {
    const auto next = std::ranges::find_if(pairs, [&pairs](const auto& pair) {
      return std::ranges::none_of(pairs, [&pair](const auto& other) {
        return &other != &pair && other.first == pair.second;
      });
    });
    if (next == pairs.end()) return std::nullopt;
    ordered.push_back(*next);
    pairs.erase(next);
  }
  return ordered;
}

// Gives a label its old name and values. Returns false where that is not possible.
bool UndoMapped(const LabelChange& change, Wrapper& wrapper) {
  const bool moves = change.old_label != change.new_label;
  if (change.revalued && !change.to_old) return false;
  if (change.revalued && !change.to_old->pattern.empty()) {
    // What the pattern does not cover keeps its value.
    if (moves) wrapper.Replace(change.old_label, "$1", change.new_label, "(.*)");
    wrapper.Replace(change.old_label, Replacement(change.to_old->replacement), change.new_label,
                    change.to_old->pattern);
    return true;
  }
  if (moves) wrapper.Replace(change.old_label, "$1", change.new_label, "(.*)");
  if (!change.revalued) return true;
  std::optional<std::vector<std::pair<std::string, std::string>>> pairs = change.to_old->values;
  if (!moves) pairs = InOrder(*pairs);
  if (!pairs) return false;
  for (const auto& [new_value, old_value] : *pairs) {
    wrapper.Replace(change.old_label, Literal(old_value), change.new_label,
                    RE2::QuoteMeta(new_value));
  }
  return true;
}

// Renamed labels in an order in which no label is overwritten before it has been read; false where
// they turn in a circle.
bool InOrder(std::vector<const LabelChange*>& changes) {
  for (size_t done = 0; done < changes.size(); ++done) {
    const auto begin = changes.begin() + static_cast<std::ptrdiff_t>(done);
    const auto next = std::find_if(begin, changes.end(), [&](const LabelChange* change) {
      return std::none_of(begin, changes.end(), [change](const LabelChange* other) {
        return other != change && other->new_label == change->old_label;
      });
    });
    if (next == changes.end()) return false;
    std::rotate(begin, next, next + 1);
  }
  return true;
}

std::string AffineText(double factor) {
  const double inverse = std::round(1 / factor);
  const bool divides = std::abs(factor) < 1 && std::abs(inverse) < 1e15 && 1 / inverse == factor;
  return divides ? " / " + NumberText(inverse) : " * " + NumberText(factor);
}

}  // namespace

std::string NumberText(double number) {
  // Digits alone, where there are not too many of them.
  const double size = std::abs(number);
  const bool plain = size == 0 || (size >= 1e-6 && size < 1e15);
  std::array<char, 32> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number,
                                 plain ? std::chars_format::fixed : std::chars_format::scientific)
                       .ptr;
  return {buffer.data(), end};
}

std::string Quote(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

std::optional<Affine> ThroughFunction(std::string_view function, Affine value) {
  if (value == Affine{}) return value;
  const auto rule = std::ranges::find(kFunctionRules, function, &FunctionRule::name);
  if (rule == kFunctionRules.end() || (rule->ordered && value.scale < 0)) return std::nullopt;
  if (rule->offset == OffsetRule::kBreaks && value.offset != 0) return std::nullopt;
  if (rule->offset == OffsetRule::kCancels) value.offset = 0;
  switch (rule->factor) {
    case FactorRule::kSame:
      return value;
    case FactorRule::kAbsolute:
      return Affine{std::abs(value.scale), value.offset};
    case FactorRule::kSquare:
      return Affine{value.scale * value.scale, value.offset};
    case FactorRule::kNone:
      break;
  }
  return Affine{1, value.offset};
}

std::optional<Wrapping> Undo(const Conversion& conversion, const std::vector<bool>& undo,
                             Affine value) {
  Wrapper wrapper(conversion.op);
  std::vector<const LabelChange*> mapped;
  std::vector<std::string> dropped;
  std::vector<const LabelChange*> extra;
  std::vector<const LabelChange*> restored;
  for (size_t i = 0; i < conversion.labels.size(); ++i) {
    const LabelChange& change = conversion.labels[i];
    if (!undo[i]) continue;
    switch (change.kind) {
      case LabelChange::Kind::kFixed:
        if (change.old_value.empty()) {
          dropped.push_back(change.new_label);
        } else {
          restored.push_back(&change);
        }
        break;
      case LabelChange::Kind::kMapped:
        mapped.push_back(&change);
        break;
      case LabelChange::Kind::kExtra:
        extra.push_back(&change);
        break;
      case LabelChange::Kind::kBounds:
        return std::nullopt;
      case LabelChange::Kind::kName:
        break;
    }
  }
  if (!extra.empty()) {
    const MappingEntry::Aggregate& aggregate = *conversion.match.entry->aggregate;
    std::string labels;
    for (const std::string& label : aggregate.labels)
      labels += (labels.empty() ? "" : ", ") + label;
    wrapper.Call(aggregate.op + (aggregate.without ? " without (" : " by (") + labels + ") (", ")");
  }
  if (!InOrder(mapped)) return std::nullopt;
  for (const LabelChange* change : mapped) {
    if (!UndoMapped(*change, wrapper)) return std::nullopt;
    const bool still_used = std::ranges::any_of(mapped, [change](const LabelChange* other) {
      return other->old_label == change->new_label;
    });
    if (!still_used) dropped.push_back(change->new_label);
  }
  for (const LabelChange* change : restored)
    wrapper.Replace(change->new_label, Literal(change->old_value), "", "");
  if (!dropped.empty()) {
    std::string labels;
    for (const std::string& label : dropped) labels += (labels.empty() ? "" : ", ") + label;
    wrapper.Call("sum without (" + labels + ") (", ")");
  }
  if (value.scale != 1) wrapper.Operate(TokenKind::kMul, AffineText(value.scale));
  if (value.offset != 0) {
    wrapper.Operate(TokenKind::kAdd,
                    (value.offset < 0 ? " - " : " + ") + NumberText(std::abs(value.offset)));
  }
  return wrapper.Take();
}

}  // namespace metrishift::rewrite
