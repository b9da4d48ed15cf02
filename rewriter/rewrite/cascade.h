#ifndef METRISHIFT_REWRITER_REWRITE_CASCADE_H_
#define METRISHIFT_REWRITER_REWRITE_CASCADE_H_

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/diagnostic.h"
#include "core/mapping.h"
#include "rewriter/formats/extract.h"
#include "rewriter/rewrite/plan.h"
#include "rewriter/rewrite/recorded_names.h"

namespace metrishift::rewrite {

// Decides, for all files of a run, which recorded names move (--cascade). It looks at each file
// twice, and keeps of it no more than the names in its recording rules:
//
//   for each file: FindRules;   Derive;   for each file: FindReaders
//
// and then RewriteFile(.., mapping(), mode, names()) does it, file by file.
//
// A name moves with everything that names it in the files of the run, or not at all: it is held
//   - by what RewriteFile would leave to a person: a regular expression that reaches the name but
//     not the new one, a string, a text that may or may not be evaluated, ...
//   - by a query that reads the new name already, or by its regular expression would begin to:
//     somebody else records it, or means to leave it out;
//   - by a file that cannot be read at all.
// Comments hold nothing. So after the run no query of its files reads a name that has moved.
// Not thread-safe.
class Cascade {
 public:
  // `options` are those of the run; not kUnion, which keeps what rules record.
  Cascade(Mapping mapping, const PlanOptions& options)
      : original_(std::move(mapping)), options_(options), mapping_(original_) {}

  void FindRules(const SourceText& file, formats::FileFormat format);
  void Derive();
  void FindReaders(const SourceText& file, formats::FileFormat format);

  // Holds every name: nobody knows what is at `path`. After Derive.
  void Unreadable(const std::string& path);

  // False when there is nothing to find readers of.
  bool AnyMoves() const;

  // What became of every name that comes from a deprecated one, and the mapping with those that
  // move. Final after the last file.
  const RecordedNames& names() const { return names_; }
  const Mapping& mapping() const { return mapping_; }

 private:
  using Name = RecordedNames::Names::value_type;

  // Which way queries are looked at: for old names that cannot become new, or for new names that
  // are there already.
  enum class Way : uint8_t { kForward, kBackward };

  static Mapping MappingOf(std::span<Name* const> names, Way way);
  std::vector<Name*> Moving();
  void Hold(RecordedName& name, std::string why, std::string hint);
  void Remap();
  void HoldWhatStays(const SourceText& file, formats::FileFormat format);
  void HoldWhatQueryReaches(const SourceText& file, const formats::EmbeddedQuery& query,
                            std::span<Name* const> names, const Mapping& mapping, Way way);

  Mapping original_;
  PlanOptions options_;
  std::vector<RecordingRule> rules_;  // until Derive
  RecordedNames names_;
  // Of what moves, also where it is not final yet: with the original entries, and alone, each way.
  Mapping mapping_;
  std::vector<Name*> moving_;
  Mapping forward_;
  Mapping backward_;
  bool changed_ = false;  // a name was held since
};

}  // namespace metrishift::rewrite

#endif  // METRISHIFT_REWRITER_REWRITE_CASCADE_H_
