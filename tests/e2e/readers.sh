#!/usr/bin/env bash
# Real readers judge bodies before and after: Prometheus, promtool check metrics and, where it is installed,
# VictoriaMetrics. Whatever a reader takes it has to take with the aliases, too, and then it has the series of before
# and exactly those of the aliases beside them. The table makes old_NAME of every NAME. Bodies: a few of our own,
# the 211 conformance cases of OpenMetrics and captures of real servers where they are at hand.
#
# Usage: readers.sh METRISHIFT-EXPORTER FILE_SERVER
source "$(dirname "$0")/lib.sh"
file_server=$2
shared=${METRISHIFT_SHARED:-$repository/../shared}

cat >"$work/every.yaml" <<'TABLE'
name: every
title: Every family has an old name
component: test
versions: {from: "1", to: "2"}
source: https://example.org/
metrics:
  - {old_pattern: "old_(.*)", new: "$1", old_until: "2"}
TABLE

declare -A type_of=(
  [prom]='text/plain; version=0.0.4'
  [om]='application/openmetrics-text; version=1.0.0'
  [pb]='application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited')

mkdir -p "$work/bodies/in" "$work/bodies/out"
add() { # FILE NAME FORMAT
  [[ ! -f $1 ]] || cp "$1" "$work/bodies/in/$2.$3"
}
for file in "$repository"/tests/cases/translate/in/body.*; do add "$file" own "${file##*.}"; done
add "$repository/mappings/samples/etcd-3.5.prom" sample prom
for case in "$shared"/conformance/openmetrics/tests/testdata/parsers/*/; do
  add "$case/metrics" "$(basename "$case")" om
done
for file in "$shared"/captures/*; do
  name=$(basename "$file")
  case $name in
    *.om.txt) add "$file" "${name%.om.txt}" om ;;
    *.prom.txt) add "$file" "${name%.prom.txt}" prom ;;
    *.prom | *.pb) add "$file" "${name%.*}" "${name##*.}" ;;
  esac
done

bodies=$(find "$work/bodies/in" -type f | wc -l)
least=$((bodies > 200 ? 1000 : 20))  # names of aliases that come of so many bodies
say "translating $bodies bodies"
passes() { # FILE OUT: it has no end, as only OpenMetrics wants one, and nothing was done to it
  [[ $1 == *.om && $(tail -n 1 "$1") != "# EOF" ]] && cmp -s "$1" "$2"
}
for file in "$work"/bodies/in/*; do
  out=$work/bodies/out/$(basename "$file")
  "$exporter_binary" translate --mapping "$work/every.yaml" --content-type "${type_of[${file##*.}]}" <"$file" >"$out" \
    2>>"$work/translate.log" || passes "$file" "$out" || fail "$file cannot be translated: $(tail -n 1 "$work/translate.log")"
done

say "promtool check metrics"
takes() { # FILE: promtool can read it; code 3 is advice about names
  local code=0
  promtool check metrics <"$1" >/dev/null 2>"$work/promtool.log" || code=$?
  [[ $code == 0 || $code == 3 ]]
}
for file in "$work"/bodies/in/*.prom; do
  name=$(basename "$file")
  ! takes "$file" || takes "$work/bodies/out/$name" || fail "promtool takes $name before, but not after"
done

start server "$file_server" "$work/bodies"
wait_for 20 "the files to be served" grep -q . "$work/server.log"
scrape_config() {
  echo "global: {scrape_interval: 2s, scrape_timeout: 2s}"
  echo "scrape_configs:"
  local side file
  for side in in out; do
    printf -- '- job_name: %s\n  honor_timestamps: false\n  static_configs:\n' "$side"
    for file in "$work/bodies/$side"/*; do
      file=$(basename "$file")
      printf '  - {targets: ["%s"], labels: {body: "%s", __metrics_path__: "/%s/%s"}}\n' \
        "$(<"$work/server.log")" "$file" "$side" "$file"
    done
  done
}
scrape_config >"$work/scrape.yml"

targets() { fetch "$reader/api/v1/targets?state=active" | jq -r '.data.activeTargets[] | '"$1"; }
all_scraped() { [[ $(targets .health | grep -cE '^(up|down)$') == $((2 * bodies)) ]]; }

# Series by body and name, on one side; without what the reader itself writes about each scrape.
series() { # SIDE
  fetch --get --data-urlencode "query=count by (body, __name__) ({job=\"$1\", __name__!~\"up|scrape_.*\"})" \
    "$reader/api/v1/query" | jq -r '.data.result[] | [.metric.body, .metric.__name__, .value[1]] | @tsv' | sort
}

# What was taken before is taken after; each series of before is there after, and what else is there is old_NAME for a
# NAME, as often. The findings go to $work/findings.log.
agrees() {
  local refused
  targets 'select(.health == "up") | .labels.job + " " + .labels.body' | sort >"$work/up"
  refused=$(comm -23 <(sed -n 's/^in //p' "$work/up") <(sed -n 's/^out //p' "$work/up"))
  series in >"$work/in.tsv"
  series out >"$work/out.tsv"
  awk -F '\t' -v refused="$refused" -v least="$least" '
    FNR == NR { before[$1 FS $2] = $3; next }
    { after[$1 FS $2] = 1
      name = $2
      if (before[$1 FS name] == $3) next
      if (sub(/^old_/, "", name) && before[$1 FS name] == $3) { aliases++; next }
      print "not expected: " $0; bad = 1 }
    END {
      if (refused != "") { print "taken before, but not after: " refused; bad = 1 }
      for (key in before) if (!(key in after)) { print "lost: " key; bad = 1 }
      print aliases + 0 " names of aliases"
      exit bad || aliases < least }' "$work/in.tsv" "$work/out.tsv" >"$work/findings.log"
}

# Samples can be queried only a while after the scrape, so this asks again.
judge() { # READER
  wait_for 30 "every body to be scraped by $1" all_scraped
  wait_for 30 "$1 to take bodies with aliases as it takes those without" agrees
  say "$1: $(<"$work/findings.log")"
}

start prometheus prometheus --config.file="$work/scrape.yml" --storage.tsdb.path="$work/prometheus" \
  --web.listen-address=127.0.0.1:0 --enable-feature=native-histograms
wait_for 30 "Prometheus to listen" grep -q 'msg="Listening on"' "$work/prometheus.log"
reader=http://$(sed -n 's/.*msg="Listening on" address=\([^ ]*\).*/\1/p' "$work/prometheus.log")
wait_for 30 "Prometheus to be ready" fetch "$reader/-/ready"
judge Prometheus
stop prometheus || true

if command -v victoria-metrics >/dev/null; then
  reader=http://127.0.0.1:$(free_port)
  start victoria victoria-metrics -httpListenAddr="${reader#http://}" -storageDataPath="$work/victoria" \
    -loggerLevel=FATAL -promscrape.config="$work/scrape.yml" -search.latencyOffset=0s -search.disableCache
  wait_for 30 "VictoriaMetrics to listen" fetch "$reader/health"
  judge VictoriaMetrics
  stop victoria || true
else
  say "no victoria-metrics here: it has not judged"
fi
