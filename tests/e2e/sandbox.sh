#!/usr/bin/env bash
# What deploy/ runs it in: as nobody, with no capability and no way to one, where nothing can be written; and with the system
# calls that the unit allows.
source "$(dirname "$0")/lib.sh"
[[ $EUID == 0 ]] && unshare --mount true 2>/dev/null || { echo "no mount namespaces here"; exit 77; }

say "files, and TLS"
chmod 755 "$work"
cp "$exporter_binary" "$work/metrishift-exporter"
printf 'etcd_mvcc_put_total 7\n' >"$work/body.prom"
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 \
  -keyout "$work/server.key" -out "$work/server.pem" 2>/dev/null
chmod 644 "$work/server.key"
printf 'tls_server_config: {cert_file: server.pem, key_file: server.key}\n' >"$work/web.yml"
start_exporter source "file:$work/body.prom" "$unrelated"
cat >"$work/config.yml" <<CONFIG
routes: [{path: /metrics, upstream: "$url/metrics", mapping: [etcd-3.5]}]
CONFIG
flags=(--config.file="$work/config.yml" --web.config.file="$work/web.yml")

# serves NAME: it scrapes, takes another configuration on SIGHUP, and ends well.
serves() {
  url=https${url#http}
  fetch --cacert "$work/server.pem" "$url/metrics" >"$work/page"
  fetch --cacert "$work/server.pem" --compressed "$url/metrics" | cmp - "$work/page" || fail "$1: in gzip"
  grep -qx 'etcd_debugging_mvcc_put_total 7' "$work/page" || fail "$1: no old name"
  kill -HUP "$2"
  wait_for 10 "the reload" grep -q 'The configuration was read again' "$work/$1.log"
  fetch --cacert "$work/server.pem" "$url/" "$url/-/metrics" "$url/api/v1/status" >"$work/page"
}

say "as nobody on a root that is read-only"
cat >"$work/sandbox" <<'SANDBOX'
cut -d' ' -f5 /proc/self/mountinfo | while read -r place; do mount -o remount,bind,ro "$place" 2>/dev/null; done
exec setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all "$@"
SANDBOX
sandboxed() { unshare --mount --propagation=private bash "$work/sandbox" "$@"; }
! sandboxed touch "$work/file" 2>/dev/null || fail "the sandbox lets nobody write"
! sandboxed touch /tmp/file /dev/shm/file /run/file 2>/dev/null || fail "the sandbox lets nobody write"
exporter_binary=$work/sandboxed
printf '#!/bin/bash\nexec unshare --mount --propagation=private bash %q %q "$@"\n' "$work/sandbox" "$work/metrishift-exporter" \
  >"$exporter_binary"
chmod 755 "$exporter_binary"
run_exporter exporter "${flags[@]}"
status=/proc/${pid_of[exporter]}/status
grep -qE '^Uid:\s+65534\s+65534\s+65534\s+65534$' "$status" && grep -qE '^CapBnd:\s+0+$' "$status" &&
  grep -qE '^NoNewPrivs:\s+1$' "$status" || fail "it is not what it should be: $(cat "$status")"
serves exporter "${pid_of[exporter]}"
stop exporter || fail "the exporter ended with code $?"

# The sanitizers have calls of their own.
grep -qE -m1 '__(asan|tsan)_init' "$work/metrishift-exporter" && exit 0

say "with the system calls of the unit"
exporter_binary=$work/traced
printf '#!/bin/bash\nexec strace -D -f -qq -o %q %q "$@"\n' "$work/calls" "$work/metrishift-exporter" >"$exporter_binary"
chmod 755 "$exporter_binary"
run_exporter traced "${flags[@]}"
serves traced "${pid_of[traced]}"
stop traced || fail "the exporter ended with code $?"
sed -nE 's/^[0-9]+ +([a-z_0-9]+)\(.*/\1/p' "$work/calls" | sort -u >"$work/used"
grep -qx accept4 "$work/used" || fail "nothing was traced"
# What the last filter of the unit says of each: a set, or "~" and sets that are not allowed.
unit=$repository/deploy/systemd/metrishift-exporter.service
# members SET...: with those of the sets in them.
members() {
  systemd-analyze syscall-filter | awk -v wanted="$*" '
    function add(set,   i, list, n) { n = split(items[set], list, " "); for (i = 1; i <= n; i++) if (list[i] ~ /^@/) add(list[i]); else print list[i] }
    /^[^ ]*@/ { sub(/^[^@]*/, ""); set = $1; next }
    /^ +[^# ]/ { items[set] = items[set] " " $1 }
    END { n = split(wanted, sets, " "); for (i = 1; i <= n; i++) add(sets[i]) }' | sort -u
}
members $(sed -n 's/^SystemCallFilter=\(@.*\)/\1/p' "$unit") >"$work/allowed"
members $(sed -n 's/^SystemCallFilter=~\(@.*\)/\1/p' "$unit") >"$work/denied"
[[ $(wc -l <"$work/allowed") -gt 100 && $(wc -l <"$work/denied") -gt 30 ]] || fail "the sets are not understood"
comm -23 "$work/used" <(comm -23 "$work/allowed" "$work/denied") >"$work/beyond"
[[ ! -s $work/beyond ]] || fail "the unit forbids $(tr '\n' ' ' <"$work/beyond")"
