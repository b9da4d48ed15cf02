#include "exporter/exposition/translator.h"

#include <array>
#include <utility>

namespace metrishift::exposition {
namespace {

using Reader = std::variant<TextReader, ProtobufReader>;

Reader MakeReader(Format format, const Limits& limits, AliasBuffer* aliases) {
  if (format == Format::kProtobuf) {
    return Reader(std::in_place_type<ProtobufReader>, limits.max_message_bytes, aliases);
  }
  return Reader(std::in_place_type<TextReader>, format, limits.max_line_bytes, aliases);
}

// One that has begun.
std::unique_ptr<AliasBuffer> TakeBuffer(const RuleSet& rules, Format format, const Limits& limits) {
  std::unique_ptr<AliasBuffer> buffer = rules.spares(format).Take();
  if (buffer == nullptr) buffer = std::make_unique<AliasBuffer>(format);
  buffer->Begin(rules, limits.max_alias_bytes);
  return buffer;
}

}  // namespace

std::string_view LimitName(LimitReached limit) {
  constexpr std::array<std::string_view, 7> kNames = {
      "none",     "line_bytes",     "message_bytes", "alias_bytes",
      "families", "inflated_bytes", "inflate_ratio"};
  return kNames[static_cast<size_t>(limit)];
}

Translator::Translator(RuleSet rules, Format format, Limits limits)
    : format_(format),
      limits_(limits),
      rules_(std::move(rules)),
      aliases_(TakeBuffer(rules_, format, limits)),
      reader_(MakeReader(format, limits, aliases_.get())) {
  ByteRope::KeepAtLeast(limits.max_alias_bytes);
}

Translator::~Translator() {
  if (aliases_->End()) rules_.spares(format_).Give(std::move(aliases_));
}

bool Translator::Feed(std::string_view chunk) {
  if (limit_reached_ != LimitReached::kNone) return false;
  if (!std::visit([chunk](auto& reader) { return reader.Feed(chunk); }, reader_)) {
    limit_reached_ =
        format_ == Format::kProtobuf ? LimitReached::kMessageBytes : LimitReached::kLineBytes;
    return false;
  }
  return Check();
}

bool Translator::Check() {
  if (aliases_->overflowed()) limit_reached_ = LimitReached::kAliasBytes;
  if (aliases_->families() > limits_.max_families) limit_reached_ = LimitReached::kFamilies;
  return limit_reached_ == LimitReached::kNone;
}

bool Translator::Finish(Translation* translation) {
  if (limit_reached_ != LimitReached::kNone) return false;
  const auto* const text = std::get_if<TextReader>(&reader_);
  const bool lacks_newline = text != nullptr && !text->tail().empty();
  const auto* const protobuf = std::get_if<ProtobufReader>(&reader_);
  if (protobuf != nullptr && !protobuf->AtEndOfMessage()) {  // nothing can follow
    translation->was_whole = false;
    return true;
  }
  // A last line without its line end is read like any other, and gets one if something has to
  // follow it.
  if (lacks_newline && !Feed("\n")) return false;
  aliases_->Flush(lacks_newline && format_ == Format::kText ? "\n" : "", &translation->alias_block,
                  &translation->reports);
  if (!Check()) *translation = {};
  return limit_reached_ == LimitReached::kNone;
}

}  // namespace metrishift::exposition
