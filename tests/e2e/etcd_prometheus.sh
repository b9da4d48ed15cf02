#!/usr/bin/env bash
# A real etcd (3.4, which exposes both names) behind the exporter behind a real Prometheus: every old and new name can be
# queried, nothing comes twice, and the end of etcd is the end of "up".
source "$(dirname "$0")/lib.sh"

start_etcd() {
  local attempt client peer
  for attempt in 1 2 3 4 5; do
    client=$(free_port) peer=$(free_port)
    start etcd etcd --data-dir="$work/etcd" --listen-client-urls="http://127.0.0.1:$client" \
      --advertise-client-urls="http://127.0.0.1:$client" --listen-peer-urls="http://127.0.0.1:$peer" \
      --initial-advertise-peer-urls="http://127.0.0.1:$peer" --initial-cluster="default=http://127.0.0.1:$peer"
    etcd=http://127.0.0.1:$client
    for _ in {1..100}; do
      running etcd || break  # the port was taken in the meantime
      fetch "$etcd/health" >/dev/null 2>&1 && return
      sleep 0.1
    done
    rm -rf "$work/etcd"
  done
  fail "etcd does not start"
}

say "etcd, with something to count"
start_etcd
key=$(printf key | base64)
for _ in 1 2 3; do fetch "$etcd/v3/kv/put" -d "{\"key\":\"$key\",\"value\":\"$key\"}" >/dev/null; done
fetch "$etcd/v3/kv/range" -d "{\"key\":\"$key\"}" >/dev/null
fetch "$etcd/v3/kv/deleterange" -d "{\"key\":\"$key\"}" >/dev/null

# Debian 12 has 3.4, which exposes all five old names itself; Debian 13 has 3.5, which has one of them left.
added=
[[ $(etcd --version) == *"Version: 3.4."* ]] || added=$(printf "etcd_debugging_mvcc_%s " db_total_size_in_bytes delete_total put_total txn_total)
say "its body passes unchanged but for values, and gets the old names that it lacks: ${added:-none}"
start_exporter exporter "$etcd/metrics" etcd-3.5
fetch "$etcd/metrics" | sed 's/ [^ ]*$//' >"$work/direct"
fetch "$url/metrics" | sed 's/ [^ ]*$//' >"$work/through"
head -n "$(wc -l <"$work/direct")" "$work/through" | diff "$work/direct" - || fail "the exporter changed what needed no change"
lines=$(($(wc -l <"$work/through") - $(wc -l <"$work/direct")))
[[ $lines -eq $((3 * $(wc -w <<<"$added"))) ]] || fail "$lines lines were added"
added=$added promtool_accepts <(fetch "$url/metrics")

say "Prometheus sees both names of all five"
start_prometheus "$url"
wait_for 20 "up" query_gives up 1
sleep 3  # a few scrapes, so that repeated or late samples would show
for name in $renamed; do
  query_gives "count(etcd_mvcc_$name)" 1 || fail "etcd_mvcc_$name cannot be queried"
  query_gives "count(etcd_debugging_mvcc_$name)" 1 || fail "etcd_debugging_mvcc_$name cannot be queried"
  query_gives "etcd_debugging_mvcc_$name - etcd_mvcc_$name" 0 || fail "the two names of $name differ"
done
query_gives etcd_debugging_mvcc_put_total 3 || fail "3 puts are not 3"
query_gives 'min_over_time(up[1m])' 1 || fail "a scrape failed"
expect_clean_prometheus

say "etcd dies: so do the scrape and its series"
kill -KILL "${pid_of[etcd]}"
wait "${pid_of[etcd]}" 2>/dev/null || true  # without a word about it from bash
wait_for 20 "up to be 0" query_gives up 0
query_gives etcd_mvcc_put_total "" || fail "etcd_mvcc_put_total outlives etcd"
query_gives etcd_debugging_mvcc_put_total "" || fail "etcd_debugging_mvcc_put_total outlives etcd"
[[ $(curl --silent --output "$work/answer" --write-out '%{http_code}' "$url/metrics") == 502 ]] ||
  fail "a scrape without an upstream is not answered with 502"
grep -q 'could not be read' "$work/answer" || fail "the 502 does not say why"
stop exporter || fail "the exporter ended with code $?"
