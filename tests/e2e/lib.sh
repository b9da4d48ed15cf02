# What the end-to-end tests share. To be sourced, with the exporter's path as the first argument of the script:
#   source "$(dirname "$0")/lib.sh"
# Everything happens in a folder and on ports of the test's own, so that tests can run side by side, as any user; every
# process that was started with `start` is ended when the script ends.
set -euo pipefail

exporter_binary=$1
repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d)
declare -A pid_of=()

say() { echo "== $*"; }

fail() {
  echo "FAILED: $*" >&2
  local log
  for log in "$work"/*.log; do
    [[ -f $log ]] && { echo "--- $log"; tail -n 40 "$log"; } >&2
  done
  exit 1
}

cleanup() {
  local pid
  for pid in "${pid_of[@]}"; do
    kill -KILL "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  rm -rf "$work"
}
trap cleanup EXIT

# start NAME COMMAND...: runs it in the background; its output goes to $work/NAME.log.
start() {
  local name=$1
  shift
  : >"$work/$name.log"  # now: whoever waits for a line must not see one of a predecessor
  "$@" >>"$work/$name.log" 2>&1 &
  pid_of[$name]=$!
}

running() { kill -0 "${pid_of[$1]}" 2>/dev/null; }

# stop NAME: ends it with SIGTERM; the result is its exit code.
stop() {
  local code=0
  kill -TERM "${pid_of[$1]}"
  wait "${pid_of[$1]}" || code=$?
  unset "pid_of[$1]"
  return "$code"
}

# wait_for SECONDS WHAT COMMAND...: until the command succeeds.
wait_for() {
  local end=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < end)) || fail "waited in vain for: $what"
    sleep 0.1
  done
}

# A port that nobody listens on just now, never the same twice in a test. Somebody may take it before it is used: see start_etcd.
free_port() {
  local port
  while :; do
    port=$((20000 + RANDOM % 12000))
    ! grep -qsx "$port" "$work/.ports" || continue
    echo "$port" >>"$work/.ports"
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
  done
}

fetch() { curl --silent --show-error --fail --max-time 20 "$@"; }

# start_exporter NAME UPSTREAM MAPPING [FLAG...]: sets $url to its address, with a port that the system chose.
start_exporter() {
  local name=$1 upstream=$2 mapping=$3
  shift 3
  run_exporter "$name" --upstream="$upstream" --mapping="$mapping" "$@"
}

# run_exporter NAME FLAG...: the same with any flags.
run_exporter() {
  local name=$1
  shift
  start "$name" "$exporter_binary" --web.listen-address=127.0.0.1:0 "$@"
  wait_for 20 "$name to listen" grep -q 'msg="Listening."' "$work/$name.log"
  url=http://$(sed -n 's/.*msg="Listening." address=\([^ ]*\) .*/\1/p' "$work/$name.log")
}

# A table that concerns nothing makes a server of files of the exporter.
unrelated=$work/unrelated.yaml
cat >"$unrelated" <<'TABLE'
name: unrelated
title: A table that concerns nothing here
component: test
versions: {from: "1", to: "2"}
source: https://example.org/
metrics:
  - {old: unrelated_old_total, new: unrelated_new_total, type: counter, new_since: ["2"], old_until: "2"}
TABLE

# start_nginx NAME: one that listens on $work/NAME.sock and serves $work/html, with the lines of standard input in its
# "server".
start_nginx() {
  local part
  {
    cat <<CONFIG
daemon off;
master_process off;  # so that a signal reaches all of it
user root;  # whoever runs this; a warning for others
pid $work/$1.pid;
error_log $work/$1.error.log;
events { worker_connections 1024; }
http {
  access_log off;
  types {}
  default_type "text/plain; version=0.0.4";
  # It goes on believing the sizes that it has seen first.
  open_file_cache max=100 inactive=1h;
  open_file_cache_valid 1h;
CONFIG
    for part in client_body proxy fastcgi uwsgi scgi; do echo "  ${part}_temp_path $work/$1_$part;"; done
    echo "  server {"
    echo "    listen unix:$work/$1.sock;"
    echo "    root $work/html;"
    cat
    printf '  }\n}\n'
  } >"$work/$1.conf"
  run_nginx "$1"
}

# run_nginx NAME: again with the configuration that it had.
run_nginx() {
  rm -f "$work/$1.sock"
  start "$1" nginx -c "$work/$1.conf"
  wait_for 20 "the socket of nginx" test -S "$work/$1.sock"
}

# start_prometheus TARGET_URL: scrapes it each second; sets $prometheus to its address.
start_prometheus() {
  cat >"$work/prometheus.yml" <<CONFIG
global: {scrape_interval: 1s, scrape_timeout: 1s}
scrape_configs:
  - job_name: target
    static_configs: [{targets: ["${1#http://}"]}]
CONFIG
  run_prometheus
}

# scrape_paths JOB LABEL NAME...: $work/prometheus.yml, to scrape each path /NAME of $url each second, with LABEL="NAME".
scrape_paths() {
  local job=$1 label=$2 name
  shift 2
  {
    printf 'global: {scrape_interval: 1s, scrape_timeout: 1s}\nscrape_configs:\n- job_name: %s\n  static_configs:\n' "$job"
    for name; do
      printf '  - {targets: ["%s"], labels: {%s: "%s", __metrics_path__: "/%s"}}\n' "${url#http://}" "$label" "$name" "$name"
    done
  } >"$work/prometheus.yml"
}

# run_prometheus: with $work/prometheus.yml.
run_prometheus() {
  rm -rf "$work/prometheus"
  start prometheus prometheus --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/prometheus" \
    --web.listen-address=127.0.0.1:0
  wait_for 30 "Prometheus to listen" grep -q 'msg="Listening on"' "$work/prometheus.log"
  prometheus=http://$(sed -n 's/.*msg="Listening on" address=\([^ ]*\).*/\1/p' "$work/prometheus.log")
  wait_for 30 "Prometheus to be ready" fetch "$prometheus/-/ready"
}

# query EXPRESSION: the values of an instant query, one a line.
query() {
  fetch --get --data-urlencode "query=$1" "$prometheus/api/v1/query" | jq -r '.data.result[].value[1]'
}

query_gives() { [[ $(query "$1") == "$2" ]]; }

# What Prometheus says when it is given a sample twice or out of order, or cannot parse a body.
expect_clean_prometheus() {
  ! grep -E 'level=(warn|error)' "$work/prometheus.log" || fail "Prometheus complains"
  local metric
  fetch "$prometheus/metrics" >"$work/prometheus.prom"
  for metric in sample_duplicate_timestamp sample_out_of_order sample_out_of_bounds; do
    grep -qx "prometheus_target_scrapes_${metric}_total 0" "$work/prometheus.prom" ||
      fail "Prometheus counted prometheus_target_scrapes_${metric}_total"
  done
}

# promtool_accepts FILE: it is well-formed for the strictest reader. Code 3 means advice about names, which etcd's own
# names earn; it is refused only where it is about a name in $added.
promtool_accepts() {
  local code=0
  promtool check metrics <"$1" >"$work/promtool.log" 2>&1 || code=$?
  [[ $code == 0 || $code == 3 ]] || fail "promtool check metrics refuses $1"
  local name
  for name in $added; do
    ! grep -q "^$name " "$work/promtool.log" || fail "promtool check metrics dislikes $name"
  done
}

renamed="db_total_size_in_bytes delete_total put_total range_total txn_total"
