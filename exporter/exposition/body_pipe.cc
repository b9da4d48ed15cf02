#include "exporter/exposition/body_pipe.h"

#include <algorithm>
#include <utility>

#include "exporter/exposition/gzip_writer.h"

namespace metrishift::exposition {
namespace {

constexpr std::string_view kEofLine = "# EOF\n";

bool ForEachPiece(const ByteRope& block, const Sink& out) {
  bool passed = true;
  block.ForEach([&](std::string_view piece) { passed = passed && (piece.empty() || out(piece)); });
  return passed;
}

}  // namespace

bool EofHold::Pass(std::string_view chunk, const Sink& out) {
  if (chunk.empty()) return true;
  if (!held_.empty()) {
    const size_t size = std::min(chunk.size(), kEofLine.size() - held_.size());
    if (kEofLine.substr(held_.size()).starts_with(chunk.substr(0, size))) {
      held_ += chunk.substr(0, size);
      chunk.remove_prefix(size);
      if (chunk.empty()) return true;
    }
    at_line_start_ = held_.ends_with('\n');
    if (!out(std::exchange(held_, {}))) return false;
  }
  const std::string_view inner = chunk.substr(0, chunk.size() - 1);
  const size_t newline = inner.rfind('\n');
  if (newline != inner.npos || at_line_start_) {
    const size_t line = newline == inner.npos ? 0 : newline + 1;
    if (kEofLine.starts_with(chunk.substr(line))) {
      held_ = chunk.substr(line);
      chunk = chunk.substr(0, line);
    }
  }
  if (chunk.empty()) return true;
  at_line_start_ = chunk.ends_with('\n');
  return out(chunk);
}

BodyPipe::BodyPipe(RuleSet rules, Format format, bool gzip, Limits limits, Sink out)
    : format_(format), out_(std::move(out)), translator_(std::move(rules), format, limits) {
  const bool anew = gzip && format == Format::kOpenMetrics;
  if (anew) writer_ = std::make_unique<GzipWriter>(out_);
  plain_out_ = anew ? Sink([this](std::string_view bytes) { return writer_->Write(bytes); }) : out_;
  if (!gzip) return;
  const GzipSplice::Limits gzip_limits = {limits.max_inflated_bytes, limits.max_inflate_ratio,
                                          anew};
  if (anew) {
    splice_ = std::make_unique<GzipSplice>(
        gzip_limits, [](std::string_view) { return true; },
        [this](std::string_view bytes) { return Plain(bytes); });
  } else {
    splice_ = std::make_unique<GzipSplice>(
        gzip_limits, out_, [this](std::string_view bytes) { return translator_.Feed(bytes); });
  }
}

BodyPipe::~BodyPipe() = default;

// Forwards, and then reads.
bool BodyPipe::Plain(std::string_view bytes) {
  const bool passed =
      format_ == Format::kOpenMetrics ? eof_.Pass(bytes, plain_out_) : plain_out_(bytes);
  return passed && translator_.Feed(bytes);
}

bool BodyPipe::Accept(GzipSplice::Status status) {
  if (status == GzipSplice::Status::kInflatedBytes) limit_reached_ = LimitReached::kInflatedBytes;
  if (status == GzipSplice::Status::kRatio) limit_reached_ = LimitReached::kInflateRatio;
  return status == GzipSplice::Status::kOk;
}

bool BodyPipe::NoteLimit(bool passed) {
  if (translator_.limit_reached() != LimitReached::kNone) {
    limit_reached_ = translator_.limit_reached();
  }
  return passed;
}

bool BodyPipe::Feed(std::string_view chunk) {
  if (chunk.empty()) return true;
  return NoteLimit(splice_ == nullptr ? Plain(chunk) : Accept(splice_->Feed(chunk)));
}

bool BodyPipe::Read(std::string_view chunk) { return NoteLimit(translator_.Feed(chunk)); }

bool BodyPipe::FinishPlain(const ByteRope& block) {
  if (format_ != Format::kOpenMetrics) return ForEachPiece(block, plain_out_);
  if (eof_.HasEof() && !ForEachPiece(block, plain_out_)) return false;
  return eof_.held().empty() || plain_out_(eof_.held());
}

bool BodyPipe::Finish(std::vector<AliasReport>* reports) {
  Translation translation;
  if (!translator_.Finish(&translation)) {
    limit_reached_ = translator_.limit_reached();
    return false;
  }
  if (writer_ != nullptr && !splice_->IsWhole()) return false;
  was_whole_ = (splice_ == nullptr || splice_->IsWhole()) && translation.was_whole &&
               (format_ != Format::kOpenMetrics || eof_.HasEof());
  if (was_whole_) *reports = std::move(translation.reports);
  if (splice_ != nullptr && writer_ == nullptr) {
    return Accept(splice_->Finish(translation.alias_block));
  }
  return FinishPlain(translation.alias_block) && (writer_ == nullptr || writer_->Finish());
}

}  // namespace metrishift::exposition
