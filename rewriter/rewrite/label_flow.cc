#include "rewriter/rewrite/label_flow.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "rewriter/promql/type_check.h"
#include "rewriter/promql/walk.h"
#include "rewriter/rewrite/tree.h"

namespace metrishift::rewrite {
namespace {

using promql::AggregateExpr;
using promql::BinaryExpr;
using promql::Call;
using promql::Expr;
using promql::LabelList;
using promql::NameToken;
using promql::TokenKind;
using promql::ValueType;
using Kind = LabelChange::Kind;

// One change on its way up, with the places that it comes from and what it has led to.
struct Item {
  const LabelChange* change;
  struct Origin {
    size_t source;
    size_t index;
  };
  std::vector<Origin> origins;
  std::vector<QueryEdit> edits;
  std::vector<LabelFlow::Scaled> scaled;
};
using Items = std::vector<Item>;

void Append(Item& to, Item& from) {
  to.origins.insert(to.origins.end(), from.origins.begin(), from.origins.end());
  to.edits.insert(to.edits.end(), from.edits.begin(), from.edits.end());
  to.scaled.insert(to.scaled.end(), from.scaled.begin(), from.scaled.end());
}

bool KeepsLabels(TokenKind aggregator) {
  return aggregator == TokenKind::kTopk || aggregator == TokenKind::kBottomk ||
         aggregator == TokenKind::kLimitk || aggregator == TokenKind::kLimitRatio;
}

const NameToken* FindLabel(const LabelList& list, std::string_view label) {
  const auto found = std::ranges::find(list.labels, label, &NameToken::text);
  return found == list.labels.end() ? nullptr : &*found;
}

bool Templated(const LabelList& list) {
  return std::ranges::any_of(list.labels, &NameToken::templated);
}

// Gives `change`'s label its new name wherever `list` has it.
void RenameIn(const LabelList& list, Item& item) {
  for (const NameToken& token : list.labels) {
    if (token.text != item.change->old_label) continue;
    const size_t quote = token.quoted ? 1 : 0;
    item.edits.push_back(
        {{token.span.begin + quote, token.span.end - quote}, item.change->new_label});
  }
}

QueryEdit Rename(const promql::StringToken& token, const std::string& name) {
  return {{token.span.begin + 1, token.span.end - 1}, name};
}

class Follower {
 public:
  Follower(std::span<const LabelSource> sources, bool keep_labels)
      : sources_(sources), keep_labels_(keep_labels) {
    flow_.touched.resize(sources.size());
    flow_.asked_old.resize(sources.size());
    for (size_t i = 0; i < sources.size(); ++i) {
      flow_.undo.emplace_back(sources[i].changes.size(), false);
      Items& items = items_[sources[i].expr];
      for (size_t c = 0; c < sources[i].changes.size(); ++c) {
        if (TakesOver(sources[i].changes)) {
          flow_.undo[i][c] = true;
        } else {
          items.push_back({&sources[i].changes[c], {{i, c}}, {}, {}});
        }
      }
    }
  }

  LabelFlow Run(const Expr& root) {
    std::vector<const Expr*> nodes;
    promql::Walk(root, [&nodes](const Expr& node, const Expr*) { nodes.push_back(&node); });
    for (auto it = nodes.rbegin(); it != nodes.rend(); ++it) Node(**it);
    for (Item& item : Take(&root)) AtRoot(item, root.span);
    return std::move(flow_);
  }

 private:
  // True iff a label's new name is another one's old name: who asks for it cannot be told apart.
  static bool TakesOver(std::span<const LabelChange> changes) {
    return std::ranges::any_of(changes, [&](const LabelChange& change) {
      return change.kind == Kind::kMapped && change.old_label != change.new_label &&
             std::ranges::count(changes, change.new_label, &LabelChange::old_label) > 0;
    });
  }

  // What is done to an item at a place.
  enum class Fate { kPass, kSettle, kUndo };

  Items Take(const Expr* expr) {
    const auto found = items_.find(expr);
    if (found == items_.end()) return {};
    Items items = std::move(found->second);
    items_.erase(found);
    return items;
  }

  void Give(const Expr* expr, Items items) {
    if (items.empty()) return;
    Items& to = items_[expr];
    to.insert(to.end(), std::make_move_iterator(items.begin()),
              std::make_move_iterator(items.end()));
  }

  // Nobody sees the change from here on: what it has led to holds.
  void Settle(Item& item) {
    AsksOld(item);
    for (const Item::Origin& origin : item.origins)
      flow_.touched[origin.source] = flow_.touched[origin.source] || !item.edits.empty();
    flow_.edits.insert(flow_.edits.end(), item.edits.begin(), item.edits.end());
    flow_.scaled.insert(flow_.scaled.end(), item.scaled.begin(), item.scaled.end());
  }

  void AsksOld(const Item& item) {
    if (item.change->kind != Kind::kMapped || item.edits.empty()) return;
    for (const Item::Origin& origin : item.origins) flow_.asked_old[origin.source] = true;
  }

  // Whoever is at `at` sees the change. `asks_new`: by its new name.
  void Undo(const Item& item, QuerySpan at, bool asks_new = false) {
    AsksOld(item);
    for (const Item::Origin& origin : item.origins) {
      const bool migrated = asks_new && sources_[origin.source].same_name;
      if (migrated || item.change->kind == Kind::kBounds ||
          (item.change->revalued && !item.change->to_old)) {
        flow_.refused.push_back({origin.source, at, migrated});
      }
      flow_.undo[origin.source][origin.index] = true;
    }
  }

  void AtRoot(Item& item, QuerySpan whole) {
    switch (item.change->kind) {
      case Kind::kName:
        return Settle(item);
      case Kind::kMapped:
        if (keep_labels_) return Undo(item, whole);
        flow_.shown.push_back({item.change, item.origins.front().source});
        return Settle(item);
      default:
        return Undo(item, whole);
    }
  }

  void Node(const Expr& node) {
    if (const auto* aggregate = As<AggregateExpr>(&node)) return Aggregate(node, *aggregate);
    if (const auto* binary = As<BinaryExpr>(&node)) return Binary(node, *binary);
    if (const auto* call = As<Call>(&node)) return Function(node, *call);
    const bool plain = As<promql::UnaryExpr>(&node) == nullptr;
    promql::ForEachChild(node, [&](const Expr& child) {
      Items out;
      for (Item& item : Take(&child)) {
        const bool extra = item.change->kind == Kind::kExtra;
        Pass(std::move(item), out, node.span, extra && !plain ? Fate::kUndo : Fate::kPass);
      }
      Give(&node, std::move(out));
    });
  }

  // --- sum by (a) (x)

  void Aggregate(const Expr& node, const AggregateExpr& aggregate) {
    Items out;
    for (const promql::ExprPtr& arg : aggregate.args) {
      const bool vector = &arg == &aggregate.args.back();
      for (Item& item : Take(arg.get())) {
        if (!vector || aggregate.kind == TokenKind::kTemplate) {
          Undo(item, node.span);
        } else {
          const Fate fate = InAggregate(item, aggregate);
          Pass(std::move(item), out, node.span, fate);
        }
      }
    }
    Give(&node, std::move(out));
  }

  void Pass(Item item, Items& out, QuerySpan at, Fate fate) {
    switch (fate) {
      case Fate::kPass:
        out.push_back(std::move(item));
        return;
      case Fate::kSettle:
        return Settle(item);
      case Fate::kUndo:
        return Undo(item, at, asks_new_);
    }
  }

  Fate InAggregate(Item& item, const AggregateExpr& aggregate) {
    asks_new_ = false;
    const LabelChange& change = *item.change;
    const bool keeps = KeepsLabels(aggregate.kind);
    const Fate unseen = keeps ? Fate::kPass : Fate::kSettle;
    if (aggregate.kind == TokenKind::kCountValues && !CountsInto(change, aggregate))
      return Fate::kUndo;
    if (change.kind == Kind::kExtra && aggregate.op.text != change.aggregation) return Fate::kUndo;
    if (!aggregate.grouping) return unseen;
    const LabelList& list = aggregate.grouping->labels;
    if (Templated(list) && change.kind != Kind::kName) return Fate::kUndo;
    return aggregate.grouping->without ? Without(item, list, keeps) : By(item, list, unseen);
  }

  // count_values("label", x) writes a label.
  static bool CountsInto(const LabelChange& change, const AggregateExpr& aggregate) {
    const auto* label = As<promql::StringLiteral>(aggregate.args.front().get());
    return label != nullptr && label->token.text != change.old_label &&
           label->token.text != change.new_label;
  }

  Fate By(Item& item, const LabelList& list, Fate unseen) {
    const LabelChange& change = *item.change;
    const NameToken* old_token = FindLabel(list, change.old_label);
    const NameToken* new_token = FindLabel(list, change.new_label);
    switch (change.kind) {
      case Kind::kName:
        if (old_token != nullptr) flow_.name_labels.push_back(old_token->span);
        return unseen;
      case Kind::kExtra:
        return new_token != nullptr || change.new_label.empty() ? Fate::kUndo : unseen;
      case Kind::kFixed:
        return new_token != nullptr ? Fate::kUndo : unseen;
      case Kind::kBounds:
        return new_token != nullptr ? Fate::kPass : unseen;
      case Kind::kMapped:
        break;
    }
    if (change.old_label == change.new_label) return new_token != nullptr ? Fate::kPass : unseen;
    if (new_token != nullptr) {
      asks_new_ = old_token == nullptr;
      return Fate::kUndo;
    }
    if (old_token == nullptr) return unseen;
    RenameIn(list, item);
    return Fate::kPass;
  }

  Fate Without(Item& item, const LabelList& list, bool keeps) {
    const LabelChange& change = *item.change;
    const NameToken* old_token = FindLabel(list, change.old_label);
    const NameToken* new_token = FindLabel(list, change.new_label);
    switch (change.kind) {
      case Kind::kName:
        return keeps ? Fate::kPass : Fate::kSettle;
      case Kind::kExtra:
        if (change.new_label.empty()) return Fate::kUndo;
        [[fallthrough]];
      case Kind::kFixed:
        // A label that is the same in all series does not change their groups.
        if (keeps) return change.kind == Kind::kFixed ? Fate::kPass : Fate::kUndo;
        if (new_token == nullptr) item.edits.push_back(AddTo(list, change.new_label));
        return Fate::kSettle;
      case Kind::kBounds:
        return new_token == nullptr || keeps ? Fate::kPass : Fate::kSettle;
      case Kind::kMapped:
        break;
    }
    if (change.old_label == change.new_label)
      return new_token == nullptr || keeps ? Fate::kPass : Fate::kSettle;
    if (new_token != nullptr) {
      asks_new_ = old_token == nullptr;
      return Fate::kUndo;
    }
    if (old_token == nullptr) return Fate::kPass;
    RenameIn(list, item);
    return keeps ? Fate::kPass : Fate::kSettle;
  }

  // Several labels may be added at one place: they are told apart by their order only.
  static QueryEdit AddTo(const LabelList& list, const std::string& label) {
    if (list.labels.empty()) return {{list.span.begin + 1, list.span.begin + 1}, label};
    const size_t at = list.labels.back().span.end;
    return {{at, at}, ", " + label};
  }

  // --- rate(x[5m]), label_replace(x, "a", "$1", "b", "(.*)")

  void Function(const Expr& node, const Call& call) {
    Items out = Take(&node);  // of the call that takes a range: it has been written anew as a whole
    for (const promql::ExprPtr& arg : call.args) {
      for (Item& item : Take(arg.get())) {
        const Fate fate = InFunction(item, node, call);
        Pass(std::move(item), out, node.span, fate);
      }
    }
    Give(&node, std::move(out));
  }

  Fate InFunction(Item& item, const Expr& node, const Call& call) {
    asks_new_ = false;
    const std::string& name = call.name.text;
    const LabelChange& change = *item.change;
    if (change.kind == Kind::kName) return NameInFunction(call);
    if (change.kind == Kind::kExtra) return Fate::kUndo;
    if (name == "absent" || name == "absent_over_time" || name == "scalar") return Fate::kSettle;
    if (name == "histogram_quantile" && change.kind == Kind::kBounds) {
      item.scaled.push_back({&node, change.scale});
      return Fate::kSettle;
    }
    if (name == "label_replace") return InLabelReplace(item, call);
    if (name == "label_join") return InLabelJoin(item, call);
    if (name == "sort_by_label" || name == "sort_by_label_desc" || name == "info" ||
        name == "histogram_fraction" || name == "histogram_quantiles" || call.function == nullptr) {
      return Fate::kUndo;
    }
    return Fate::kPass;
  }

  Fate NameInFunction(const Call& call) {
    static constexpr std::array<std::string_view, 7> kKeepNames = {
        "label_replace", "label_join",         "sort",          "sort_desc",
        "sort_by_label", "sort_by_label_desc", "last_over_time"};
    if (std::ranges::find(kKeepNames, call.name.text) == kKeepNames.end()) return Fate::kSettle;
    const size_t first = call.name.text == "label_join" ? 3 : 1;
    for (size_t i = first; i < call.args.size(); ++i) {
      const bool label = call.name.text != "label_replace" || i == 3;
      const auto* string = As<promql::StringLiteral>(call.args[i].get());
      if (label && string != nullptr && string->token.text == "__name__")
        flow_.name_labels.push_back(string->token.span);
    }
    return Fate::kPass;
  }

  // The string argument number `index`, if it is plain.
  static const promql::StringToken* StringArg(const Call& call, size_t index) {
    if (index >= call.args.size()) return nullptr;
    const auto* string = As<promql::StringLiteral>(call.args[index].get());
    return string == nullptr || string->token.templated ? nullptr : &string->token;
  }

  // label_replace(x, to, replacement, from, regex)
  Fate InLabelReplace(Item& item, const Call& call) {
    const promql::StringToken* to = StringArg(call, 1);
    const promql::StringToken* from = StringArg(call, 3);
    if (to == nullptr || from == nullptr) return Fate::kUndo;
    const LabelChange& change = *item.change;
    const bool writes_new = to->text == change.new_label;
    const bool reads_new = from->text == change.new_label;
    if (change.kind != Kind::kMapped || change.old_label == change.new_label)
      return writes_new || reads_new ? Fate::kUndo : Fate::kPass;
    const bool reads_old = from->text == change.old_label;
    asks_new_ = reads_new && !reads_old;
    if (writes_new || reads_new) return Fate::kUndo;
    if (to->text == change.old_label && !reads_old) return Fate::kUndo;
    if (!reads_old) return Fate::kPass;
    if (change.revalued) return Fate::kUndo;
    item.edits.push_back(Rename(*from, change.new_label));
    if (to->text == change.old_label) item.edits.push_back(Rename(*to, change.new_label));
    return Fate::kPass;
  }

  // label_join(x, to, separator, from, ...)
  Fate InLabelJoin(Item& item, const Call& call) {
    const LabelChange& change = *item.change;
    std::vector<QueryEdit> edits;
    for (size_t i = 1; i < call.args.size(); ++i) {
      if (i == 2) continue;
      const promql::StringToken* label = StringArg(call, i);
      if (label == nullptr) return Fate::kUndo;
      if (label->text == change.new_label) {
        asks_new_ = i > 2 && change.old_label != change.new_label;
        return Fate::kUndo;
      }
      if (label->text != change.old_label) continue;
      if (change.kind != Kind::kMapped || change.revalued || i == 1) return Fate::kUndo;
      edits.push_back(Rename(*label, change.new_label));
    }
    item.edits.insert(item.edits.end(), edits.begin(), edits.end());
    return Fate::kPass;
  }

  // --- a * on (b) group_left (c) d

  void Binary(const Expr& node, const BinaryExpr& binary) {
    Items left = Take(binary.lhs.get());
    Items right = Take(binary.rhs.get());
    if (left.empty() && right.empty()) return;
    // A side with items is a vector. To ask for its type could take a walk through all of it.
    const auto scalar = [](const Items& items, const Expr& side) {
      return items.empty() && promql::TypeOf(side) == ValueType::kScalar;
    };
    Items out;
    if (scalar(left, *binary.lhs) || scalar(right, *binary.rhs)) {
      left.insert(left.end(), std::make_move_iterator(right.begin()),
                  std::make_move_iterator(right.end()));
      for (Item& item : left) {
        // Only a sum may wait for an operation.
        const bool extra = item.change->kind == Kind::kExtra;
        Pass(std::move(item), out, node.span, extra ? Fate::kUndo : Fate::kPass);
      }
    } else {
      Match(node, binary, left, right, true, out);
      Match(node, binary, right, left, false, out);
    }
    Give(&node, std::move(out));
  }

  bool KeepsName(const Item& item) const { return sources_[item.origins.front().source].same_name; }

  // Looks at the items of one side; those that it finds on the other side as well it merges and
  // takes from there.
  void Match(const Expr& node, const BinaryExpr& binary, Items& side, Items& other, bool is_left,
             Items& out) {
    for (Item& item : side) {
      asks_new_ = false;
      // A metric that keeps its name may leave no trace of having been moved: whether it is to be
      // must not depend on another one.
      const auto twin = std::ranges::find_if(other, [&](const Item& o) {
        return *o.change == *item.change && !KeepsName(o) && !KeepsName(item);
      });
      const bool both = twin != other.end();
      Fate fate = InBinary(item, binary, both, is_left);
      if (both) {
        const Fate twins = InBinary(*twin, binary, true, !is_left);
        if (fate == Fate::kSettle || twins == Fate::kUndo) fate = twins;
        Append(item, *twin);
        other.erase(twin);
      }
      Pass(std::move(item), out, node.span, fate);
    }
    side.clear();
  }

  Fate InBinary(Item& item, const BinaryExpr& binary, bool both, bool is_left) {
    const LabelChange& change = *item.change;
    const promql::VectorMatching* matching = binary.matching.get();
    const bool listed = matching != nullptr && matching->matching_keyword;
    const bool on = listed && matching->on;
    if (change.kind == Kind::kName) return NameInBinary(binary, on);
    if (change.kind == Kind::kExtra || binary.op == TokenKind::kTemplate) return Fate::kUndo;
    if (listed && Templated(matching->matching_labels)) return Fate::kUndo;
    if (matching != nullptr && matching->include && Templated(*matching->include))
      return Fate::kUndo;
    if (binary.op == TokenKind::kOr) return both && matching == nullptr ? Fate::kPass : Fate::kUndo;
    const NameToken* old_token = nullptr;
    const NameToken* new_token = nullptr;
    if (listed) {
      old_token = FindLabel(matching->matching_labels, change.old_label);
      new_token = FindLabel(matching->matching_labels, change.new_label);
    }
    const bool moves = change.old_label != change.new_label;
    if (moves && new_token != nullptr) {
      asks_new_ = old_token == nullptr;
      return Fate::kUndo;
    }
    const NameToken* token = moves ? old_token : new_token;
    const bool matched = on ? token != nullptr : token == nullptr;
    // Both sides have to be told apart, or brought together, by one label.
    if (matched && (!both || (on && change.kind == Kind::kFixed))) return Fate::kUndo;
    if (token != nullptr && moves) {
      if (!both) return Fate::kUndo;
      RenameIn(matching->matching_labels, item);
    }
    return InResult(item, binary, matched, is_left);
  }

  // Whether the result of the operation has the label.
  Fate InResult(Item& item, const BinaryExpr& binary, bool matched, bool is_left) {
    const promql::VectorMatching* matching = binary.matching.get();
    const bool set = binary.op == TokenKind::kAnd || binary.op == TokenKind::kUnless;
    if (set) return is_left || matched ? Fate::kPass : Fate::kSettle;
    if (matching == nullptr || !matching->group_keyword)
      return matched ? Fate::kPass : Fate::kSettle;
    const bool many_left = matching->card != promql::VectorMatching::Card::kOneToMany;
    const NameToken* old_token = nullptr;
    const NameToken* new_token = nullptr;
    if (matching->include) {
      old_token = FindLabel(*matching->include, item.change->old_label);
      new_token = FindLabel(*matching->include, item.change->new_label);
    }
    asks_new_ = new_token != nullptr && old_token == nullptr;
    if (is_left == many_left)
      return old_token != nullptr || new_token != nullptr ? Fate::kUndo : Fate::kPass;
    if (item.change->kind == Kind::kMapped && new_token == nullptr && old_token != nullptr) {
      RenameIn(*matching->include, item);
      return Fate::kPass;
    }
    if (item.change->kind == Kind::kMapped && new_token != nullptr &&
        item.change->old_label == item.change->new_label)
      return Fate::kPass;
    if (old_token != nullptr || new_token != nullptr) return Fate::kUndo;
    return matched ? Fate::kPass : Fate::kSettle;
  }

  Fate NameInBinary(const BinaryExpr& binary, bool on) {
    if (on) {
      const NameToken* token = FindLabel(binary.matching->matching_labels, "__name__");
      if (token != nullptr) flow_.name_labels.push_back(token->span);
    }
    const bool set = binary.op == TokenKind::kAnd || binary.op == TokenKind::kUnless ||
                     binary.op == TokenKind::kOr;
    return set || promql::BinaryPrecedence(binary.op) == promql::BinaryPrecedence(TokenKind::kEqual)
               ? Fate::kPass
               : Fate::kSettle;
  }

  std::span<const LabelSource> sources_;
  bool keep_labels_;
  bool asks_new_ = false;  // who was last asked for a fate looks at the new label only
  std::unordered_map<const Expr*, Items> items_;
  LabelFlow flow_;
};

}  // namespace

LabelFlow FollowLabels(const Expr& root, std::span<const LabelSource> sources, bool keep_labels) {
  return Follower(sources, keep_labels).Run(root);
}

}  // namespace metrishift::rewrite
