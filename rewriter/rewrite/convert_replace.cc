#include "rewriter/rewrite/convert_replace.h"

#include <algorithm>
#include <array>

#include "rewriter/rewrite/label_flow.h"

namespace metrishift::rewrite {
namespace {

using promql::BinaryExpr;
using promql::Expr;
using promql::TokenKind;

// Functions that give the same before an aggregation as after it.
struct Commuting {
  std::string_view aggregation;
  std::string_view function;
  // Takes what falls for a counter that began anew. Of gauges, one may fall while another rises.
  bool counters = false;
};
constexpr std::array kCommuting = {
    Commuting{"sum", "rate", true},     Commuting{"sum", "irate", true},
    Commuting{"sum", "increase", true}, Commuting{"sum", "delta"},
    Commuting{"sum", "idelta"},         Commuting{"sum", "deriv"},
    Commuting{"sum", "sum_over_time"},  Commuting{"sum", "avg_over_time"},
    Commuting{"max", "max_over_time"},  Commuting{"min", "min_over_time"},
    Commuting{"sum", "last_over_time"}, Commuting{"sum", "predict_linear"},
};

bool Commutes(const MappingEntry& entry, const Expr* lift) {
  const auto* call = As<promql::Call>(lift);
  if (call == nullptr || !entry.aggregate || IsCallOf(lift, {"absent", "absent_over_time"}))
    return true;
  return std::ranges::any_of(kCommuting, [&](const Commuting& row) {
    return row.aggregation == entry.aggregate->op && row.function == call->name.text &&
           (!row.counters ||
            (entry.type != MetricType::kGauge && entry.new_type != MetricType::kGauge));
  });
}

// True iff `op` at the place of `expr` needs parentheses. Those that are there already count.
bool NeedsParens(const Parents& parents, const Expr* expr, TokenKind op) {
  return op != TokenKind::kEnd && As<promql::ParenExpr>(parents.Of(expr)) == nullptr &&
         parents.NeedsParens(expr, op);
}

// True iff one selector is to become several, joined.
bool IsSeveral(const Rename& rename) { return rename.conversions.size() > 1 || rename.rest; }

class InPlace {
 public:
  InPlace(const RenamedExpr& expr, const Parents& parents, bool keep_labels, EditMap& edits,
          std::vector<QueryFinding>& findings)
      : expr_(expr),
        parents_(parents),
        keep_labels_(keep_labels),
        edits_(edits),
        findings_(findings) {}

  void Run() {
    for (const Rename& rename : expr_.renames) {
      if (!rename.Converts() || rename.conversions.front().guarded || IsTurnedBack(rename))
        continue;
      if (expr_.selector_only) {
        SelectorOnly(rename);
      } else if (Use use; Prepare(rename, use)) {
        uses_.push_back(std::move(use));
      }
    }
    if (expr_.root == nullptr || expr_.selector_only) return;
    while (!Follow()) {
    }
    for (size_t i = 0; i < uses_.size(); ++i) {
      if (!IsSeveral(*uses_[i].rename)) Write(uses_[i], flow_.undo[i]);
    }
    for (const QueryEdit& edit : flow_.edits) AddTo(edits_, edit);
    for (const LabelFlow::Scaled& scaled : flow_.scaled) Scale(scaled);
    for (const QuerySpan span : flow_.name_labels) NameLabel(span);
    for (const LabelFlow::Shown& shown : flow_.shown) Shown(shown);
    // They take along what has been written within them, smaller ones first.
    std::ranges::stable_sort(
        uses_, {}, [](const Use& use) { return use.lift == nullptr ? 0 : use.lift->span.size(); });
    for (const Use& use : uses_) {
      if (IsSeveral(*use.rename)) WriteSeveral(use);
    }
  }

 private:
  struct Use {
    const Rename* rename;
    const Expr* lift;
    Affine value;
    std::vector<LabelChange> changes;  // of the one conversion; with several all are undone
  };

  // True iff the query turns new label values back already, as we would: where the name is the
  // same on both sides, nothing else tells that it is about the new one.
  bool IsTurnedBack(const Rename& rename) const {
    const Expr* lift = parents_.LiftOf(rename.selector);
    if (!rename.match.entry->SameName() || IsSeveral(rename) || lift == nullptr) return false;
    Conversion conversion = rename.conversions.front();
    conversion.labels = ChangesOf(conversion, lift);
    std::vector<bool> revalued;
    for (const LabelChange& change : conversion.labels)
      revalued.push_back(change.revalued && change.old_label == change.new_label);
    const std::optional<Wrapping> wrapping = Undo(conversion, revalued, {});
    return Any(revalued) && wrapping &&
           expr_.text.substr(0, lift->span.begin).ends_with(wrapping->before) &&
           expr_.text.substr(lift->span.end).starts_with(wrapping->after);
  }

  // Labels and values of a selector's series are not looked at here.
  void SelectorOnly(const Rename& rename) {
    if (IsSeveral(rename)) {
      return Refuse(rename, "stands for several new metrics where there is room for one selector",
                    "ask for one of them");
    }
    for (const QueryEdit& edit : rename.conversions.front().edits.edits()) AddTo(edits_, edit);
    Changed(rename);
  }

  bool Prepare(const Rename& rename, Use& use) {
    use = {&rename, parents_.LiftOf(rename.selector), {}, {}};
    // Where unions are to stay, and where the old name stays beside the new one.
    if (use.lift != nullptr && UnionOfOurs(expr_, parents_, rename, *use.lift) != nullptr)
      return false;
    if (IsSeveral(rename)) {
      if (use.lift != nullptr && NewSideOf(expr_, rename, *use.lift, {})) return true;
      Refuse(rename, "stands for several new metrics, which cannot be joined here", "");
      return false;
    }
    const Conversion& conversion = rename.conversions.front();
    const std::optional<Affine> value = ValueOf(conversion, use.lift);
    if (!value) {
      Refuse(rename, "is in another unit under its new name, which no factor makes up for here",
             "write the expression anew for " + conversion.match.NewSeries());
      return false;
    }
    if (!Commutes(*conversion.match.entry, use.lift) ||
        (conversion.op != TokenKind::kEnd && use.lift != rename.selector) ||
        (conversion.computed && use.lift != rename.selector)) {
      Refuse(rename, "is had from several new series, which this function cannot take",
             "take a subquery of the new expression, or record it");
      return false;
    }
    use.value = *value;
    use.changes = ChangesOf(conversion, use.lift);
    return true;
  }

  // Follows the labels of all uses. Returns false when some had to be left out, so that the rest
  // has to be followed anew.
  bool Follow() {
    static const LabelChange kNameChange = {
        LabelChange::Kind::kName, "__name__", "__name__", "", "", {}, false, 1, "", false};
    flow_ = {};
    std::vector<LabelSource> sources;
    for (const Use& use : uses_) {
      const bool one = !IsSeveral(*use.rename);
      sources.push_back(
          {use.lift != nullptr ? use.lift : use.rename->selector,
           one ? std::span<const LabelChange>(use.changes) : std::span<const LabelChange>(),
           use.rename->match.entry->SameName()});
    }
    if (expr_.text.find("__name__") != std::string_view::npos) {
      for (const Rename& rename : expr_.renames) {
        if (rename.kind == Rename::Kind::kName && !rename.match.entry->SameName())
          sources.push_back({rename.selector, {&kNameChange, 1}, false});
      }
    }
    if (sources.empty()) return true;
    flow_ = FollowLabels(*expr_.root, sources, keep_labels_);
    std::vector<bool> refused(uses_.size());
    for (const LabelFlow::Refusal& refusal : flow_.refused) {
      if (refused[refusal.source]) continue;
      refused[refusal.source] = true;
      RefuseLabels(uses_[refusal.source], refusal);
    }
    for (size_t i = 0; i < uses_.size(); ++i) {
      if (refused[i] || CanUndo(uses_[i], flow_.undo[i])) continue;
      refused[i] = true;
      Refuse(*uses_[i].rename, "has other labels under its new name, which show here",
             "write the expression anew");
    }
    const size_t before = uses_.size();
    size_t i = 0;
    std::erase_if(uses_, [&](const Use&) { return refused[i++]; });
    return uses_.size() == before;
  }

  static bool Any(const std::vector<bool>& flags) {
    return std::ranges::find(flags, true) != flags.end();
  }

  static bool CanUndo(const Use& use, const std::vector<bool>& undo) {
    if (use.lift == nullptr) return !Any(undo) && use.value == Affine{};
    return IsSeveral(*use.rename) || UndoOf(use, undo).has_value();
  }

  static std::optional<Wrapping> UndoOf(const Use& use, const std::vector<bool>& undo) {
    Conversion conversion = use.rename->conversions.front();
    conversion.labels = use.changes;
    return Undo(conversion, undo, use.value);
  }

  void RefuseLabels(const Use& use, const LabelFlow::Refusal& refusal) {
    if (refusal.migrated) {
      // Nothing to say of who asks for the new labels alone.
      if (!use.rename->conversions.front().edits.empty() || flow_.asked_old[Index(use)])
        Refuse(*use.rename, "is asked for by labels of both its sides",
               "ask for those of one side");
      return;
    }
    const std::string seen(expr_.text.substr(refusal.at.begin, refusal.at.size()));
    Refuse(*use.rename,
           "has other label values under its new name, which cannot be turned back, and they show "
           "in what is made of it",
           "write the expression anew for " + use.rename->match.NewSeries());
  }

  void Write(const Use& use, const std::vector<bool>& undo) {
    const Rename& rename = *use.rename;
    const Conversion& conversion = rename.conversions.front();
    const bool nothing = conversion.edits.empty() && !Any(undo) && use.value == Affine{} &&
                         !flow_.touched[Index(use)];
    if (nothing) return;
    for (const QueryEdit& edit : conversion.edits.edits()) AddTo(edits_, edit);
    Changed(rename);
    if (use.lift == nullptr) return;
    Wrapping wrapping = *UndoOf(use, undo);
    if (NeedsParens(parents_, use.lift, wrapping.op)) {
      wrapping.before.insert(0, "(");
      wrapping.after += ")";
      Group(*use.lift);
    }
    Around(use.lift->span, wrapping);
  }

  size_t Index(const Use& use) const { return static_cast<size_t>(&use - uses_.data()); }

  void WriteSeveral(const Use& use) {
    NewSide side = *NewSideOf(expr_, *use.rename, *use.lift, edits_);
    if (use.rename->rest) {
      side.op = UnionOperator(use.lift);
      side.text += side.op == TokenKind::kAnd ? " and " : " or ";
      side.text += Splice(expr_.text, use.lift->span, edits_);
    }
    // With the old name it is a union, and has the parentheses of one.
    const bool parens = use.rename->rest ? parents_.NeedsParens(use.lift, side.op)
                                         : NeedsParens(parents_, use.lift, side.op);
    auto within = edits_.lower_bound({use.lift->span.begin, use.lift->span.begin});
    while (within != edits_.end() && within->first.end <= use.lift->span.end)
      within = edits_.erase(within);
    edits_[use.lift->span] = parens ? "(" + side.text + ")" : side.text;
    if (parens) Group(*use.lift);
    Changed(*use.rename);
  }

  void Scale(const LabelFlow::Scaled& scaled) {
    Wrapping wrapping = *Undo({}, {}, {scaled.scale, 0});
    if (NeedsParens(parents_, scaled.call, wrapping.op)) {
      wrapping.before = "(";
      wrapping.after += ")";
      Group(*scaled.call);
    }
    Around(scaled.call->span, wrapping);
  }

  void Group(const Expr& expr) {
    const promql::VectorMatching* group = parents_.GroupBefore(&expr);
    if (group != nullptr && !group->include)
      edits_[{group->group_keyword->end, group->group_keyword->end}] = "( )";
  }

  void Around(QuerySpan span, const Wrapping& wrapping) {
    if (!wrapping.before.empty()) edits_[{span.begin, span.begin}].insert(0, wrapping.before);
    if (!wrapping.after.empty()) edits_[{span.end, span.end}] += wrapping.after;
  }

  void Changed(const Rename& rename) {
    const MappingEntry& entry = *rename.match.entry;
    std::string message =
        entry.SameName()
            ? rename.match.OldSeries() + " has other labels now" + LabelsOf(entry)
            : "deprecated " + rename.match.OldSeries() + ", use " + InsteadOf(rename.match);
    if (entry.equivalence != Equivalence::kExact)
      message += " (" + std::string(EquivalenceName(entry.equivalence)) + ")";
    findings_.push_back({Disposition::kChanged, FindingCode::kRenamed, rename.span,
                         std::move(message), entry.note, &entry});
  }

  // ": pod for pod_name, container for container_name"
  static std::string LabelsOf(const MappingEntry& entry) {
    std::string text;
    for (const LabelRename& label : entry.labels)
      text += (text.empty() ? ": " : ", ") + label.new_name + " for " + label.old_name;
    return text;
  }

  void Refuse(const Rename& rename, const std::string& why, std::string hint) {
    findings_.push_back({Disposition::kNeedsPerson, FindingCode::kNotConvertible, rename.span,
                         "deprecated " + rename.match.OldSeries() + " " + why, std::move(hint),
                         rename.match.entry});
  }

  void NameLabel(QuerySpan span) {
    findings_.push_back({Disposition::kNeedsPerson, FindingCode::kNameLabel, span,
                         "the metric's name is looked at as a label here, and it changes",
                         "see what depends on it", nullptr});
  }

  void Shown(const LabelFlow::Shown& shown) {
    const LabelChange& change = *shown.change;
    const MappingEntry* entry = uses_[shown.source].rename->match.entry;
    const bool moves = change.old_label != change.new_label;
    const QuerySpan whole = expr_.root->span;
    findings_.push_back(
        {Disposition::kInfo,
         FindingCode::kResultLabel,
         {whole.begin, whole.begin},
         moves ? "the result has label " + change.new_label + " where it had " + change.old_label
               : "the result has other values of label " + change.new_label,
         "legends, alert templates and whatever reads the result have to follow",
         entry->SameName() ? entry : nullptr});
  }

  const RenamedExpr& expr_;
  const Parents& parents_;
  bool keep_labels_;
  EditMap& edits_;
  std::vector<QueryFinding>& findings_;
  std::vector<Use> uses_;
  LabelFlow flow_;
};

}  // namespace

std::optional<Affine> ValueOf(const Conversion& conversion, const Expr* lift) {
  const auto* call = As<promql::Call>(lift);
  return ThroughFunction(call != nullptr ? call->name.text : "",
                         {conversion.match.Scale(), conversion.match.Offset()});
}

std::vector<LabelChange> ChangesOf(const Conversion& conversion, const Expr* lift) {
  std::vector<LabelChange> changes = conversion.labels;
  if (!IsCallOf(lift, {"absent", "absent_over_time"})) return changes;
  // The result has the labels that the selector asks for with "=", and no others.
  std::erase_if(changes, [](const LabelChange& change) {
    return change.kind == LabelChange::Kind::kExtra || change.kind == LabelChange::Kind::kBounds;
  });
  for (LabelChange& change : changes) {
    if (change.kind == LabelChange::Kind::kFixed && !change.asked) change.old_value = "";
  }
  for (const std::string& label : conversion.added) {
    LabelChange& change = changes.emplace_back();
    change.old_label = change.new_label = label;
  }
  return changes;
}

std::optional<NewSide> NewSideOf(const RenamedExpr& expr, const Rename& rename, const Expr& lift,
                                 const EditMap& edits) {
  const TokenKind op = UnionOperator(&lift);
  NewSide side;
  if (!rename.Converts()) {
    EditMap inside(edits.lower_bound({lift.span.begin, lift.span.begin}),
                   edits.lower_bound({lift.span.end, lift.span.end}));
    inside[rename.span] = rename.match.NewSeries();
    return NewSide{OneLine(Splice(expr.text, lift.span, inside), expr.dialect), TokenKind::kEnd};
  }
  for (Conversion conversion : rename.conversions) {
    conversion.labels = ChangesOf(conversion, &lift);
    std::optional<Affine> value = ValueOf(conversion, &lift);
    std::vector<bool> undo(conversion.labels.size(), true);
    if (IsCallOf(&lift, {"histogram_quantile"})) {
      for (size_t i = 0; i < undo.size(); ++i) {
        if (conversion.labels[i].kind != LabelChange::Kind::kBounds) continue;
        undo[i] = false;
        value = Affine{conversion.labels[i].scale, 0};
      }
    }
    if (!value || !Commutes(*conversion.match.entry, &lift)) return std::nullopt;
    if (conversion.computed && &lift != rename.selector) return std::nullopt;
    const std::optional<Wrapping> wrapping = Undo(conversion, undo, *value);
    if (!wrapping) return std::nullopt;
    EditMap inside(edits.lower_bound({lift.span.begin, lift.span.begin}),
                   edits.lower_bound({lift.span.end, lift.span.end}));
    for (const QueryEdit& edit : conversion.union_edits.edits()) inside[edit.span] = edit.text;
    if (!side.text.empty()) side.text += op == TokenKind::kAnd ? " and " : " or ";
    side.text += wrapping->before + OneLine(Splice(expr.text, lift.span, inside), expr.dialect) +
                 wrapping->after;
    side.op = wrapping->op;
  }
  if (rename.conversions.size() > 1) side.op = op;
  return side;
}

const Expr* UnionOfOurs(const RenamedExpr& expr, const Parents& parents, const Rename& rename,
                        const Expr& lift) {
  const Expr* parent = parents.Of(&lift);
  const auto* binary = As<BinaryExpr>(parent);
  if (binary == nullptr || binary->rhs.get() != &lift || binary->matching != nullptr ||
      binary->op != UnionOperator(&lift))
    return nullptr;
  const std::optional<NewSide> side = NewSideOf(expr, rename, lift, {});
  const QuerySpan lhs = binary->lhs->span;
  const bool ours = side && Normal(side->text, expr.dialect) ==
                                Normal(expr.text.substr(lhs.begin, lhs.size()), expr.dialect);
  return ours ? parent : nullptr;
}

void ConvertInPlace(const RenamedExpr& expr, const Parents& parents, bool keep_labels,
                    EditMap& edits, std::vector<QueryFinding>& findings) {
  InPlace(expr, parents, keep_labels, edits, findings).Run();
}

void AddTo(EditMap& edits, const QueryEdit& edit) {
  const auto [at, fresh] = edits.try_emplace(edit.span, edit.text);
  if (fresh || !edit.span.empty() || at->second.find(edit.text) != std::string::npos) return;
  at->second += (edit.text.starts_with(',') ? "" : ", ") + edit.text;
}

}  // namespace metrishift::rewrite
