#include "tests/e2e/equivalence/fleet.h"

#include <array>
#include <cstdio>
#include <vector>

#include "tests/e2e/equivalence/metric.h"

namespace metrishift::e2e {
namespace {

struct Sample {
  int64_t time = 0;
  double value = 0;
};

std::vector<Sample> Samples(const Scene& scene, const Process& process, const Series& series) {
  std::vector<Sample> samples;
  double value = 0;
  for (int64_t t = scene.begin; t < scene.end; t += scene.interval) {
    // Asked for each scrape, running or not: a counter counts on.
    value = series.Value(process, t, value);
    if (process.RunsAt(t)) samples.push_back({t + scene.delay, value});
  }
  return samples;
}

// The labels of both, where no label has two values.
std::optional<Labels> Merged(const Labels& a, const Labels& b) {
  Labels out = a;
  for (const auto& [name, value] : b) {
    if (out.try_emplace(name, value).first->second != value) return std::nullopt;
  }
  return out;
}

// Writes the series of one process as its fleet exposes them.
class Writer {
 public:
  Writer(Fleet fleet, const Oracle& oracle, const Scene& scene, const Process& process,
         std::string& out)
      : fleet_(fleet), oracle_(oracle), scene_(scene), process_(process), out_(out) {}

  void Measure(const Series& series) {
    const std::vector<Sample> samples = Samples(scene_, process_, series);
    const Labels labels = series.LabelsOf(process_);
    const std::optional<std::vector<NewSeries>> upgraded = oracle_.Upgrade(series.name, labels);
    const bool has_new = fleet_ == Fleet::kNew || fleet_ == Fleet::kBoth ||
                         (fleet_ == Fleet::kMixed && process_.Upgraded());
    if (!upgraded || !has_new) {
      Write(series.name, labels, samples);
      return;
    }
    if (fleet_ == Fleet::kBoth && (upgraded->empty() || upgraded->front().name != series.name)) {
      Write(series.name, labels, samples);
    } else if (fleet_ == Fleet::kBoth && upgraded->size() == 1) {
      if (const auto merged = Merged(labels, upgraded->front().labels)) {
        Write(series.name, *merged, samples);
        return;
      }
    }
    WriteUpgraded(*upgraded, samples);
    WriteUpgraded(oracle_.Decoys(series.name, labels), samples);
    WriteByHand(series.name, labels, samples);
  }

 private:
  void WriteUpgraded(const std::vector<NewSeries>& upgraded, const std::vector<Sample>& old) {
    std::vector<Sample> samples = old;
    for (const NewSeries& made : upgraded) {
      for (size_t i = 0; i < old.size(); ++i)
        samples[i].value = made.Value(old[i].value, Scrape(old[i].time));
      Write(made.name, made.labels, samples);
    }
  }

  void WriteByHand(const std::string& name, const Labels& labels, const std::vector<Sample>& old) {
    std::vector<Sample> samples = old;
    for (const ByHand& made : scene_.by_hand) {
      if (made.old_name != name) continue;
      for (size_t i = 0; i < old.size(); ++i)
        samples[i].value = made.value(old[i].value, old[i].time);
      Labels all = made.labels;
      all.insert(labels.begin(), labels.end());
      Write(made.new_name, std::move(all), samples);
    }
  }

  static size_t Scrape(int64_t t) { return static_cast<size_t>((t - kBegin) / kScrapeInterval); }

  void Write(const std::string& name, Labels labels, const std::vector<Sample>& samples) {
    labels.merge(process_.Target());
    std::string series = name;
    for (const auto& [label, value] : labels)
      series.append(series.size() == name.size() ? "{" : ",").append(label + "=\"" + value + "\"");
    for (const Sample& sample : samples) {
      std::array<char, 64> text;
      std::snprintf(text.data(), text.size(), "} %.17g %lld\n", sample.value,
                    static_cast<long long>(sample.time));
      out_.append(series).append(text.data());
    }
  }

  Fleet fleet_;
  const Oracle& oracle_;
  const Scene& scene_;
  const Process& process_;
  std::string& out_;
};

}  // namespace

std::string_view FleetName(Fleet fleet) {
  switch (fleet) {
    case Fleet::kOld:
      return "old";
    case Fleet::kNew:
      return "new";
    case Fleet::kBoth:
      return "both";
    case Fleet::kMixed:
      return "mixed";
  }
  return "";
}

std::optional<Fleet> FindFleet(std::string_view name) {
  for (const Fleet fleet : kFleets) {
    if (FleetName(fleet) == name) return fleet;
  }
  return std::nullopt;
}

std::string Measurements(Fleet fleet, const Oracle& oracle, const Scene& scene) {
  std::string out;
  for (const Process& process : scene.processes) {
    Writer writer(fleet, oracle, scene, process, out);
    for (const Series& series : scene.series) writer.Measure(series);
  }
  return out;
}

}  // namespace metrishift::e2e
