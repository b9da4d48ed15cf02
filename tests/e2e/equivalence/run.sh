#!/usr/bin/env bash
# Rewritten expressions mean what they meant, for a real Prometheus: four fleets have measured the same (as the old side
# of table.yaml says it, as the new one does, as both, and mixed by process), and each gets a Prometheus that has nothing
# but its blocks. What is measured: metric.cc; what the table makes of it: oracle.cc; what the driver then asks and
# compares: comparison.cc. What a row means: the head of expressions.txt. The same with all built-in tables in place of
# table.yaml, one after another: builtin_scenes.h.
#   run.sh DRIVER kinds [FIRST_SEED COUNT]    (DRIVER: the program `equivalence`)
#   run.sh DRIVER builtin
source "$(dirname "$0")/../lib.sh"
driver=$1
what=$2
here=$repository/tests/e2e/equivalence
tables=(etcd-3.5 "$here/table.yaml")
: >"$work/prometheus.yml"  # it is to scrape nothing

make_blocks() { # FLEET
  case $what in
    kinds) "$driver" measurements "$1" "${tables[@]}" ;;
    builtin) "$driver" builtin-measurements "$1" ;;
  esac >"$work/$1.om"
  # It reads everything anew for each block: few large ones.
  promtool tsdb create-blocks-from openmetrics --max-block-duration=162h "$work/$1.om" "$work/$1" \
    >"$work/blocks-$1.log" 2>&1
}

say "blocks"
for fleet in old new both mixed; do start "make-$fleet" make_blocks "$fleet"; done
for fleet in old new both mixed; do
  wait "${pid_of[make-$fleet]}" || fail "promtool makes no blocks for fleet $fleet"
  unset "pid_of[make-$fleet]"
done

say "four Prometheus"
urls=()
for fleet in old new both mixed; do
  # A system-chosen port, and blocks of 2023 that no retention may drop.
  start "$fleet" prometheus --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/$fleet" \
    --storage.tsdb.retention.time=100y --web.listen-address=127.0.0.1:0
done
for fleet in old new both mixed; do
  wait_for 60 "Prometheus $fleet to listen" grep -q 'msg="Listening on"' "$work/$fleet.log"
  url=http://$(sed -n 's/.*msg="Listening on" address=\([^ ]*\).*/\1/p' "$work/$fleet.log")
  wait_for 60 "Prometheus $fleet to be ready" fetch "$url/-/ready"
  urls+=("$url")
done

say "compare"
code=0
case $what in
  kinds)
    "$driver" compare "$here/expressions.txt" "${urls[@]}" "${tables[@]}" || code=1
    # As many as fit into a few seconds. Others: run.sh DRIVER kinds FIRST_SEED COUNT
    "$driver" random "${3:-1}" "${4:-600}" "${urls[@]}" "${tables[@]}" || code=1
    ;;
  builtin) "$driver" builtin "${urls[@]}" || code=1 ;;
esac
exit "$code"
