#include "rewriter/promql/quote.h"

#include "rewriter/promql/utf8.h"

namespace metrishift::promql {

namespace {

void AppendByte(unsigned char byte, std::string& out) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  if (byte == '\n') {
    out += "\\n";
  } else {
    out += {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 15]};
  }
}

}  // namespace

std::string QuoteForMessage(std::string_view text) {
  constexpr size_t kLongest = 60;
  std::string out = "\"";
  size_t pos = 0;
  while (pos < text.size() && pos < kLongest) {
    const Utf8Rune rune = DecodeUtf8(text, pos);
    const bool broken = rune.value == kReplacementRune && rune.size == 1;
    const bool control = rune.value < 0x20 || (rune.value >= 0x7F && rune.value < 0xA0);
    if (broken || control) {
      for (size_t i = 0; i < rune.size; ++i) {
        AppendByte(static_cast<unsigned char>(text[pos + i]), out);
      }
    } else {
      out += text.substr(pos, rune.size);
    }
    pos += rune.size;
  }
  out += pos < text.size() ? "...\"" : "\"";
  return out;
}

}  // namespace metrishift::promql
