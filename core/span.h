#ifndef METRISHIFT_CORE_SPAN_H_
#define METRISHIFT_CORE_SPAN_H_

#include <cstddef>

namespace metrishift {

// A half-open range of bytes [begin, end). `Coordinates` only tells two texts apart: offsets into
// the text of one query and offsets into the file that holds it are different types, so that
// neither can be used as the other by accident. formats::SourceMap turns the first into the second.
template <class Coordinates>
struct Span {
  size_t begin = 0;
  size_t end = 0;

  size_t size() const { return end - begin; }
  bool empty() const { return begin == end; }
  bool Contains(const Span& other) const { return begin <= other.begin && other.end <= end; }
  friend bool operator==(const Span&, const Span&) = default;
  friend auto operator<=>(const Span&, const Span&) = default;
};

using QuerySpan = Span<struct QueryCoordinates>;
using FileSpan = Span<struct FileCoordinates>;

}  // namespace metrishift

#endif  // METRISHIFT_CORE_SPAN_H_
