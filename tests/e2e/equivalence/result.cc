#include "tests/e2e/equivalence/result.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <set>

namespace metrishift::e2e {
namespace {

using Json = nlohmann::json;

constexpr double kTolerance = 1e-9;
constexpr size_t kMaxShown = 6;

bool Same(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b);
  if (a == b) return true;  // infinities, too
  return std::abs(a - b) <= kTolerance * std::max(std::abs(a), std::abs(b));
}

std::string Number(double value) {
  std::array<char, 32> text;
  std::snprintf(text.data(), text.size(), "%.17g", value);
  return text.data();
}

Labels LabelsOf(const Json& metric) {
  Labels labels;
  for (const auto& [name, value] : metric.items()) {
    if (name != "__name__") labels.emplace(name, value.get<std::string>());
  }
  return labels;
}

std::string Text(const Labels& labels) {
  std::string text;
  for (const auto& [name, value] : labels)
    text += (text.empty() ? "" : ",") + name + "=" + Json(value).dump();
  return "{" + text + "}";
}

bool AddSample(const Json& pair, Samples& samples) {
  const std::string& text = pair.at(1).get_ref<const std::string&>();
  return samples.emplace(pair.at(0).get<double>(), std::strtod(text.c_str(), nullptr)).second;
}

void ReadSeries(const Json& item, Result& result) {
  const Labels labels = LabelsOf(item.at("metric"));
  Samples& samples = result.series[labels];
  bool fresh = true;
  if (item.contains("value")) fresh = AddSample(item["value"], samples);
  if (item.contains("values")) {
    for (const Json& pair : item["values"]) fresh = AddSample(pair, samples) && fresh;
  }
  if (!fresh) result.error = "two series differ in __name__ only: " + Text(labels);
}

// The samples of one series that differ; "" for none.
std::string SeriesDifference(const Samples& expected, const Samples& actual) {
  std::set<double> times;
  for (const auto& [time, value] : expected) times.insert(time);
  for (const auto& [time, value] : actual) times.insert(time);
  std::string out;
  size_t differing = 0;
  for (const double time : times) {
    const auto a = expected.find(time);
    const auto b = actual.find(time);
    if (a != expected.end() && b != actual.end() && Same(a->second, b->second)) continue;
    if (++differing > 2) continue;
    out += (out.empty() ? "" : "; ") + std::string("at ") + Number(time) + " expected " +
           (a == expected.end() ? "nothing" : Number(a->second)) + ", got " +
           (b == actual.end() ? "nothing" : Number(b->second));
  }
  if (differing > 2) out += "; " + std::to_string(differing - 2) + " more";
  return out;
}

}  // namespace

size_t Result::samples() const {
  size_t count = 0;
  for (const auto& [labels, samples] : series) count += samples.size();
  return count;
}

Result ReadResult(const Json& answer) {
  Result result;
  if (answer.value("status", "") != "success") {
    result.error = answer.value("error", "an answer without an error: " + answer.dump());
    return result;
  }
  const Json& data = answer.at("data");
  result.type = data.at("resultType").get<std::string>();
  const Json& value = data.at("result");
  if (result.type == "vector" || result.type == "matrix") {
    for (const Json& item : value) ReadSeries(item, result);
  } else {
    AddSample(value, result.series[{}]);
  }
  return result;
}

std::string Difference(const Result& expected, const Result& actual) {
  if (!actual.error.empty()) return "    error: " + actual.error + "\n";
  if (expected.type != actual.type)
    return "    expected a " + expected.type + ", got a " + actual.type + "\n";
  std::set<Labels> all;
  for (const auto& [labels, samples] : expected.series) all.insert(labels);
  for (const auto& [labels, samples] : actual.series) all.insert(labels);
  const auto samples_of = [](const Result& result, const Labels& labels) {
    const auto found = result.series.find(labels);
    return found == result.series.end() ? Samples{} : found->second;
  };
  std::string out;
  size_t differing = 0;
  for (const Labels& labels : all) {
    const std::string difference =
        SeriesDifference(samples_of(expected, labels), samples_of(actual, labels));
    if (difference.empty()) continue;
    if (++differing <= kMaxShown) out += "    " + Text(labels) + ": " + difference + "\n";
  }
  if (differing > kMaxShown)
    out += "    and " + std::to_string(differing - kMaxShown) + " more series\n";
  return out;
}

Result WithLabels(const Result& result, const Result& actual,
                  const std::function<Labels(const Labels&)>& shown) {
  Result out = result;
  out.series.clear();
  for (const auto& [labels, samples] : result.series) {
    const Labels other = shown(labels);
    out.series[actual.series.contains(other) ? other : labels].insert(samples.begin(),
                                                                      samples.end());
  }
  return out;
}

}  // namespace metrishift::e2e
