#!/usr/bin/env bash
# A real etcd 3.4 starts with every command line, environment and configuration that was rewritten for the time of an upgrade, and
# does with it what it did before.
source "$(dirname "$0")/lib.sh"
metrishift=$2
[[ $(etcd --version) == *"Version: 3.4."* ]] || { echo "skipped: etcd is not 3.4"; exit 77; }
cd "$work"

# The addresses of a member of its own, as flags.
addresses() { # NAME
  local client peer
  client=$(free_port) peer=$(free_port)
  echo "$client" >"$1.port"
  echo "--name=$1 --data-dir=$work/$1.etcd --listen-client-urls=http://127.0.0.1:$client" \
    "--advertise-client-urls=http://127.0.0.1:$client --listen-peer-urls=http://127.0.0.1:$peer" \
    "--initial-advertise-peer-urls=http://127.0.0.1:$peer --initial-cluster=$1=http://127.0.0.1:$peer"
}

flags=("--logger=capnslog" "--log-output=stdout" "--debug" "--debug=false" "--logger=capnslog --log-output=stderr --debug"
  "--logger capnslog --log-output stdout")
for i in "${!flags[@]}"; do
  printf 'exec etcd %s \\\n  %s\n' "$(addresses "flag$i")" "${flags[i]}" >"flag$i.sh"
done
variables=("ETCD_LOGGER=capnslog" "ETCD_LOG_OUTPUT=stdout" "ETCD_DEBUG=true" "ETCD_DEBUG=0")
for i in "${!variables[@]}"; do
  printf 'export %s\nexec etcd %s\n' "${variables[i]}" "$(addresses "variable$i")" >"variable$i.sh"
done
keys=("logger: capnslog" "log-output: [stdout]" "debug: true")
for i in "${!keys[@]}"; do
  { addresses "key$i" | tr ' ' '\n' | sed 's/^--//; s/=/: /'; echo "${keys[i]}"; } >"key$i.yml"
  echo "exec etcd --config-file=$work/key$i.yml" >"key$i.sh"
done

say "rewritten for both versions, nothing old is left"
"$metrishift" rewrite --mapping etcd-3.5 --mode union --write ./*.sh ./*.yml >rewrite.log 2>&1 || fail "something is left to a person"
! grep -En -- '-(debug|log-output)\b|capnslog|ETCD_DEBUG|ETCD_LOG_OUTPUT\b|^(debug|log-output):' ./*.sh ./*.yml || fail "not rewritten"
"$metrishift" check --mapping etcd-3.5 ./*.sh ./*.yml >/dev/null 2>&1 || fail "check still finds something"

say "etcd 3.4 starts with each"
echo "exec etcd $(addresses refused) --no-such-flag" >refused.sh # so that a refusal would be seen
names=()
for script in *.sh; do
  names+=("${script%.sh}")
  start "${script%.sh}" bash "$script"
done
for name in "${names[@]}"; do
  [[ $name == refused ]] && continue
  wait_for 30 "etcd with $(tail -n 1 "$name.sh")" fetch "http://127.0.0.1:$(cat "$name.port")/health"
  running "$name" || fail "$name has ended"
done
! running refused || fail "an unknown flag is not refused"

say "and logs what it was told to"
debugs() { grep -qE ' D [|] .*/health OK|"level":"debug".*/health OK' "$1.log"; }
for name in flag2 variable2 key2; do debugs "$name" || fail "$name does not debug"; done
for name in flag1 flag3 variable3; do ! debugs "$name" || fail "$name debugs"; done
for name in flag0 flag4 variable0 key0; do grep -q '^{"level"' "$name.log" || fail "$name does not log with zap"; done
