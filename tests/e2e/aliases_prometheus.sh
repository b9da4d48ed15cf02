#!/usr/bin/env bash
# A body of etcd 3.5, served over HTTP: exactly four old names are added, the result is well-formed for promtool and
# for a real Prometheus. With the sample of this repository and, where it is at hand, a real capture.
source "$(dirname "$0")/lib.sh"

added=""
for name in $renamed; do
  [[ $name == range_total ]] || added+=" etcd_debugging_mvcc_$name"
done

check_body() {
  local body=$1
  say "four aliases on $body"
  # A first exporter, whose table finds nothing, is the HTTP server of the body.
  start_exporter source "file:$body" "$unrelated"
  fetch "$url/metrics" | cmp - "$body" || fail "a table that concerns nothing changes the body"
  start_exporter exporter "$url/metrics" etcd-3.5
  fetch "$url/metrics" >"$work/out.prom"
  fetch --compressed "$url/metrics" | cmp - "$work/out.prom" || fail "the compressed body differs"
  fetch --http1.0 "$url/metrics" | cmp - "$work/out.prom" || fail "the body for HTTP/1.0 differs"
  head -c "$(stat -c %s "$body")" "$work/out.prom" | cmp - "$body" || fail "the body's own bytes changed"
  tail -c +"$(($(stat -c %s "$body") + 1))" "$work/out.prom" >"$work/block"
  diff <(sed -n 's/^# TYPE \([^ ]*\) .*/\1/p' "$work/block" | sort) <(printf '%s\n' $added | sort) ||
    fail "not exactly the four old names were added"
  [[ $(grep -c '^etcd_debugging_mvcc_range_total ' "$work/out.prom") == 1 ]] ||
    fail "etcd_debugging_mvcc_range_total is not single"
  promtool_accepts "$work/out.prom"

  say "through a real Prometheus"
  start_prometheus "$url"
  wait_for 20 "up" query_gives up 1
  sleep 2
  for name in $renamed; do
    query_gives "count(etcd_debugging_mvcc_$name)" 1 || fail "etcd_debugging_mvcc_$name cannot be queried"
    query_gives "etcd_debugging_mvcc_$name - etcd_mvcc_$name" 0 || fail "the two names of $name differ"
  done
  query_gives 'min_over_time(up[1m])' 1 || fail "a scrape failed"
  expect_clean_prometheus

  say "the exporter's own metrics"
  fetch "$url/-/metrics" >"$work/own.prom"
  promtool check metrics <"$work/own.prom" || fail "promtool check metrics dislikes the exporter's own metrics"
  grep -q 'aliases_suppressed_total{old_name="etcd_debugging_mvcc_range_total"}' "$work/own.prom" ||
    fail "range_total is not counted as suppressed"
  stop prometheus || true
  stop exporter || fail "the exporter ended with code $?"
  stop source || fail "the source ended with code $?"
}

check_body "$repository/mappings/samples/etcd-3.5.prom"
promtool check metrics <"$work/out.prom" || fail "the sample with its aliases earns advice from promtool"

capture=$repository/../shared/captures/etcd-3.5.16.prom
if [[ -f $capture ]]; then
  check_body "$capture"
else
  say "no capture of etcd 3.5.16 here: only the sample was checked"
fi
