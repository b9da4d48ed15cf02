#ifndef METRISHIFT_EXPORTER_EXPOSITION_TRANSLATOR_H_
#define METRISHIFT_EXPORTER_EXPOSITION_TRANSLATOR_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <variant>
#include <vector>

#include "exporter/exposition/alias_buffer.h"
#include "exporter/exposition/protobuf_reader.h"
#include "exporter/exposition/rule_set.h"
#include "exporter/exposition/text_reader.h"

namespace metrishift::exposition {

// Ceilings. Reaching one makes the scrape fail; see LimitReached.
struct Limits {
  size_t max_line_bytes = size_t{1} << 20U;      // one line of the body, without its "\n"
  size_t max_message_bytes = size_t{1} << 20U;   // protobuf: one name, HELP or metric of the body
  size_t max_alias_bytes = size_t{16} << 20U;    // samples of the alias block
  size_t max_families = 100'000;                 // that rules concern, and their aliases
  size_t max_inflated_bytes = size_t{1} << 30U;  // of a body in gzip
  size_t max_inflate_ratio = 250;                // inflated to compressed, from the first MiB on
};

enum class LimitReached : uint8_t {
  kNone,
  kLineBytes,
  kMessageBytes,
  kAliasBytes,
  kFamilies,
  kInflatedBytes,
  kInflateRatio,
};

// "line_bytes", "alias_bytes", ...: for metric labels and logs.
std::string_view LimitName(LimitReached limit);

// What Finish gives.
struct Translation {
  ByteRope alias_block;              // to be added to the body; empty when there is nothing to add
  std::vector<AliasReport> reports;  // one for each alias that the body has something for
  bool was_whole = true;             // false: protobuf that ends in a message, or cannot be read
};

// Reads a body as it passes and makes the block of aliases that goes after its last byte, in
// OpenMetrics before its last line "# EOF". It never changes the body: the caller forwards each
// chunk first and shows it to the translator then, so that a fault in here can cost an alias and
// never the original.
//
//   Translator translator(rules, Format::kText);
//   for each chunk: Forward(chunk); if (!translator.Feed(chunk)) cut the response;
//   if (translator.Finish(&translation)) Forward(translation.alias_block);
//
// (BodyPipe does that, for each format.) The result does not depend on how the body was cut into
// chunks. For body + alias block as a new body, the alias block is empty (in Direction::kBoth only
// where no steps of tables were composed). Rules: one group per name, metadata before samples;
// everything that the rule does not change is byte for byte that of the source; no alias for a name
// that the upstream exposes anywhere in the body, and none of a family that is not readable for
// each of the format's readers. Only what can still become an alias is read beyond its name.
//
// Memory: one line, or one metric of a message, plus the aliases, all bounded by Limits. What the
// aliases took is kept for the next body, up to the highest `max_alias_bytes` that was ever given.
// Not thread-safe; one object per body.
class Translator {
 public:
  explicit Translator(RuleSet rules, Format format = Format::kText, Limits limits = {});
  ~Translator();
  Translator(const Translator&) = delete;
  Translator& operator=(const Translator&) = delete;

  // Reads the next bytes of the body. Returns false once a ceiling is reached, and from then on.
  [[nodiscard]] bool Feed(std::string_view chunk);

  // The end of the body. Returns false, and no translation, when a ceiling is or was reached. May
  // be called once.
  [[nodiscard]] bool Finish(Translation* translation);

  LimitReached limit_reached() const { return limit_reached_; }

 private:
  bool Check();

  const Format format_;
  const Limits limits_;
  const RuleSet rules_;
  std::unique_ptr<AliasBuffer> aliases_;
  std::variant<TextReader, ProtobufReader> reader_;
  LimitReached limit_reached_ = LimitReached::kNone;
};

}  // namespace metrishift::exposition

#endif  // METRISHIFT_EXPORTER_EXPOSITION_TRANSLATOR_H_
