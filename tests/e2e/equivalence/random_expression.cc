#include "tests/e2e/equivalence/random_expression.h"

#include <initializer_list>
#include <random>
#include <string_view>

namespace metrishift::e2e {
namespace {

class Generator {
 public:
  explicit Generator(uint32_t seed) : random_(seed), names_only_(!MayNeedPerson(seed)) {}

  std::string Vector(int depth) {
    if (depth == 0) return Selector();
    switch (Below(12)) {
      case 0:
        return Selector();
      case 1:
        return "( " + Vector(depth - 1) + " )";
      case 2:
        return One({"-", "- ", "+"}) + Vector(depth - 1);
      case 3:
      case 4:
        return RangeCall(depth);
      case 5:
        return Function(depth);
      case 6:
      case 7:
        return Aggregation(depth);
      case 8:
        return OfSelector();
      case 9:
        return WithScalar(depth);
      default:
        return Binary(depth);
    }
  }

  // Blanks become other white space and comments: all the same to Prometheus.
  std::string Respaced(const std::string& expr) {
    const bool plain = Below(3) > 0;
    std::string out;
    char quote = 0;
    for (const char c : expr) {
      if (quote == 0 ? c == '"' : c == quote) quote = quote == 0 ? c : 0;
      if (c != ' ' || quote != 0 || plain) {
        out += c;
      } else {
        out += One({" ", " ", "\n", "  ", " # (c) \"\n"});
      }
    }
    return out;
  }

 private:
  uint32_t Below(uint32_t n) { return static_cast<uint32_t>(random_()) % n; }
  std::string One(std::initializer_list<std::string_view> choices) {
    return std::string(choices.begin()[Below(static_cast<uint32_t>(choices.size()))]);
  }

  std::string Name() {
    if (!names_only_ && Below(4) > 0) return ChangedName();
    return One({"app_queue_depth", "app_queue_depth", "app_load_ratio", "app_requests_total",
                "app_latency_seconds_bucket", "app_latency_seconds_count", "app_wait_seconds",
                "etcd_debugging_mvcc_put_total", "etcd_debugging_mvcc_db_total_size_in_bytes",
                "app_queue_limit", "up"});
  }

  // More than names change in these; their factors are exact, for values that decide something.
  std::string ChangedName() {
    return One({"app_cache_kibibytes",
                "app_sent_kibibytes_total",
                "app_heat_marks",
                "app_idle_shares",
                "app_limit_cpu_cores",
                "app_limit_memory_bytes",
                "app_mail_retries_total",
                "wmi_os_processes",
                "wmi_cpu_time_total",
                "app_cpu",
                "app_pod_restarts_total",
                "app_pod_memory_bytes",
                "app_links",
                "app_fan_rpm",
                "app_state",
                "app_nic_in_kibibits_total",
                "app_sessions",
                "app_hits_total",
                "app_calls_total",
                "app_peak_bytes",
                "app_memory_free_bytes",
                "app_pod_info",
                "app_cpu_limit"});
  }

  // A matcher of a label that changes in some metric, and is not there in most.
  std::string ChangedMatcher() {
    return One({R"(mode="guest")", R"(mode!="guest")", R"(mode=~"guest.*|idle")", R"(cpu="cpu0")",
                R"(cpu!~"cpu1")", R"(pod_name=~"web-.*")", R"(pod_name!="")", R"(state="failed")",
                R"(state!~"up|failed")", R"(sensor="fan1")", R"(from="a")", R"(to!="a")",
                R"(nic=~"eth0|lo")", R"(code="503")", R"(container="db")"});
  }

  std::string Bare() {
    if (!names_only_ && Below(3) == 0) return Name() + "{" + ChangedMatcher() + "}";
    const std::string more = One({"", "", "", R"({job="blue"})", R"({instance=~"n[01]"})",
                                  R"({job!="blue", instance!="n0"})", R"({job="purple"})", "{ }"});
    if (Below(6) > 0) return Name() + more;
    return "{__name__=\"" + Name() + "\"" + One({"", R"(,job="green")", R"( , instance="n0" )"}) +
           "}";
  }

  std::string Modifiers() {
    return One({"", "", "", "", "", " offset 5m", " offset -1m", " @ 1700008200", " @ end()",
                " @ start() offset 2m", " offset 90s @ 1700008200"});
  }

  std::string Selector() { return Bare() + Modifiers(); }

  std::string Range(int depth) {
    if (Below(3) > 0) return Bare() + One({"[5m]", " [2m]", "[10m]"}) + Modifiers();
    const std::string inner = Below(2) == 0 ? Bare() : "( " + Vector(depth - 1) + " )";
    return inner + One({"[10m:1m]", "[5m:]", "[6m:30s]"}) + Modifiers();
  }

  std::string RangeCall(int depth) {
    switch (Below(6)) {
      case 0:
        return "quantile_over_time( " + Scalar(depth - 1) + " , " + Range(depth) + " )";
      case 1:
        return "predict_linear( " + Range(depth) + " , " + Scalar(depth - 1) + " )";
      case 2:
        return "absent_over_time( " + Range(depth) + " )";
      default:
        return One({"rate", "increase", "irate", "delta", "deriv", "max_over_time", "avg_over_time",
                    "count_over_time", "last_over_time", "resets"}) +
               "( " + Range(depth) + " )";
    }
  }

  std::string Function(int depth) {
    if (Below(4) == 0) return "clamp_max( " + Vector(depth - 1) + " , " + Scalar(depth - 1) + " )";
    if (Below(4) == 0)
      return "label_replace( " + Vector(depth - 1) + " , \"" + One({"host", "job", "pod_name"}) +
             R"-(", "$1", )-" + One({R"("instance")", R"("instance")", R"("pod_name")"}) +
             R"-(, "(.*)" ))-";
    if (Below(6) == 0) return "histogram_quantile( 0.9 , " + Vector(depth - 1) + " )";
    if (Below(6) == 0) return "vector( scalar( " + Vector(depth - 1) + " ) )";
    return One({"abs", "sqrt", "sort", "sgn", "exp", "timestamp", "absent"}) + "( " +
           Vector(depth - 1) + " )";
  }

  std::string OfSelector() { return One({"absent", "timestamp"}) + "( " + Selector() + " )"; }

  std::string Labels() {
    if (!names_only_ && Below(2) == 0) {
      return One({"mode", "cpu", "pod_name, container", "state", "sensor, job", "from", "to, from",
                  "nic", "pod", "zone", "instance, cpu", "resource", "job, pod_name"});
    }
    return One({"job", "instance", "instance, le", ""});
  }

  std::string Aggregation(int depth) {
    const std::string by =
        Below(3) == 0 ? "" : One({" by (", " by (", " without ("}) + Labels() + ")";
    if (Below(6) == 0) return "topk" + by + " ( 2, " + Selector() + " )";
    if (Below(6) == 0)
      return "quantile" + by + " ( " + Scalar(depth - 1) + " , " + Vector(depth - 1) + " )";
    const std::string op = One({"sum", "avg", "min", "max", "count", "group"});
    if (Below(2) == 0) return op + by + " ( " + Vector(depth - 1) + " )";
    return op + " ( " + Vector(depth - 1) + " )" + by;
  }

  std::string Scalar(int depth) {
    if (depth <= 0 || Below(3) > 0) return One({"0.5", "2", "100", "time()", "-1"});
    return "scalar( " + Vector(depth - 1) + " )";
  }

  std::string WithScalar(int depth) {
    const std::string op = One({"+", "-", "*", "/", "^", "%", ">", "< bool", "atan2"});
    if (Below(2) == 0) return Vector(depth - 1) + " " + op + " " + Scalar(depth - 1);
    return Scalar(depth - 1) + " " + op + " " + Vector(depth - 1);
  }

  std::string Binary(int depth) {
    std::string on = One({"", "", "", " on (instance, job)", " ignoring (code, le)", " on (job)",
                          " on ()", " ignoring (quantile)"});
    if (!names_only_ && Below(3) == 0)
      on = One({" on (instance, job, ", " ignoring ("}) +
           One({"pod_name", "mode", "cpu", "state"}) + ")";
    std::string op = One(
        {"and", "or", "unless", "or", "OR", "+", "-", "*", "/", "^", ">", "<= bool", "!=", "=="});
    const bool set = op.find_first_of("aouO") == 0;
    op += on;
    if (!set && !on.empty())
      op += One({"", "", " group_right ()", " group_left ()", " group_left"});
    return Vector(depth - 1) + " " + op + " " + Vector(depth - 1);
  }

  std::mt19937 random_;  // the same everywhere, unlike the distributions
  bool names_only_;
};

}  // namespace

std::string RandomExpression(uint32_t seed) {
  Generator generator(seed);
  return generator.Respaced(generator.Vector(static_cast<int>(1 + seed % 4)));
}

}  // namespace metrishift::e2e
