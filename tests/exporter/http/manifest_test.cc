// What the manifests of deploy/ refer to is there: flags, ports, paths, volumes, labels.

#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "core/file.h"
#include "core/yaml.h"
#include "exporter/http/listen_address.h"
#include "exporter/http/options.h"

namespace metrishift::http {
namespace {

using nlohmann::json;

json ToJson(const TextTree& tree, NodeId id) {
  const TextNode node = tree[id];
  switch (node.kind) {
    case TextNode::Kind::kScalar:
      return std::string(node.value);
    case TextNode::Kind::kSequence: {
      json items = json::array();
      for (const NodeId item : node.items) items.push_back(ToJson(tree, item));
      return items;
    }
    case TextNode::Kind::kMapping:
      break;
  }
  json members = json::object();
  for (const auto& [key, value] : node.members) {
    const std::string name(tree[key].value);
    EXPECT_FALSE(members.contains(name)) << name << " stands twice";
    members[name] = ToJson(tree, value);
  }
  return members;
}

std::vector<json> Documents(const std::string& path) {
  std::string why;
  const std::string text = ReadFile(path, &why).value_or("");
  EXPECT_FALSE(text.empty()) << path << why;
  const Outcome<TextTree> tree = ParseYaml(text);
  EXPECT_TRUE(tree) << path;
  std::vector<json> documents;
  if (!tree) return documents;
  for (const NodeId root : tree->documents) documents.push_back(ToJson(*tree, root));
  return documents;
}

std::vector<std::string> YamlFilesBelow(const std::string& folder) {
  std::vector<std::string> found;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(METRISHIFT_SOURCE_DIR "/" + folder)) {
    const std::string extension = entry.path().extension();
    if (extension == ".yaml" || extension == ".yml") found.push_back(entry.path());
  }
  return found;
}

std::set<std::string> NamesIn(const json& object, const std::string& key) {
  std::set<std::string> names;
  for (const json& item : object.value(key, json::array()))
    EXPECT_TRUE(names.insert(item.at("name")).second) << item;
  return names;
}

void CheckProbe(const json& container, const std::string& probe) {
  const std::set<std::string> ports = NamesIn(container, "ports");
  const json& get = container.at(probe).at("httpGet");
  EXPECT_TRUE(ports.contains(get.at("port"))) << probe;
  EXPECT_EQ(get.at("path"), probe == "readinessProbe" ? "/-/ready" : "/-/healthy");
}

// The flags are ones that the exporter takes, their files lie below what is mounted, and the port
// that it listens on is the one that is named.
void CheckExporter(const json& container) {
  std::vector<std::string> words = {"metrishift-exporter"};
  for (const json& arg : container.at("args")) words.push_back(arg);
  std::vector<const char*> argv;
  for (const std::string& word : words) argv.push_back(word.c_str());
  const ParsedOptions parsed = ParseOptions(static_cast<int>(argv.size()), argv.data());
  ASSERT_TRUE(parsed.options);
  const auto is_mounted = [&container](const std::string& path) {
    for (const json& mount : container.at("volumeMounts")) {
      if (path.starts_with(mount.at("mountPath").get<std::string>() + "/")) return true;
    }
    return false;
  };
  for (const std::string& word : words) {
    const size_t value = word.find("=/");
    EXPECT_TRUE(value == word.npos || is_mounted(word.substr(value + 1))) << word;
  }
  ListenAddress address;
  EXPECT_EQ(ParseListenAddress(parsed.options->listen_addresses.front(), &address), "");
  EXPECT_EQ(address.host, "") << "Prometheus is on another machine";
  for (const json& port : container.value("ports", json::array()))
    EXPECT_EQ(port.at("containerPort"), std::to_string(address.port));
  for (const char* const probe : {"readinessProbe", "livenessProbe"}) {
    if (container.contains(probe)) CheckProbe(container, probe);
  }
  EXPECT_TRUE(container.at("resources").at("limits").contains("memory"));
  EXPECT_EQ(container.at("securityContext").at("readOnlyRootFilesystem"), "true");
}

// `pod_volumes`: what whoever the pod is from has mounted already.
void CheckPod(const json& pod, const std::set<std::string>& pod_volumes) {
  const json& spec = pod.at("spec");
  std::set<std::string> volumes = NamesIn(spec, "volumes");
  volumes.insert(pod_volumes.begin(), pod_volumes.end());
  EXPECT_TRUE(NamesIn(spec, "containers").contains("metrishift-exporter"));
  for (const json& container : spec.at("containers")) {
    for (const std::string& mount : NamesIn(container, "volumeMounts"))
      EXPECT_TRUE(volumes.contains(mount)) << mount;
    if (container.at("name") == "metrishift-exporter") CheckExporter(container);
  }
}

void CheckMonitor(const json& monitor, const json& pod) {
  for (const auto& [label, value] : monitor.at("spec").at("selector").at("matchLabels").items())
    EXPECT_EQ(pod.at("metadata").at("labels").value(label, ""), value);
  std::set<std::string> ports;
  for (const json& container : pod.at("spec").at("containers"))
    ports.merge(NamesIn(container, "ports"));
  std::set<std::string> paths;
  for (const json& endpoint : monitor.at("spec").at("podMetricsEndpoints")) {
    EXPECT_TRUE(ports.contains(endpoint.at("port"))) << endpoint;
    paths.insert(endpoint.value("path", "/metrics"));
  }
  EXPECT_EQ(paths, (std::set<std::string>{"/metrics", "/-/metrics"}));
}

TEST(Manifest, EveryFileIsRead) {
  size_t files = 0;
  for (const char* const folder : {"deploy", "dashboards"}) {
    for (const std::string& path : YamlFilesBelow(folder)) {
      EXPECT_FALSE(Documents(path).empty()) << path;
      ++files;
    }
  }
  EXPECT_GE(files, 6U);
}

TEST(Manifest, Sidecar) {
  const auto documents = Documents(METRISHIFT_SOURCE_DIR "/deploy/kubernetes/sidecar.yaml");
  ASSERT_EQ(documents.size(), 2U);
  CheckPod(documents[0], {});
  CheckMonitor(documents[1], documents[0]);
}

// The volume with etcd's certificates is in the manifest that kubeadm writes.
TEST(Manifest, KubeadmPatch) {
  const auto documents =
      Documents(METRISHIFT_SOURCE_DIR "/deploy/kubernetes/kubeadm-etcd-patch.yaml");
  ASSERT_EQ(documents.size(), 1U);
  CheckPod(documents[0], {"etcd-certs"});
}

}  // namespace
}  // namespace metrishift::http
