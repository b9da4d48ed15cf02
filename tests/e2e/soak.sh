#!/usr/bin/env bash
# 200 clients at once for SOAK_SECONDS (20), while the upstreams are killed and started again and the configuration is
# read again, by signal and by request: whatever comes as a whole is right byte for byte, and afterwards memory, threads
# and descriptors are what they were.
#
# Usage: soak.sh METRISHIFT-EXPORTER SOAK_CLIENTS
source "$(dirname "$0")/lib.sh"
soak_clients=$2
clients=200
# The sanitizers' memory is their own.
sanitized=$(grep -cE -m1 '__(asan|tsan)_init' "$exporter_binary" || true)
seconds=${SOAK_SECONDS:-$((sanitized ? 8 : 20))}

say "two upstreams: a body as of etcd, and one of 3 MB that is often hit in the middle"
mkdir "$work/html"
cp "$repository/mappings/samples/etcd-3.5.prom" "$work/html/small"
{
  for ((i = 0; i < 40000; i++)); do echo "requests_total{handler=\"/api/v1/some/handler\",instance=\"instance $i\"} $i"; done
  cat "$work/html/small"
} >"$work/html/large"
for size in small large; do
  "$exporter_binary" translate --mapping=etcd-3.5 --content-type='text/plain; version=0.0.4' \
    <"$work/html/$size" >"$work/$size.expected"
  start_nginx "$size" </dev/null
done
for size in small large; do
  printf -- '- path: /%s\n  upstream: http://localhost/%s\n  unix_socket: %s.sock\n  mapping: [etcd-3.5]\n' $size $size $size
done | sed '1i routes:' >"$work/config.yml"

run_exporter exporter --config.file="$work/config.yml" --web.enable-lifecycle --web.max-requests=160
pages=("$url/small" "$work/small.expected" "$url/large" "$work/large.expected")

exporter=/proc/${pid_of[exporter]}
idle() { fetch "$url/-/metrics" >"$work/own.prom" && grep -qx 'metrishift_exporter_scrapes_running 0' "$work/own.prom"; }
resident() { awk '/^VmRSS/ { print int($2 / 1024) }' "$exporter/status"; }  # MiB
threads() { find "$exporter/task" -mindepth 1 -maxdepth 1 | wc -l; }
descriptors() { find "$exporter/fd" -mindepth 1 -maxdepth 1 2>/dev/null | wc -l; }

restart() { # NAME: killed, gone for a moment, there again
  kill -KILL "${pid_of[$1]}"
  wait "${pid_of[$1]}" 2>/dev/null || true
  rm -f "$work/$1.sock"
  sleep 0.2
  run_nginx "$1"
}

threads=$(threads) descriptors=$(descriptors)

# disturb SECONDS: all the clients for so long, and every half second something that happens in a year; sets $most, MiB.
disturb() {
  local round now
  start clients "$soak_clients" "$1" "$clients" "${pages[@]}"
  for ((round = 0; ; round++)); do
    sleep 0.5
    running clients || break
    case $((round % 4)) in
      0) restart small ;;
      1) kill -HUP "${pid_of[exporter]}" ;;
      2) restart large ;;
      3) fetch -X POST "$url/-/reload" >/dev/null || fail "it is not read again by request" ;;
    esac
    now=$(resident)
    ((now <= most)) || most=$now
  done
  wait "${pid_of[clients]}" || fail "a whole body was wrong: $(<"$work/clients.log")"
  wait_for 20 "the last scrape to end" idle
}

say "warming up"
most=0
disturb 6
warm=$most

say "$clients clients for $seconds s"
most=0
disturb "$seconds"
read -r _ whole _ refused _ <"$work/clients.log"
((whole > 5 * seconds)) || fail "hardly anything was served: $(<"$work/clients.log")"
((refused > 0)) && grep -q 'code="200",outcome="upstream_failed"' "$work/own.prom" || fail "no kill was felt"

say "afterwards"
fetch -X POST "$url/-/reload" >/dev/null  # lets go of the connections to the upstreams
settled() { (($(threads) <= threads && $(descriptors) <= descriptors + 4)); }
wait_for 20 "threads ($threads) and descriptors ($descriptors) to be what they were" settled
say "$(<"$work/clients.log"); at most $warm MiB resident while it warmed up, and $most then;" \
  "threads $threads and $(threads), descriptors $descriptors and $(descriptors)"
((sanitized || most <= warm * 3 / 2 + 16)) || fail "memory grows: $warm MiB, then $most"
for size in small large; do fetch "$url/$size" | cmp - "$work/$size.expected" || fail "$size is not what it was"; done
stop exporter || fail "the exporter ended with code $?"
