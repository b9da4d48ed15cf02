#ifndef METRISHIFT_EXPORTER_EXPOSITION_PLAIN_RENAMES_H_
#define METRISHIFT_EXPORTER_EXPOSITION_PLAIN_RENAMES_H_

#include <cstddef>

#include "core/mapping.h"

namespace metrishift::exposition {

struct PlainRenames {
  Mapping mapping;
  size_t left_out = 0;  // entries and patterns of the tables
};

// What of a mapping the Translator can re-emit: entries that change nothing but the name, the only
// ones of their old name. An old name that an entry of another kind gives to something else goes
// with it, so that its guard against reused names is not lost.
PlainRenames KeepPlainRenames(const Mapping& mapping);

}  // namespace metrishift::exposition

#endif  // METRISHIFT_EXPORTER_EXPOSITION_PLAIN_RENAMES_H_
