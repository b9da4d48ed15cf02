#!/usr/bin/env bash
# Three members of etcd, upgraded one after the other as Prometheus watches through the exporter: each is a real one first (3.4,
# with both names) and then a body as of 3.5, with the new ones. At no time does a query for either name find fewer members
# than are there.
source "$(dirname "$0")/lib.sh"

members="a b c"
start_cluster() {
  local name initial=""
  declare -gA client=() peer=()
  for name in $members; do
    client[$name]=$(free_port) peer[$name]=$(free_port)
    initial+="${initial:+,}$name=http://127.0.0.1:${peer[$name]}"
  done
  for name in $members; do
    start "$name" etcd --name="$name" --data-dir="$work/etcd-$name" --initial-cluster="$initial" \
      --listen-client-urls="http://127.0.0.1:${client[$name]}" --advertise-client-urls="http://127.0.0.1:${client[$name]}" \
      --listen-peer-urls="http://127.0.0.1:${peer[$name]}" --initial-advertise-peer-urls="http://127.0.0.1:${peer[$name]}" \
      --heartbeat-interval=20 --election-timeout=200
  done
  for name in $members; do
    for _ in {1..100}; do
      running "$name" || return 1  # a port was taken in the meantime
      fetch "http://127.0.0.1:${client[$name]}/health" >/dev/null 2>&1 && continue 2
      sleep 0.1
    done
    return 1
  done
}

say "three members"
for _ in 1 2 3 4 5; do
  ! start_cluster || break
  for name in $members; do stop "$name" || true; done
  rm -rf "$work"/etcd-*
done
running c || fail "etcd does not start"
key=$(printf key | base64)
fetch "http://127.0.0.1:${client[a]}/v3/kv/put" -d "{\"key\":\"$key\",\"value\":\"$key\"}" >/dev/null

{
  echo "routes:"
  for name in $members; do
    printf -- '- path: /%s\n  upstream: http://127.0.0.1:%s/metrics\n  mapping: [etcd-3.5]\n' "$name" "${client[$name]}"
  done
} >"$work/config.yml"
run_exporter exporter --config.file="$work/config.yml"
scrape_paths etcd member $members
run_prometheus

# agree MEMBERS: so many are up, and have both names of all five with the same value.
agree() {
  local name
  query_gives 'sum(up)' "$1" || return 1
  for name in $renamed; do query_gives "count(etcd_debugging_mvcc_$name == etcd_mvcc_$name)" "$1" || return 1; done
}
wait_for 30 "both names of all three" agree 3
since=$(date +%s)

# 3.5 on the port of the member.
for name in $members; do
  say "member $name goes, and comes back as 3.5"
  stop "$name" || true
  wait_for 20 "the others to be two" agree 2
  start "$name" "$exporter_binary" --upstream="file:$repository/mappings/samples/etcd-3.5.prom" --mapping="$unrelated" \
    --web.listen-address="127.0.0.1:${client[$name]}"
  wait_for 20 "$name to be back with both names" agree 3
  query_gives "count({member=\"$name\",__name__=~\"etcd_debugging_mvcc_(db_total_size_in_bytes|(delete|put|range|txn)_total)\"})" 5 ||
    fail "$name lacks old names"
done

say "all the while"
ago=$(($(date +%s) - since))
for name in $renamed; do
  for prefix in etcd_mvcc_ etcd_debugging_mvcc_; do
    least=$(query "min_over_time((count($prefix$name) or vector(0))[${ago}s:1s])")
    ((least >= 2)) || fail "$prefix$name: $least members at some time"
  done
done
expect_clean_prometheus
stop prometheus || true
stop exporter || fail "the exporter ended with code $?"
