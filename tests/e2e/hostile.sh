#!/usr/bin/env bash
# Upstreams that go wrong, nginx mostly, and what Prometheus stores of each: "up" is 0, and not one sample of a body that was
# not whole. A good body beside them shows that the others could have come through. The rows of the failing table (README of
# exporter/), and the paths here that stand for them:
#
#   the upstream refuses, has no name         refused, nameless
#   too slow for the scrape's timeout         silent; slow (after the first byte)
#   the upstream answers 4xx, 5xx             missing, error
#   failure after the first byte              slow, shrunk, cut.gz (gzip with a right length); killed ones in soak.sh, certificates in upstreams.sh
#   a ceiling: line, aliases, inflated bytes  line, aliases, bomb.gz
#   a ceiling: concurrent scrapes             full
#   a line cannot be read                     unreadable: passes whole, and Prometheus refuses it as without the exporter
#   empty, redirect, damaged gzip             empty, moved, damaged.gz
source "$(dirname "$0")/lib.sh"

say "an nginx with many faults, and one that says nothing"
mkdir "$work/html"
for ((i = 0; i < 20000; i++)); do echo "etcd_mvcc_put_total{instance_id=\"$i\"} $i"; done >"$work/html/good"
cp "$work/html/good" "$work/html/shrunk"
cp "$work/html/good" "$work/html/aliases"
{ cat "$work/html/good" && printf '# %01000d\n' 0; } >"$work/html/line"
{ echo "etcd_mvcc_put_total oops" && cat "$work/html/good"; } >"$work/html/unreadable"
: >"$work/html/empty"
gzip -c "$work/html/good" >"$work/whole.gz"
head -c "$(($(stat -c %s "$work/whole.gz") * 2 / 3))" "$work/whole.gz" >"$work/html/cut.gz"
{ head -c -8 "$work/whole.gz"; printf '12345678'; } >"$work/html/damaged.gz"
head -c 100M /dev/zero | tr '\0' '\n' | gzip -9 >"$work/html/bomb.gz"
start_nginx nginx <<'SERVER'
    location ~ gz$ { add_header Content-Encoding gzip; }
    location = /slow { rewrite ^ /good break; limit_rate 10k; }
    location = /error { return 500 "etcd_mvcc_put_total 1\n"; }
    location = /moved { return 302 http://$host/good; }
SERVER
fetch --unix-socket "$work/nginx.sock" http://localhost/shrunk | cmp - "$work/html/good" || fail "nginx is not as it should be"
truncate -s 100000 "$work/html/shrunk"
start_nginx silent </dev/null
kill -STOP "${pid_of[silent]}"  # who connects waits

# What is wrong, and the status of the answer; a body with status 200 is cut, or as bad as it came, and what would be cut is
# 502 where nothing has gone out yet.
declare -A status_of=(
  [refused]=502 [nameless]='502|504' [silent]=504 [missing]=404 [error]=500 [empty]=502 [moved]=502
  [slow]='200|502' [shrunk]='200|502' [cut.gz]='200|502' [bomb.gz]=502 [line]='200|502' [aliases]='200|502'
  [damaged.gz]=200 [unreadable]=200)
route() { # NAME UPSTREAM [LINE...]
  printf -- '- path: /%s\n  upstream: %s\n  mapping: [etcd-3.5]\n' "$1" "$2"
  [[ $# == 2 ]] || printf '  %s\n' "${@:3}"
}
{
  echo "routes:"
  for name in good "${!status_of[@]}"; do
    case $name in
      refused) route "$name" http://127.0.0.1:1/ ;;
      nameless) route "$name" http://nobody.invalid/ ;;
      silent) route "$name" http://localhost/ "unix_socket: silent.sock" ;;
      line) route "$name" "http://localhost/$name" "unix_socket: nginx.sock" "limits: {line_bytes: 1000}" ;;
      aliases) route "$name" "http://localhost/$name" "unix_socket: nginx.sock" "limits: {alias_bytes: 200000}" ;;
      *) route "$name" "http://localhost/$name" "unix_socket: nginx.sock" ;;
    esac
  done
} >"$work/config.yml"
run_exporter full --config.file="$work/config.yml" --web.max-requests=1
full=$url
start client curl --silent --output "$work/held" --header 'X-Prometheus-Scrape-Timeout-Seconds: 120' "$full/silent"
run_exporter exporter --config.file="$work/config.yml"

say "what a client sees"
for name in "${!status_of[@]}"; do
  code=0
  status=$(curl --silent --output "$work/answer" --header 'Accept-Encoding: gzip' --header 'X-Prometheus-Scrape-Timeout-Seconds: 1' \
    --write-out '%{http_code}' "$url/$name") || code=$?
  [[ $status =~ ^(${status_of[$name]})$ ]] || fail "$name: status $status instead of ${status_of[$name]}"
  # What was bad as it came passes.
  [[ $status != 200 || $code != 0 || $name == damaged.gz || $name == unreadable ]] || fail "$name: passes for a whole body"
done
wait_for 10 "no place to be left" bash -c "[[ \$(curl -so '$work/answer' -w '%{http_code}' $full/good) == 503 ]]"

say "what Prometheus stores"
scrape_paths hostile body good "${!status_of[@]}"
printf '  - {targets: ["%s"], labels: {body: full, __metrics_path__: /good}}\n' "${full#http://}" >>"$work/prometheus.yml"
run_prometheus
wait_for 20 "the good body" query_gives 'count({body="good",__name__=~"etcd_(debugging_)?mvcc_put_total"})' 40000
for name in full "${!status_of[@]}"; do
  wait_for 20 "a scrape of $name" query_gives "count_over_time(up{body=\"$name\"}[1m]) > bool 2" 1
done
query_gives 'max by (job) (max_over_time(up{body!="good"}[1m]))' 0 || fail "a failing scrape is up"
query_gives 'count({body!="good",__name__!~"up|scrape_.*",job="hostile"})' "" || fail "parts of a body are stored"
query_gives 'max by (job) (max_over_time(scrape_samples_post_metric_relabeling{body!="good"}[1m]))' 0 || fail "samples of a failing scrape"
query_gives 'min_over_time(up{body="good"}[1m])' 1 || fail "the good one failed"

say "the length is right again: so is the scrape"
cp "$work/html/good" "$work/html/shrunk"  # the same file
wait_for 20 "the body to be whole" query_gives 'count({body="shrunk",__name__=~"etcd_(debugging_)?mvcc_put_total"})' 40000
stop prometheus || true
stop exporter || fail "the exporter ended with code $?"

# The sanitizers map more than any limit allows.
if ! grep -qE -m1 '__(asan|tsan)_init' "$exporter_binary"; then
  say "memory for two of eight scrapes: the others fail, and those after them do not"
  awk 'BEGIN {
    print "# TYPE etcd_mvcc_put_total counter"
    for (i = 0; i < 200000; ++i) printf "etcd_mvcc_put_total{i=\"%d\",handler=\"/api/v1\"} 1\n", i
  }' >"$work/large.prom"
  start_exporter exporter "file:$work/large.prom" etcd-3.5
  prlimit --pid "${pid_of[exporter]}" --data=$((64 << 20)):
  for _ in {1..8}; do
    curl --silent --output /dev/null --limit-rate 5M "$url/metrics" &
    scrapes+=($!)
  done
  cut=0
  for scrape in "${scrapes[@]}"; do wait "$scrape" || cut=$((cut + 1)); done
  ((cut > 0)) || fail "eight scrapes had memory"
  for _ in {1..3}; do fetch --output /dev/null "$url/metrics" || fail "no scrape after those that had no memory"; done
  stop exporter || fail "the exporter ended with code $?"
fi
