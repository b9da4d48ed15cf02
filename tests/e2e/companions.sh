#!/usr/bin/env bash
# What `metrishift generate` makes is accepted by the tools it is for, and does what it says: promtool checks it, the
# unit tests fail on wrong rules, and a real Prometheus has the old series from a target that exposes only the new ones.
# Third argument: metrishift.
source "$(dirname "$0")/lib.sh"
metrishift=$3
here=$repository/tests/e2e/companions
cases=$repository/tests/cases

# generate TABLE FOLDER [OPTION...]: all that Prometheus can use.
generate() {
  local table=$1 folder=$2
  shift 2
  mkdir -p "$folder"
  "$metrishift" generate recording-rules --mapping "$table" "$@" -o "$folder/rules.yml" 2>>"$work/generate.log"
  "$metrishift" generate relabel-config --mapping "$table" "$@" -o "$folder/relabel.yml" 2>>"$work/generate.log"
  "$metrishift" generate promtool-test --mapping "$table" "$@" --rules rules.yml -o "$folder/test.yml" 2>>"$work/generate.log"
}

say "promtool accepts all of every table, and the rules pass their tests"
tables=$(basename -s .yaml "$repository"/mappings/*.yaml)
for table in $tables "$cases"/generate-*/in/*.yaml; do
  name=$(basename "$table" .yaml)
  generate "$table" "$work/$name"
  promtool check rules "$work/$name/rules.yml" >"$work/promtool.log" 2>&1 || fail "promtool refuses the rules of $name"
  promtool check config "$work/$name/relabel.yml" >"$work/promtool.log" 2>&1 || fail "promtool refuses the config of $name"
  promtool test rules "$work/$name/test.yml" >"$work/promtool.log" 2>&1 || fail "the rules of $name fail their tests"
done
rm "$work/promtool.log"

# wrong WHAT: the rules in $work/wrong/rules.yml must fail the tests.
wrong() {
  cmp --silent "$work/kinds/rules.yml" "$work/wrong/rules.yml" && fail "$1: this mistake changes nothing"
  ! promtool test rules "$work/wrong/test.yml" >/dev/null 2>&1 || fail "$1: the tests pass with this mistake"
}

say "the tests fail on wrong rules"
mkdir "$work/wrong"
cp "$work/kinds/test.yml" "$work/wrong/"
for rule in $(sed -n 's/^ *- record: //p' "$work/kinds/rules.yml"); do
  sed "/- record: $rule\$/,+1d" "$work/kinds/rules.yml" >"$work/wrong/rules.yml"
  wrong "no rule for $rule"
  sed -E "/- record: $rule\$/{n; s/expr: (.*)/expr: (\1) * 2/}" "$work/kinds/rules.yml" >"$work/wrong/rules.yml"
  wrong "twice the value for $rule"
  sed -E "/- record: $rule\$/{n; s/expr: (.*)/expr: label_replace(\1, \"more\", \"x\", \"\", \"\")/}" \
    "$work/kinds/rules.yml" >"$work/wrong/rules.yml"
  wrong "a label too many for $rule"
done
while read -r mistake; do
  sed "$mistake" "$work/kinds/rules.yml" >"$work/wrong/rules.yml"
  promtool check rules "$work/wrong/rules.yml" >/dev/null 2>&1 || fail "$mistake: found without tests"
  wrong "$mistake"
done <<'MISTAKES'
s/resource="cpu",//
s/,unit="core"//
s/sum without (resource, unit)/sum without (resource)/
s/resource="memory",unit="byte"/resource="cpu",unit="core"/
s/"pod_name", "$1", "pod"/"pod_name", "$1", "container"/
s/sum without (pod, container)/sum without (pod)/
s/"cpu$1"/"$1"/
s/"get_attr"/"get-attr"/
s/"Null")/"NULL")/
s/ + 32//
s/sum without (reason)/max without (reason)/
s/max by (job)/min by (job)/
s/max by (job)/max by (job, instance)/
s/time() - //
s/mode="user"/mode=~".+"/
s/"mode", "guest"/"mode", "user"/
s/"state", "free"/"state", ""/
MISTAKES

# serve NAME FILE: sets $url. An exporter whose table finds nothing serves a file as it is.
serve() { start_exporter "$1" "file:$2" "$unrelated"; }

# job NAME URL [RELABEL-CONFIG]: a scrape job, with the steps that a generated configuration marks.
job() {
  printf '  - job_name: %s\n    static_configs: [{targets: ["%s"], labels: {instance: i}}]\n' "$1" "${2#http://}"
  [[ $# -lt 3 ]] || { echo "    metric_relabel_configs:"; sed -n '/# >>> copy/,/# <<< to here/p' "$3"; }
}

say "a real Prometheus: the old target, the new one with rules, and the new one relabelled"
serve old "$here/old.prom"
old=$url
serve new "$here/new.prom"
{
  printf 'global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}\nrule_files: ["%s"]\nscrape_configs:\n' \
    "$work/kinds/rules.yml"
  job old "$old"
  job rules "$url"
  job relabel-kinds "$url" "$work/kinds/relabel.yml"
  job relabel-swap "$url" "$work/swap/relabel.yml"
  job relabel-patterns "$url" "$work/patterns/relabel.yml"
} >"$work/prometheus.yml"
promtool check config "$work/prometheus.yml" >"$work/promtool.log" 2>&1 || fail "promtool refuses the configuration"
start prometheus prometheus --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/prometheus" \
  --web.listen-address=127.0.0.1:0
wait_for 30 "Prometheus to listen" grep -q 'msg="Listening on"' "$work/prometheus.log"
prometheus=http://$(sed -n 's/.*msg="Listening on" address=\([^ ]*\).*/\1/p' "$work/prometheus.log")

# series NAME JOB: its series and their values, one a line.
series() {
  fetch --get --data-urlencode "query={__name__=\"$1\",job=\"$2\"}" "$prometheus/api/v1/query" |
    jq --compact-output --sort-keys '.data.result[] | [(.metric | del(.job)), .value[1]]' | sort
}

# same NAME JOB: the job has the old series of that name, all of them and no others.
same() {
  [[ -n $(series "$1" old) ]] || return 1
  diff <(series "$1" old) <(series "$1" "$2") >"$work/difference.log"
}

wait_for 20 "five targets" query_gives 'sum(up)' 5
for name in $(sed -n 's/^ *- record: //p' "$work/kinds/rules.yml"); do
  case $name in
    uptime_seconds) continue ;;  # changes while it is looked at
    nodes) continue ;;           # by (job): without the instance
  esac
  wait_for 20 "the rule of $name to give the old series" same "$name" rules
done

# relabelled TABLE NAME...: these names are back, their new ones are gone.
relabelled() {
  local job=relabel-$1 name
  shift
  for name in "$@"; do wait_for 20 "$name to be back by relabelling" same "$name" "$job"; done
  rm -f "$work/difference.log"
}
relabelled kinds plain_total family_seconds_{bucket,sum,count} quantiles_seconds{,_sum,_count} requests_cpu_cores \
  requests_memory_bytes usage crossed kept frequency calls_total turned size_bytes_{sum,count} \
  latency_milliseconds_count worker_microseconds_count cpu meant_total unrelated
relabelled swap disks_active disks left right unrelated
relabelled patterns wmi_cpu_time wmi_special wmi_kept windows_kept web_turned web_queue_depth web_queue_latency{,_sum,_count} unrelated
[[ $(series windows_seconds relabel-patterns) == *'"40"'* ]] || fail "a pattern renamed what another entry is for"
[[ $(series queue_depth relabel-patterns) == *no-name* && -n $(series turned_9lives relabel-patterns) ]] || fail "what is no name became one"
query_gives 'count({job="relabel-kinds",__name__=~"renamed_(total|seconds.*|quantiles.*)|usage_of_pod|crossed_anew|turned_anew"})' "" ||
  fail "a new name is still there after relabelling"
[[ $(series requests relabel-kinds) == *'"resource":"pods"'* ]] || fail "relabelling took what it is not for"
query_gives 'count({job=~"relabel-.*",__name__=~".+"}) - count({job=~"relabel-.*",__tmp_metrishift_old_name="",__tmp_metrishift_label_a="",__name__=~".+"})' 0 ||
  fail "relabelling left labels of its own"
expect_clean_prometheus
stop prometheus || true
stop old || fail "the exporter ended with code $?"
stop new || fail "the exporter ended with code $?"
