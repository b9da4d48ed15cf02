#include "tests/e2e/equivalence/builtin_scenes.h"

#include <algorithm>
#include <map>
#include <string>

#include "tests/e2e/equivalence/entry_series.h"

namespace metrishift::e2e {
namespace {

// By the clock of the processes: one comes, both restart.
constexpr int64_t kSceneBegin = kBegin + 600;
constexpr int64_t kSceneEnd = kBegin + 1560;
constexpr int64_t kSceneInterval = 30;
constexpr int64_t kSceneDistance = 1800;  // longer than any range behind the end of the one before

constexpr double kLimit = 4096;

double Same(double old, int64_t) { return old; }
double Quarter(double old, int64_t) { return 0.25 * old; }
double Rest(double old, int64_t) { return 0.75 * old; }
double Decoy(double old, int64_t) { return 10 * old + 1; }
double Bytes(double sectors, int64_t) { return 512 * sectors; }
double Left(double expires, int64_t t) { return expires - static_cast<double>(t); }
double Start(double uptime, int64_t t) { return static_cast<double>(t) - uptime; }
double Limit(double, int64_t) { return kLimit; }
double Used(double free, int64_t) { return kLimit - free; }

// What the entries with `expr` read: several series for each old one, so that the expression has
// to add up what it says, and decoys for its matchers.
const std::vector<ByHand> kByHand = {
    {"coredns_forward_responses_total",
     "coredns_proxy_request_duration_seconds_count",
     {{"proxy_name", "forward"}},
     Same},
    {"coredns_forward_responses_total",
     "coredns_proxy_request_duration_seconds_count",
     {{"proxy_name", "grpc"}},
     Decoy},
    {"etcd_grpc_requests_failed_total",
     "grpc_server_handled_total",
     {{"grpc_code", "Internal"}, {"grpc_type", "unary"}},
     Quarter},
    {"etcd_grpc_requests_failed_total",
     "grpc_server_handled_total",
     {{"grpc_code", "Internal"}, {"grpc_type", "bidi_stream"}},
     Rest},
    {"etcd_grpc_requests_failed_total",
     "grpc_server_handled_total",
     {{"grpc_code", "OK"}, {"grpc_type", "unary"}},
     Decoy},
    {"apiserver_storage_transformation_failures_total",
     "apiserver_storage_transformation_operations_total",
     {{"status", "Internal"}, {"transformer_prefix", "k8s:enc:aescbc"}},
     Quarter},
    {"apiserver_storage_transformation_failures_total",
     "apiserver_storage_transformation_operations_total",
     {{"status", "Unknown"}, {"transformer_prefix", "k8s:enc:kms"}},
     Rest},
    {"apiserver_storage_transformation_failures_total",
     "apiserver_storage_transformation_operations_total",
     {{"status", "OK"}, {"transformer_prefix", "k8s:enc:kms"}},
     Decoy},
    {"kubelet_certificate_manager_server_expiration_seconds",
     "kubelet_certificate_manager_server_ttl_seconds",
     {},
     Left},
    {"apiserver_registered_watchers", "apiserver_longrunning_requests", {{"verb", "WATCH"}}, Same},
    {"apiserver_registered_watchers",
     "apiserver_longrunning_requests",
     {{"verb", "CONNECT"}},
     Decoy},
    {"node_disk_sectors_read", "node_disk_read_bytes_total", {}, Bytes},
    {"node_disk_sectors_written", "node_disk_written_bytes_total", {}, Bytes},
    {"node_disk_read_seconds_total", "node_disk_read_time_seconds_total", {}, Same},
    {"node_disk_write_seconds_total", "node_disk_write_time_seconds_total", {}, Same},
    {"node_exec_boot_timestamp_seconds", "node_boot_time_seconds", {}, Same},
    {"node_supervisord_uptime", "node_supervisord_start_time_seconds", {}, Start},
    {"windows_os_visible_memory_bytes", "windows_memory_physical_total_bytes", {}, Same},
    {"windows_os_virtual_memory_free_bytes", "windows_memory_commit_limit", {}, Limit},
    {"windows_os_virtual_memory_free_bytes", "windows_memory_committed_bytes", {}, Used},
};

// Labels that the old series have had, by the expressions for them.
const std::map<std::string, Labels> kOldLabels = {
    {"etcd_grpc_requests_failed_total", {{"grpc_code", "Internal"}}},
};

// Every entry of the table.
std::vector<MappingEntry> Entries(const MappingTable& table) {
  std::vector<MappingEntry> entries = table.metrics;
  for (const MappingPattern& pattern : table.patterns) {
    MappingEntry& entry = entries.emplace_back(pattern.entry);
    entry.old_name = pattern.prefix + "made_up_total";
    LabelValues name;
    name.pattern = pattern.pattern;
    name.replacement = entry.new_name;
    entry.new_name = name.ToNew(entry.old_name);
  }
  return entries;
}

// Sets of entries that one scene can have.
std::vector<std::vector<MappingEntry>> Casts(const MappingTable& table) {
  std::map<std::string, size_t> makers;  // entries for each new name
  std::map<std::string, size_t> old_names;
  const std::vector<MappingEntry> entries = Entries(table);
  for (const MappingEntry& entry : entries) {
    ++makers[entry.new_name];
    if (!entry.SameName()) ++old_names[entry.old_name];
  }
  std::vector<std::vector<MappingEntry>> casts(1);
  for (const MappingEntry& entry : entries) {
    const bool reads = entry.aggregate || !entry.expr.empty();
    const bool alone = (reads && makers[entry.new_name] > 1) || old_names.contains(entry.new_name);
    if (alone) {
      casts.push_back({entry});
    } else {
      casts.front().push_back(entry);
    }
  }
  if (casts.front().empty()) casts.erase(casts.begin());
  return casts;
}

Scene SceneOf(std::span<const MappingEntry> entries) {
  // The first stays old in the mixed fleet.
  Scene scene{{{0, 0}, {1, 0}}, OldSeries(entries), {}, kSceneBegin, kSceneEnd, kSceneInterval};
  for (Series& series : scene.series) {
    if (const auto labels = kOldLabels.find(series.name); labels != kOldLabels.end())
      series.labels.insert(labels->second.begin(), labels->second.end());
  }
  for (const MappingEntry& entry : entries) {
    if (entry.expr.empty()) continue;
    std::ranges::copy_if(kByHand, std::back_inserter(scene.by_hand),
                         [&entry](const ByHand& made) { return made.old_name == entry.old_name; });
  }
  return scene;
}

}  // namespace

std::vector<When> BuiltinScene::Whens() const {
  return {{kSceneBegin + scene.delay + 450, kSceneEnd + scene.delay - 30, 120}};
}

std::vector<BuiltinScene> BuiltinScenes(std::span<const MappingTable> tables) {
  std::vector<BuiltinScene> scenes;
  int64_t delay = 0;
  for (const MappingTable& table : tables) {
    for (std::vector<MappingEntry>& entries : Casts(table)) {
      BuiltinScene& scene = scenes.emplace_back();
      scene.table = &table;
      scene.scene = SceneOf(entries);
      scene.scene.delay = delay;
      scene.entries = std::move(entries);
      delay += kSceneDistance;
    }
  }
  return scenes;
}

}  // namespace metrishift::e2e
