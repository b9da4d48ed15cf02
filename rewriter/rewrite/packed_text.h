#ifndef METRISHIFT_REWRITER_REWRITE_PACKED_TEXT_H_
#define METRISHIFT_REWRITER_REWRITE_PACKED_TEXT_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace metrishift::rewrite {

// What is taken out of one packed text at most.
inline constexpr size_t kMaxUnpacked = size_t{64} << 20;

// The text that is gzipped and then written in base64 (RFC 1952, RFC 4648) in `scalar`: quotes,
// line ends and other bytes that are not of base64's alphabet are passed over. Nothing when it is
// neither, or longer than kMaxUnpacked. Thread-safe.
std::optional<std::string> Unpack(std::string_view scalar);

// What a gzip stream holds. Nothing where it is none or not whole, or holds more than `most` bytes.
std::optional<std::string> Gunzip(std::string_view packed, size_t most);

}  // namespace metrishift::rewrite

#endif  // METRISHIFT_REWRITER_REWRITE_PACKED_TEXT_H_
