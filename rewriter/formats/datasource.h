#ifndef METRISHIFT_REWRITER_FORMATS_DATASOURCE_H_
#define METRISHIFT_REWRITER_FORMATS_DATASOURCE_H_

#include <cstdint>

#include "core/text_tree.h"

namespace metrishift::formats {

enum class DatasourceKind : uint8_t {
  kUnknown,     // a variable, a name that says nothing, "-- Mixed --"; to be taken for Prometheus
  kPrometheus,  // Prometheus, or what speaks PromQL like it
  kOther,       // Loki, SQL, Grafana itself, ...
};

// What the value of a "datasource" member of a dashboard says about its queries: a name, or an
// object with "type" and "uid". The type decides where it is known; otherwise a name or a uid that
// contains the name of a datasource as a word does ("loki-prod", "${DS_LOKI}"). Thread-safe.
DatasourceKind JudgeDatasource(const TextTree& tree, NodeId datasource);

}  // namespace metrishift::formats

#endif  // METRISHIFT_REWRITER_FORMATS_DATASOURCE_H_
