#!/usr/bin/env bash
# HTTPS with certificates, users and headers (--web.config.file), against the civetweb that is packaged: curl, openssl and
# Prometheus judge. What of it needs no other program is in tests/exporter/http/tls_test.cc.
source "$(dirname "$0")/lib.sh"

certificate() { # NAME CA SUBJECT_ALT_NAME: $work/NAME.pem and .key, signed by $work/CA
  openssl req -newkey rsa:2048 -nodes -keyout "$work/$1.key" -out "$work/$1.csr" -subj "/CN=$1" 2>/dev/null
  openssl x509 -req -in "$work/$1.csr" -CA "$work/$2.pem" -CAkey "$work/$2.key" -CAcreateserial -days 2 \
    -extfile <(echo "subjectAltName=$3") -out "$work/$1.pem" 2>/dev/null
}
authority() { openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=$1" -keyout "$work/$1.key" -out "$work/$1.pem" 2>/dev/null; }

say "certificates"
authority ca
authority other_ca
certificate server ca IP:127.0.0.1
certificate next other_ca IP:127.0.0.1
certificate client ca DNS:client
certificate stranger other_ca DNS:client
printf 'etcd_mvcc_put_total 7\n' >"$work/body.prom"

# start_https NAME [FLAG...]: with $work/web.yml; sets $url.
start_https() {
  local name=$1
  shift
  start_exporter "$name" "file:$work/body.prom" etcd-3.5 --web.config.file="$work/web.yml" "$@"
  url=${url/http:/https:}
}
status() { curl --silent --output "$work/answer" --write-out '%{http_code}' --cacert "$work/ca.pem" "$@" || true; }
handshake() { openssl s_client -connect "${url#https://}" -CAfile "$work/ca.pem" "$@" </dev/null >"$work/handshake" 2>&1; }

say "what is wrong with a web configuration is said with its place, and nothing starts"
printf 'tls_server_config:\n  cert_file: server.pem\n  key_file: client.key\n' >"$work/web.yml"
code=0
"$exporter_binary" --config.check --web.config.file "$work/web.yml" >"$work/check.log" 2>&1 || code=$?
[[ $code == 2 ]] || fail "--config.check takes a key of another certificate: code $code"
grep -q "^$work/web.yml:3:13: error: key cannot be used" "$work/check.log" || fail "the place is not said"
code=0
"$exporter_binary" --upstream="file:$work/body.prom" --mapping=etcd-3.5 --web.config.file "$work/web.yml" \
  --web.listen-address=127.0.0.1:0 >"$work/check.log" 2>&1 || code=$?
[[ $code == 2 ]] || fail "it starts all the same: code $code"

say "TLS 1.2 and 1.3 are spoken, older versions are not, and a floor is kept"
printf 'tls_server_config: {cert_file: server.pem, key_file: server.key}\n' >"$work/web.yml"
"$exporter_binary" --config.check --web.config.file "$work/web.yml" || fail "--config.check"
start_https tls
[[ $(status "$url/metrics") == 200 ]] || fail "no scrape over HTTPS"
grep -qx 'etcd_debugging_mvcc_put_total 7' "$work/answer" || fail "no old name"
[[ $(status --cacert "$work/other_ca.pem" "$url/metrics") == 000 ]] || fail "any authority vouches for it"
handshake -tls1_3 -verify_return_error || fail "TLS 1.3"
grep -q 'Verify return code: 0' "$work/handshake" || fail "the chain is not right"
handshake -tls1_2 || fail "TLS 1.2"
! handshake -tls1_1 -cipher 'DEFAULT@SECLEVEL=0' || fail "TLS 1.1 is spoken"
[[ $(curl --silent --output /dev/null --write-out '%{http_code}' "${url/https/http}/metrics") == 000 ]] ||
  fail "plain HTTP is served on the port of HTTPS"

say "certificates are exchanged while it runs"
cp "$work/next.pem" "$work/server.pem.new" && mv "$work/server.pem.new" "$work/server.pem"
[[ $(status "$url/metrics") == 200 ]] || fail "the old pair does not serve until the new key is there"
cp "$work/next.key" "$work/server.key.new" && mv "$work/server.key.new" "$work/server.key"
[[ $(status --cacert "$work/other_ca.pem" "$url/metrics") == 200 ]] || fail "the new certificate is not taken"
stop tls || fail "the exporter ended with code $?"
certificate server ca IP:127.0.0.1

say "min_version"
printf 'tls_server_config: {cert_file: server.pem, key_file: server.key, min_version: TLS13}\n' >"$work/web.yml"
start_https floor
! handshake -tls1_2 || fail "TLS 1.2 is spoken below min_version"
handshake -tls1_3 || fail "TLS 1.3"
stop floor || fail "the exporter ended with code $?"

say "client certificates, users, headers"
# Hashes from Prometheus' guide to basic authentication (test) and Openwall's crypt_blowfish (U*U).
cat >"$work/web.yml" <<'CONFIG'
tls_server_config:
  cert_file: server.pem
  key_file: server.key
  client_ca_file: ca.pem
  client_auth_type: RequireAndVerifyClientCert
http_server_config:
  headers: {Strict-Transport-Security: max-age=31536000, X-Frame-Options: deny}
basic_auth_users:
  prometheus: $2b$12$hNf2lSsxfm0.i4a.1kVpSOVyBCfIB51VRjgBUyv6kdnyTlgWj81Ay
  openwall: $2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW
CONFIG
start_https full --web.max-requests=64
client=(--cert "$work/client.pem" --key "$work/client.key")
[[ $(status -u prometheus:test "$url/metrics") == 000 ]] || fail "served without a certificate"
[[ $(status -u prometheus:test --cert "$work/stranger.pem" --key "$work/stranger.key" "$url/metrics") == 000 ]] ||
  fail "served with a stranger's certificate"
[[ $(status "${client[@]}" -D "$work/head" "$url/metrics") == 401 ]] || fail "served without a password"
grep -qi '^WWW-Authenticate: Basic realm=' "$work/head" || fail "401 does not say what is wanted"
[[ $(status "${client[@]}" -u prometheus:wrong "$url/metrics") == 401 ]] || fail "a wrong password"
[[ $(status "${client[@]}" -u nobody:test "$url/metrics") == 401 ]] || fail "an unknown user"
[[ $(status "${client[@]}" -u openwall:U\*U "$url/-/healthy") == 200 ]] || fail "the second user"
[[ $(status "${client[@]}" -u prometheus:test -D "$work/head" "$url/metrics") == 200 ]] || fail "all is right, and yet"
grep -qi '^X-Frame-Options: deny' "$work/head" || fail "no header"
grep -qi '^Strict-Transport-Security: max-age=31536000' "$work/head" || fail "no header"

say "fifty scrapes at once"
pids=()
for i in {1..50}; do
  fetch --cacert "$work/ca.pem" "${client[@]}" -u prometheus:test -o "$work/many.$i" "$url/metrics" &
  pids+=($!)
done
for pid in "${pids[@]}"; do wait "$pid" || fail "a scrape of fifty failed"; done
for i in {1..50}; do
  grep -qx 'etcd_debugging_mvcc_put_total 7' "$work/many.$i" || fail "a body is not whole"
done

say "sockets that systemd opens, with TLS: of IPv4, IPv6, and a path"
printf 'tls_server_config: {cert_file: server.pem, key_file: server.key}\n' >"$work/activated.yml"
activated() { # SOCKET: the exporter is started by the first connection to it
  exec systemd-socket-activate "${@/#/--listen=}" "$exporter_binary" --web.systemd-socket --upstream="file:$work/body.prom" \
    --mapping=etcd-3.5 --web.config.file="$work/activated.yml"
}
port=$(free_port)
sockets=("127.0.0.1:$port" "$work/web.sock")
ways=("https://127.0.0.1:$port/metrics" "--unix-socket $work/web.sock https://127.0.0.1/metrics")
if [[ -s /proc/net/if_inet6 ]]; then
  sockets+=("[::1]:$port") ways+=("--connect-to 127.0.0.1:$port:[::1]:$port https://127.0.0.1:$port/metrics")
fi
start activated activated "${sockets[@]}"
wait_for 10 "systemd to listen" test -S "$work/web.sock"
for way in "${ways[@]}"; do
  read -ra words <<<"$way"
  [[ $(status "${words[@]}") == 200 ]] || fail "no scrape by $way"
  grep -qx 'etcd_debugging_mvcc_put_total 7' "$work/answer" || fail "no old name by $way"
done
for socket in "${sockets[@]}"; do
  grep -qF "address=$socket " "$work/activated.log" || fail "the log does not name $socket"
done
stop activated || fail "the exporter ended with code $?"
code=0
"$exporter_binary" --web.systemd-socket --upstream="file:$work/body.prom" --mapping=etcd-3.5 >"$work/check.log" 2>&1 || code=$?
[[ $code == 2 ]] && grep -q 'systemd has handed over no sockets' "$work/check.log" || fail "without sockets: code $code"

say "with hardly a descriptor, clients that send nothing cannot take them all for good"
stop full || fail "the exporter ended with code $?"
printf 'tls_server_config: {cert_file: server.pem, key_file: server.key}\n' >"$work/scarce.yml"
limited() { ulimit -n 48 && exec "$exporter_binary" "$@"; }
port=$(free_port)
start scarce limited --upstream="file:$work/body.prom" --mapping=etcd-3.5 --web.config.file="$work/scarce.yml" \
  --web.listen-address="127.0.0.1:$port"
wait_for 20 "the exporter to listen" grep -q 'msg="Listening."' "$work/scarce.log"
silent=()
for i in {1..60}; do exec {fd}<>"/dev/tcp/127.0.0.1/$port" && silent+=("$fd"); done
wait_for 30 "a scrape" fetch --cacert "$work/ca.pem" --output "$work/answer" "https://127.0.0.1:$port/metrics"
grep -qx 'etcd_debugging_mvcc_put_total 7' "$work/answer" || fail "the body is not whole"
for fd in "${silent[@]}"; do exec {fd}>&-; done
stop scarce || fail "the exporter ended with code $?"
start_https full --web.max-requests=64

say "Prometheus scrapes it"
cat >"$work/prometheus.yml" <<CONFIG
global: {scrape_interval: 1s, scrape_timeout: 1s}
scrape_configs:
  - job_name: target
    scheme: https
    tls_config: {ca_file: $work/ca.pem, cert_file: $work/client.pem, key_file: $work/client.key}
    basic_auth: {username: prometheus, password: test}
    static_configs: [{targets: ["${url#https://}"]}]
CONFIG
run_prometheus
wait_for 30 "Prometheus to scrape" query_gives 'up' 1
wait_for 30 "the old name" query_gives 'etcd_debugging_mvcc_put_total' 7
expect_clean_prometheus
stop full || fail "the exporter ended with code $?"
! grep -E 'U\*U|\$2[ab]\$' "$work"/*.log || fail "a secret is in a log"
