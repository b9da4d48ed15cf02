#!/usr/bin/env bash
# The exporter and the rewriter agree, for a real Prometheus: it holds six minutes of new series (below) and, beside them, the old
# series that the exporter makes of each scrape; every expression over old series then has to give what the expression gives that
# the rewriter makes of it. One of each kind of alias; every table and entry: tests/e2e/equivalence/builtin_scenes.h.
#   tables.sh EXPORTER METRISHIFT
source "$(dirname "$0")/lib.sh"
metrishift=$2
begin=1700006400 # at the start of a two-hour block
scrapes=25
interval=15

# New series of each table, with what they begin at and grow by from scrape to scrape, and expressions over the old ones.
cat >"$work/tables" <<'TABLES'
table node-exporter-0.16
type node_cpu_seconds_total counter
new node_cpu_seconds_total{cpu="0",mode="idle"} 1024 12
new node_cpu_seconds_total{cpu="1",mode="idle"} 2048 13
new node_cpu_seconds_total{cpu="0",mode="user"} 16 2
type node_cpu_guest_seconds_total counter
new node_cpu_guest_seconds_total{cpu="0",mode="user"} 8 1
type node_disk_io_time_seconds_total counter
new node_disk_io_time_seconds_total{device="sda"} 64 3
type node_interrupts_total counter
new node_interrupts_total{cpu="0",type="1"} 100 7
type node_memory_MemFree_bytes gauge
new node_memory_MemFree_bytes{} 8589934592 -4096
type node_timex_frequency_adjustment_ratio gauge
new node_timex_frequency_adjustment_ratio{} 1.0009765625 0
type node_nfs_requests_total counter
new node_nfs_requests_total{proto="4",method="ServerCaps"} 5 4
type node_disk_read_bytes_total counter
new node_disk_read_bytes_total{device="sda"} 512 1024
expr node_cpu
expr node_cpu{cpu="cpu1"}
expr sum by (cpu) (rate(node_cpu{mode!="idle"}[5m]))
expr sum(rate(node_cpu{mode=~"guest|user"}[5m])) / count(node_cpu)
expr rate(node_disk_io_time_ms[5m])
expr irate(node_disk_io_time_ms[5m]) > 100
expr sum by (CPU) (node_interrupts)
expr node_memory_MemFree / 1024
expr node_timex_frequency_adjustment
expr rate(node_nfs_procedures{procedure="server_caps",version="4"}[5m])
expr increase(node_disk_bytes_read[5m])

table kube-state-metrics-2.0
type kube_pod_container_resource_requests gauge
new kube_pod_container_resource_requests{namespace="a",pod="p",container="c",resource="cpu",unit="core"} 2 0
new kube_pod_container_resource_requests{namespace="a",pod="q",container="c",resource="cpu",unit="core"} 4 0.5
new kube_pod_container_resource_requests{namespace="a",pod="p",container="c",resource="memory",unit="byte"} 1048576 4096
type kube_node_status_allocatable gauge
new kube_node_status_allocatable{node="n",resource="cpu",unit="core"} 8 0
type kube_horizontalpodautoscaler_spec_max_replicas gauge
new kube_horizontalpodautoscaler_spec_max_replicas{namespace="a",horizontalpodautoscaler="h"} 5 1
expr kube_pod_container_resource_requests_cpu_cores
expr sum by (namespace) (kube_pod_container_resource_requests_cpu_cores) / ignoring (namespace) group_left () sum(kube_node_status_allocatable_cpu_cores)
expr max_over_time(kube_pod_container_resource_requests_memory_bytes{pod="p"}[5m])
expr kube_hpa_spec_max_replicas{hpa="h"}
expr sum by (hpa) (kube_hpa_spec_max_replicas)

table kubernetes-1.17
type scheduler_binding_duration_seconds histogram
new scheduler_binding_duration_seconds_bucket{le="0.001"} 1 1
new scheduler_binding_duration_seconds_bucket{le="0.002"} 2 3
new scheduler_binding_duration_seconds_bucket{le="+Inf"} 3 4
new scheduler_binding_duration_seconds_sum{} 0.5 0.25
new scheduler_binding_duration_seconds_count{} 3 4
expr histogram_quantile(0.9, rate(scheduler_binding_latency_microseconds_bucket[5m]))
expr rate(scheduler_binding_latency_microseconds_sum[5m]) / rate(scheduler_binding_latency_microseconds_count[5m])

table prometheus-2.9
type prometheus_sd_refresh_duration_seconds summary
new prometheus_sd_refresh_duration_seconds{mechanism="ec2",quantile="0.5"} 0.25 0
new prometheus_sd_refresh_duration_seconds_sum{mechanism="ec2"} 1 0.5
new prometheus_sd_refresh_duration_seconds_count{mechanism="ec2"} 2 1
expr prometheus_sd_ec2_refresh_duration_seconds{quantile="0.5"}
expr rate(prometheus_sd_ec2_refresh_duration_seconds_sum[5m])
TABLES

# The new series of one table's target at one scrape, as text.
body() { # TABLE SCRAPE
  awk -v wanted="$1" -v scrape="$2" '
    $1 == "table" { in_it = $2 == wanted }
    in_it && $1 == "type" { print "# TYPE", $2, $3 }
    in_it && $1 == "new" { printf "%s %.17g\n", $2, $3 + scrape * $4 }' "$work/tables"
}

say "old series"
tables=$(awk '$1 == "table" { print $2 }' "$work/tables")
for table in $tables; do
  for ((scrape = 0; scrape < scrapes; ++scrape)); do
    body "$table" "$scrape" | "$exporter_binary" translate --mapping="$table" |
      awk -v at=$((begin + scrape * interval)) '!/^#/ { print $0, at }'
  done
done >"$work/samples"
{ cat "$work/samples"; echo "# EOF"; } >"$work/samples.om"
promtool tsdb create-blocks-from openmetrics "$work/samples.om" "$work/data" >"$work/blocks.log" 2>&1 ||
  fail "promtool makes no blocks"

say "Prometheus"
: >"$work/prometheus.yml"
start prometheus prometheus --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/data" \
  --storage.tsdb.retention.time=100y --web.listen-address=127.0.0.1:0
wait_for 60 "Prometheus to listen" grep -q 'msg="Listening on"' "$work/prometheus.log"
url=http://$(sed -n 's/.*msg="Listening on" address=\([^ ]*\).*/\1/p' "$work/prometheus.log")
wait_for 60 "Prometheus to be ready" fetch "$url/-/ready"

# What an expression gives at the end: labels but the name, and values to nine digits.
ask() { # EXPR
  fetch --get "$url/api/v1/query" --data-urlencode "query=$1" --data "time=$((begin + (scrapes - 1) * interval))" |
    jq -c -S '
      def digits: if . == 0 then 0 else (fabs | log10 | floor) as $e | (. / pow(10; $e - 9) | round) end;
      [.data.result[] | {labels: (.metric | del(.__name__)), value: (.value[1] | tonumber | digits)}] | sort'
}

say "compare"
count=0
while read -r word rest; do
  case $word in
    table) table=$rest ;;
    expr)
      rewritten=$("$metrishift" explain --mapping "$table" --keep-labels --format json "$rest" | jq -r .output)
      [[ $rewritten != "$rest" ]] || fail "$table: nothing changes: $rest"
      before=$(ask "$rest")
      after=$(ask "$rewritten")
      [[ $before != "[]" ]] || fail "$table: there is nothing to compare: $rest"
      [[ $before == "$after" ]] || fail "$table: $rest
    $before
  $rewritten
    $after"
      count=$((count + 1))
      ;;
  esac
done <"$work/tables"
echo "$count expressions give the same on both sides"
