#ifndef METRISHIFT_REWRITER_FORMATS_DATASOURCE_H_
#define METRISHIFT_REWRITER_FORMATS_DATASOURCE_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

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
//
// `names`: what the variables of the file stand for.
using DatasourceNames = std::map<std::string, DatasourceKind, std::less<>>;
DatasourceKind JudgeDatasource(const TextTree& tree, NodeId datasource,
                               const DatasourceNames& names = {});

// What the names of datasources in a file stand for: variables of type datasource, and the inputs
// that an exported dashboard asks for. A name that stands for several kinds is kUnknown.
DatasourceNames NamesOfDatasources(const TextTree& tree);

// True iff `text` has what only LogQL has, outside of strings: a line filter ({..} |= "x",
// {..} != "x"), a stage behind a pipe (| json, {..} | x = 1), a function (bytes_rate). Prometheus'
// rules and Loki's have the same shape, so that it takes the text to tell them apart.
bool LooksLikeLogQl(std::string_view text);

}  // namespace metrishift::formats

#endif  // METRISHIFT_REWRITER_FORMATS_DATASOURCE_H_
