#ifndef METRISHIFT_EXPORTER_EXPOSITION_BODY_PIPE_H_
#define METRISHIFT_EXPORTER_EXPOSITION_BODY_PIPE_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/exposition/gzip_splice.h"
#include "exporter/exposition/translator.h"

namespace metrishift::exposition {

class GzipWriter;

// Keeps back the last line of an OpenMetrics body, "# EOF", so that something can go before it.
class EofHold {
 public:
  bool Pass(std::string_view chunk, const Sink& out);

  // What is kept back.
  const std::string& held() const { return held_; }

  // True iff the body has ended as OpenMetrics demands.
  bool HasEof() const { return held_ == "# EOF" || held_ == "# EOF\n"; }

 private:
  bool at_line_start_ = true;
  std::string held_;
};

// A body on its way from the upstream to the client, with the aliases added: as it is, or
// compressed by gzip on either side. Bytes go out before they are read. Text and protobuf in gzip
// are spliced; OpenMetrics, whose aliases go before what has passed already, is compressed anew.
// Not thread-safe.
class BodyPipe {
 public:
  BodyPipe(RuleSet rules, Format format, bool gzip, Limits limits, Sink out);
  ~BodyPipe();
  BodyPipe(const BodyPipe&) = delete;
  BodyPipe& operator=(const BodyPipe&) = delete;

  // The next bytes. Returns false when `out` did, when a ceiling is reached, or when gzip that has
  // to be compressed anew is damaged; the client must not be told then that the body is whole.
  [[nodiscard]] bool Feed(std::string_view chunk);

  // True iff all that Feed gives to `out` is what it was given, at once, so that somebody else may
  // do that and call Read.
  bool PassesEverything() const { return splice_ == nullptr && format_ != Format::kOpenMetrics; }

  // The next bytes, which have gone out already. Returns false when a ceiling is reached.
  [[nodiscard]] bool Read(std::string_view chunk);

  // True iff all that came is gzip with nothing in it. To be asked at the end.
  bool IsEmptyGzip() const { return splice_ != nullptr && splice_->IsEmpty(); }

  // The end of the body: gives the aliases out, and appends to `reports` what became of each. An
  // OpenMetrics body without its end, and what is no gzip, get none. Returns false as Feed does,
  // and when gzip is cut short.
  [[nodiscard]] bool Finish(std::vector<AliasReport>* reports);

  // After Finish: false where there are no aliases because the body does not end as its format
  // demands.
  bool was_whole() const { return was_whole_; }

  // kNone after a failure: `out` refused, or the gzip is damaged.
  LimitReached limit_reached() const { return limit_reached_; }

 private:
  bool Plain(std::string_view bytes);
  bool Accept(GzipSplice::Status status);
  bool NoteLimit(bool passed);
  bool FinishPlain(const ByteRope& block);

  const Format format_;
  const Sink out_;
  Translator translator_;
  EofHold eof_;
  Sink plain_out_;
  std::unique_ptr<GzipSplice> splice_;  // only where gzip comes in
  std::unique_ptr<GzipWriter> writer_;  // only where it is compressed anew
  LimitReached limit_reached_ = LimitReached::kNone;
  bool was_whole_ = true;
};

}  // namespace metrishift::exposition

#endif  // METRISHIFT_EXPORTER_EXPOSITION_BODY_PIPE_H_
