#!/usr/bin/env bash
# metrishift preflight asks three real members of etcd: as they should be, with one stopped, with one full, with and without TLS; and
# the snapshot command that it prints saves a snapshot.
source "$(dirname "$0")/lib.sh"
metrishift=$2
cd "$work"

# start_cluster SCHEME [FLAG...]: three members, a, b and c; sets $endpoints.
start_cluster() {
  local scheme=$1 name initial="" flags
  shift
  declare -gA client=() peer=()
  for name in a b c; do
    client[$name]=$(free_port) peer[$name]=$(free_port)
    initial+="${initial:+,}$name=http://127.0.0.1:${peer[$name]}"
  done
  endpoints="$scheme://127.0.0.1:${client[a]},$scheme://127.0.0.1:${client[b]},$scheme://127.0.0.1:${client[c]}"
  for name in a b c; do
    flags=()
    [[ $name != b ]] || flags=(--quota-backend-bytes=262144)
    start "$name" etcd --name=$name --data-dir="$work/$scheme-$name" --initial-cluster="$initial" \
      --listen-client-urls="$scheme://127.0.0.1:${client[$name]}" --advertise-client-urls="$scheme://127.0.0.1:${client[$name]}" \
      --listen-peer-urls="http://127.0.0.1:${peer[$name]}" --initial-advertise-peer-urls="http://127.0.0.1:${peer[$name]}" \
      --heartbeat-interval=20 --election-timeout=200 "${flags[@]}" "$@"
  done
}

# preflight EXIT-CODE FLAG...: its output goes to $work/out.
preflight() {
  local expected=$1 code=0
  shift
  timeout 20 "$metrishift" preflight --endpoints "$endpoints" --timeout "${patience:-3}" "$@" >out 2>err || code=$?
  [[ $code == "$expected" ]] || { cat out err; fail "exit code $code instead of $expected: $*"; }
}
goes() { "$metrishift" preflight --endpoints "$endpoints" --timeout 3 "$@" >out 2>&1; }
has() { grep -qE -- "$1" out || { cat out; fail "nothing says: $1"; }; }

say "three healthy members"
start_cluster http
wait_for 30 "go" goes
preflight 0
version=$(etcd --version | sed -n 's/^etcd Version: //p')
has '^ok    all 3 members are healthy$'
has "^ok    every member that answers runs $version\$"
has '^ok    [abc] \(http://127.0.0.1:[0-9]+\) leads$'
has '^ok    no alarm is raised$'
has 'of b .* has 0\.0 MiB of 0\.2 MiB, its quota'
has '^go$'

say "the snapshot command is one"
if command -v etcdctl >/dev/null; then
  bash -c "$(grep 'snapshot save' out)" >/dev/null 2>&1 || fail "the snapshot command does not work"
  [[ -s etcd-backup.db ]] || fail "there is no snapshot"
else
  has "snapshot save etcd-backup.db"
fi

say "rules: with a name that goes silent, and prepared"
printf 'groups:\n- name: a\n  rules:\n  - alert: x\n    expr: rate(etcd_debugging_mvcc_put_total[5m]) > 5\n' >rules.yml
preflight 1 --rules rules.yml
has '^no    the rules use deprecated etcd_debugging_mvcc_put_total in 1 place'
"$metrishift" rewrite --mapping etcd-3.5 --mode union --write rules.yml 2>/dev/null
preflight 0 --rules rules.yml

say "an endpoint too few, JSON, and watching"
endpoints=${endpoints%,*} preflight 1
has '^no    member c \(http://127.0.0.1:[0-9]+\) is none of those that answer'
preflight 0 --format json
[[ $(jq -r '[.go, (.members | length), ([.members[] | select(.leader)] | length)] | @csv' out) == true,3,1 ]] || fail "JSON: $(cat out)"
preflight 0 --watch --to "${version%.*}"
has "^all members and the cluster run ${version%.*} or later\$"
preflight 1 --watch --to 99 --interval 0.1 --deadline 0.3
preflight 2 --watch --to soon

say "one is full"
value=$(head -c 60000 /dev/zero | base64 -w 0)
# The size that etcd compares with its quota grows with each commit, every 100 ms, so that the put which is too many cannot be counted on.
fills_up() {
  local name put="{\"key\":\"$(printf 'k%s' "$RANDOM" | base64)\",\"value\":\"$value\"}"
  curl --silent --max-time 5 "http://127.0.0.1:${client[b]}/v3/kv/put" --data-binary "$put" || true
  for name in a b c; do
    curl --silent --max-time 5 "http://127.0.0.1:${client[$name]}/v3/maintenance/alarm" -d '{"action":"GET"}' | grep NOSPACE || return 1
  done
}
wait_for 30 "an alarm" fills_up
preflight 1
has '^no    alarm NOSPACE is raised for b$'
has '^no-go$'

say "one is stopped, and one that hangs"
stop c || true
preflight 1
has "^no    http://127.0.0.1:${client[c]} does not answer: "
has '^no    member c '
coproc hanging { exec python3 -c 'import socket,sys,time; s=socket.socket(); s.bind(("127.0.0.1",0)); s.listen(); print(s.getsockname()[1],flush=True); time.sleep(60)'; }
pid_of[hanging]=$hanging_PID
read -r port <&"${hanging[0]}"
before=$SECONDS
patience=0.5 endpoints=http://127.0.0.1:$port preflight 2
((SECONDS - before < 10)) || fail "it waits too long"
has 'does not answer: '
stop a || true
stop b || true

say "with TLS and client certificates"
openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -days 1 -subj /CN=ca 2>/dev/null
openssl req -newkey rsa:2048 -nodes -keyout member.key -out member.csr -subj /CN=member 2>/dev/null
openssl x509 -req -in member.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 1 -out member.crt \
  -extfile <(printf 'subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth') 2>/dev/null
start_cluster https --cert-file=member.crt --key-file=member.key --trusted-ca-file=ca.crt --client-cert-auth
tls=(--cacert ca.crt --cert member.crt --key member.key)
wait_for 30 "go" goes "${tls[@]}"
preflight 0 "${tls[@]}"
has 'etcdctl --endpoints=https://127.0.0.1:[0-9]+ --cacert=ca.crt --cert=member.crt --key=member.key snapshot save'
preflight 0 --insecure-skip-tls-verify --cert member.crt --key member.key
preflight 2 --cacert ca.crt # no certificate of ours
preflight 2 --cert member.crt --key member.key # theirs is not known
has 'does not answer: '
