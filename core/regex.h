#ifndef METRISHIFT_CORE_REGEX_H_
#define METRISHIFT_CORE_REGEX_H_

#include <re2/re2.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

namespace metrishift {

// The whole of `text` and its groups, as `regex` matches all of it; a group that is not there is
// "". Nothing where it does not match, or did not compile. The views point into `text`.
inline std::optional<std::vector<std::string_view>> MatchWhole(const RE2& regex,
                                                               std::string_view text) {
  if (!regex.ok()) return std::nullopt;
  std::vector<re2::StringPiece> pieces(1 + static_cast<size_t>(regex.NumberOfCapturingGroups()));
  if (!regex.Match(re2::StringPiece(text.data(), text.size()), 0, text.size(), RE2::ANCHOR_BOTH,
                   pieces.data(), static_cast<int>(pieces.size()))) {
    return std::nullopt;
  }
  std::vector<std::string_view> groups(pieces.size());
  std::ranges::transform(pieces, groups.begin(), [](const re2::StringPiece& piece) {
    return std::string_view(piece.data(), piece.size());
  });
  return groups;
}

}  // namespace metrishift

#endif  // METRISHIFT_CORE_REGEX_H_
