#!/usr/bin/env bash
# A real node_exporter with the names that it had until 0.15 beside its own, as Prometheus and VictoriaMetrics scrape them.
source "$(dirname "$0")/lib.sh"
command -v prometheus-node-exporter >/dev/null || { echo "no prometheus-node-exporter here"; exit 77; }

say "node_exporter"
for _ in 1 2 3 4 5; do
  port=$(free_port)
  start node prometheus-node-exporter --web.listen-address="127.0.0.1:$port" --web.max-requests=40
  for _ in {1..100}; do
    running node || break  # the port was taken in the meantime
    fetch "http://127.0.0.1:$port/metrics" >"$work/direct.prom" 2>/dev/null && break 2
    sleep 0.1
  done
done
[[ -s $work/direct.prom ]] || fail "node_exporter does not start"
start_exporter exporter "http://127.0.0.1:$port/metrics" node-exporter-0.16

# Values change from scrape to scrape; names and labels do not.
series() { sed 's/ [^ ]*$//' "$@" | grep -v '^node_scrape_collector\|^go_\|^process_'; }
fetch "$url/metrics" >"$work/through.prom"
head -n "$(wc -l <"$work/direct.prom")" "$work/through.prom" >"$work/own.prom"
diff <(series "$work/direct.prom" | sort) <(series "$work/own.prom" | sort) >"$work/diff.log" || fail "its own part changed"
# The new name of each, and what has to be the same of both.
pairs="node_boot_time=node_boot_time_seconds node_memory_MemTotal=node_memory_MemTotal_bytes node_memory_SwapTotal=node_memory_SwapTotal_bytes"
added=
for pair in $pairs; do added+=" ${pair%=*}"; done
for name in $added; do grep -q "^$name " "$work/through.prom" || fail "$name is not added"; done
promtool check metrics <"$work/through.prom" >"$work/promtool.log" 2>&1 || [[ $? == 3 ]] || fail "promtool refuses the body"

agree() {
  local pair
  for pair in $pairs; do query_gives "count(${pair%=*} == ${pair#*=})" 1 || return 1; done
  # node_cpu of 0.15 has "cpu0" where node_cpu_seconds_total has "0", and guests among its modes.
  [[ $(query 'count(node_cpu)') == $(query 'count(node_cpu_seconds_total) + count(node_cpu_guest_seconds_total)') ]]
  query_gives 'count(node_cpu{cpu!~"cpu[0-9]+"})' ""
}

say "Prometheus"
start_prometheus "$url"
wait_for 20 "both names" agree
query_gives 'min_over_time(up[1m])' 1 || fail "a scrape failed"
expect_clean_prometheus
stop prometheus || true

if command -v victoria-metrics >/dev/null; then
  say "VictoriaMetrics"
  prometheus=http://127.0.0.1:$(free_port)  # for query
  start victoria victoria-metrics -httpListenAddr="${prometheus#http://}" -storageDataPath="$work/victoria" \
    -loggerLevel=FATAL -promscrape.config="$work/prometheus.yml" -search.latencyOffset=0s -search.disableCache
  wait_for 30 "VictoriaMetrics to listen" fetch "$prometheus/health"
  wait_for 30 "both names" agree
  query_gives 'min_over_time(up[1m])' 1 || fail "a scrape failed"
  stop victoria || true
fi
stop exporter || fail "the exporter ended with code $?"
