#ifndef METRISHIFT_REWRITER_GENERATE_MADE_UP_H_
#define METRISHIFT_REWRITER_GENERATE_MADE_UP_H_

#include <map>
#include <string>
#include <vector>

#include "core/mapping.h"

namespace metrishift::generate {

// A series with one value, __name__ not among the labels.
struct Sample {
  std::string name;
  std::map<std::string, std::string> labels;
  double value = 0;

  // x{a="b",c="d"}
  std::string Series() const;
};

// New series, and all the old ones that they are by what a table says.
struct MadeUp {
  std::vector<Sample> from;
  std::vector<Sample> to;
};

// Makes up series for `match`: with some labels of its own, with one old series for each value that
// the table maps; where labels choose, also new series that they do not choose. Nothing for an
// entry that is an expression, or whose values have no way back. `number` is the next new value,
// and counts up, so that no two series have one.
MadeUp MakeUp(const Mapping::Match& match, double& number);

}  // namespace metrishift::generate

#endif  // METRISHIFT_REWRITER_GENERATE_MADE_UP_H_
