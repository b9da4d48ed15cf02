#include "exporter/http/throttle.h"

#include <utility>

namespace metrishift::http {

std::optional<size_t> Throttle::Admit(std::string_view problem, Clock::time_point now) {
  constexpr std::string_view kTheRest;
  const std::lock_guard lock(mutex_);
  auto found = problems_.find(problem);
  if (found == problems_.end() && problems_.size() >= kMostProblems) {
    ForgetOld(now);
    if (problems_.size() >= kMostProblems) found = problems_.find(problem = kTheRest);
  }
  if (found == problems_.end()) {
    problems_.emplace(problem, Problem{now, 0});
    return 0;
  }
  Problem& known = found->second;
  if (now - known.said < kInterval) {
    ++known.repeated;
    return std::nullopt;
  }
  known.said = now;
  return std::exchange(known.repeated, 0);
}

void Throttle::ForgetOld(Clock::time_point now) {
  std::erase_if(problems_, [now](const auto& one) { return now - one.second.said >= kInterval; });
}

}  // namespace metrishift::http
