#!/usr/bin/env bash
# Upstreams that want more than a URL: an etcd that takes nobody without a certificate, whose files are exchanged while the
# exporter runs; nginx behind a unix socket. Several routes by a configuration file, read again on SIGHUP.
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
certificate client ca DNS:client
certificate stranger other_ca DNS:client

say "an etcd that wants a certificate, and nginx behind a unix socket"
for _ in 1 2 3 4 5; do
  port=$(free_port) peer=$(free_port)
  start etcd etcd --data-dir="$work/etcd" --listen-client-urls="https://127.0.0.1:$port" \
    --advertise-client-urls="https://127.0.0.1:$port" --listen-peer-urls="http://127.0.0.1:$peer" \
    --initial-advertise-peer-urls="http://127.0.0.1:$peer" --initial-cluster="default=http://127.0.0.1:$peer" \
    --cert-file="$work/server.pem" --key-file="$work/server.key" --client-cert-auth --trusted-ca-file="$work/ca.pem"
  etcd=https://127.0.0.1:$port/metrics
  direct=(fetch --cacert "$work/ca.pem" --cert "$work/client.pem" --key "$work/client.key" "$etcd")
  for _ in {1..100}; do
    running etcd || break
    "${direct[@]}" >"$work/direct.prom" 2>/dev/null && break 2
    sleep 0.1
  done
  rm -rf "$work/etcd"
done
[[ -s $work/direct.prom ]] || fail "etcd does not start"

mkdir "$work/html"
printf 'etcd_mvcc_put_total 7\n' >"$work/html/metrics"
start_nginx nginx <<'SERVER'
    location = /metrics { if ($http_authorization != "Bearer open sesame") { return 401; } }
    location = /moved { return 302 http://$host/metrics; }
SERVER

# page_has URL LINE: without a pipe, whose reader may be gone before its writer is done
page_has() { fetch "$1" >"$work/page" && grep -qx "$2" "$work/page"; }
status() { curl --silent --output "$work/answer" --write-out '%{http_code}' "$@"; }

say "without its certificate etcd is not read, with a stranger's neither, and with the right one it is, without a restart"
cp "$work/stranger.pem" "$work/current.pem"
cp "$work/stranger.key" "$work/current.key"
start_exporter flags "$etcd" etcd-3.5 --upstream.tls-ca-file="$work/ca.pem" \
  --upstream.tls-cert-file="$work/current.pem" --upstream.tls-key-file="$work/current.key"
[[ $(status "$url/metrics") == 502 ]] || fail "a stranger's certificate is good for $(cat "$work/answer")"
grep -q 'it may want another certificate' "$work/answer" || fail "nobody can tell what is wrong: $(cat "$work/answer")"
cp "$work/client.pem" "$work/current.pem"
cp "$work/client.key" "$work/current.key"
[[ $(status "$url/metrics") == 200 ]] || fail "the new certificate is not taken: $(cat "$work/answer")"
grep -q '^etcd_debugging_mvcc_put_total ' "$work/answer" || fail "no old name"
stop flags || fail "the exporter ended with code $?"
start_exporter nobody "$etcd" etcd-3.5 --upstream.tls-cert-file="$work/client.pem" --upstream.tls-key-file="$work/client.key"
[[ $(status "$url/metrics") == 502 ]] || fail "an authority that nobody knows vouches for etcd"
stop nobody || fail "the exporter ended with code $?"

say "two routes by a configuration file"
printf 'open sesame\n' >"$work/token"
cat >"$work/config.yml" <<CONFIG
routes:
  - path: /metrics/etcd
    upstream: $etcd
    mapping: [etcd-3.5]
    tls_config: {ca_file: ca.pem, cert_file: client.pem, key_file: client.key}
  - path: /metrics/nginx
    upstream: http://localhost/metrics
    unix_socket: nginx.sock
    bearer_token_file: token
    mapping: [etcd-3.5]
CONFIG
"$exporter_binary" --config.file="$work/config.yml" --config.check >"$work/check.log" 2>&1 || fail "--config.check: code $?"
printf 'http_server_config: {http2: false}' >"$work/web.yml"
run_exporter exporter --config.file="$work/config.yml" --web.config.file="$work/web.yml" --web.enable-lifecycle
[[ $(status "$url/metrics/etcd") == 200 ]] || fail "etcd: $(cat "$work/answer")"
page_has "$url/metrics/nginx" 'etcd_debugging_mvcc_put_total 7' || fail "nginx behind its socket"
printf 'wrong' >"$work/token"
[[ $(status "$url/metrics/nginx") == 401 ]] || fail "nginx takes a wrong token"
printf 'open sesame' >"$work/token"

say "an upstream at a path that is killed, leaves its socket behind, has none, and comes back"
kill -KILL "${pid_of[nginx]}"
wait_for 10 "nginx to be gone" bash -c "! kill -0 ${pid_of[nginx]} 2>/dev/null"
[[ -S $work/nginx.sock && $(status "$url/metrics/nginx") == 502 ]] || fail "a socket that nobody listens on: $(cat "$work/answer")"
rm "$work/nginx.sock"
[[ $(status "$url/metrics/nginx") == 502 ]] || fail "a socket that is not there: $(cat "$work/answer")"
run_nginx nginx
[[ $(status "$url/metrics/nginx") == 200 ]] || fail "the upstream is back, and yet: $(cat "$work/answer")"
grep -qF "http://localhost/metrics at $work/nginx.sock could not be read" "$work/exporter.log" || fail "the log does not say which socket"
[[ $(grep -c 'could not be read' "$work/exporter.log") == 1 ]] || fail "not one line in the log for one problem"

say "a bad file changes nothing; a good one does, on SIGHUP and on request"
cp "$work/config.yml" "$work/good.yml"
echo "  - path: nonsense" >>"$work/config.yml"
code=0
"$exporter_binary" --config.file="$work/config.yml" --config.check >"$work/check.log" 2>&1 || code=$?
[[ $code == 2 ]] || fail "--config.check takes a bad file: code $code"
kill -HUP "${pid_of[exporter]}"
wait_for 10 "the failed reload" grep -q 'the old one stays' "$work/exporter.log"
! grep -F '\u000a' "$work/exporter.log" || fail "the log has what is for a terminal"
[[ $(status "$url/metrics/etcd") == 200 ]] || fail "the old configuration is gone"
page_has "$url/-/metrics" 'metrishift_exporter_config_last_reload_successful 0' || fail "the metric says nothing"
[[ $(status -X POST "$url/-/reload") == 500 ]] || fail "reloading a bad file is a success"
grep -q 'config.yml:11:' "$work/answer" || fail "the answer does not say where: $(cat "$work/answer")"
! grep -q nonsense "$work/answer" || fail "the answer has what stands in the file, which may be a password"
sed 's,path: /metrics/nginx,path: /metrics/moved,; s,localhost/metrics,localhost/moved,; s,bearer_token_file,follow_redirects: true\n    bearer_token_file,' \
  "$work/good.yml" >"$work/config.yml"
kill -HUP "${pid_of[exporter]}"
wait_for 10 "the reload" grep -q 'The configuration was read again' "$work/exporter.log"
[[ $(status "$url/metrics/nginx") == 404 ]] || fail "the old route is still there"
page_has "$url/metrics/moved" 'etcd_debugging_mvcc_put_total 7' || fail "a redirect is not followed"
cp "$work/good.yml" "$work/config.yml"
[[ $(status -X POST "$url/-/reload") == 200 ]] || fail "reload: $(cat "$work/answer")"
[[ $(status "$url/metrics/nginx") == 200 ]] || fail "the route is not back"

say "neither file stands in the way of the other, and the metric is about both"
is_good() { page_has "$url/-/metrics" "metrishift_exporter_config_last_reload_successful $1"; }
printf 'nonsense' >"$work/web.yml"
[[ $(status -X POST "$url/-/reload") == 500 ]] || fail "a bad web configuration is read again with success"
: >"$work/exporter.log"
sed 's,path: /metrics/nginx,path: /metrics/moved,' "$work/good.yml" >"$work/config.yml"
kill -HUP "${pid_of[exporter]}"
wait_for 10 "the reload" grep -q 'The configuration was read again' "$work/exporter.log"
grep -q 'The web configuration cannot be used' "$work/exporter.log" || fail "who has asked for a reload is not told what is wrong"
[[ $(status "$url/metrics/moved") == 200 ]] || fail "a bad web configuration keeps routes from being read"
is_good 0 || fail "the metric knows nothing of the web configuration"
printf 'nonsense' >"$work/config.yml"
[[ $(status -X POST "$url/-/reload") == 500 ]] || fail "bad files are read again with success"
printf 'http_server_config: {headers: {X-XSS-Protection: "1"}}' >"$work/web.yml"
[[ $(status -D "$work/head" "$url/-/healthy") == 200 ]] && grep -q '^X-XSS-Protection: 1' "$work/head" || fail "the web configuration is not read again"
is_good 0 || fail "a good web configuration hides that the routes' is bad"
cp "$work/good.yml" "$work/config.yml"
[[ $(status -X POST "$url/-/reload") == 200 ]] || fail "reload: $(cat "$work/answer")"
is_good 1 || fail "all is good, and yet"
[[ $(status "$url/metrics/nginx") == 200 ]] || fail "the route is not back"

say "what it says of itself"
added= promtool_accepts <(fetch "$url/-/metrics")
[[ ! -s $work/promtool.log ]] || fail "promtool has advice: $(cat "$work/promtool.log")"
fetch "$url/api/v1/status" | jq -e '.data.routes | length == 2 and .[1].added[0].name == "etcd_debugging_mvcc_put_total"' \
  >/dev/null || fail "the status: $(fetch "$url/api/v1/status")"
fetch "$url/" "$url/api/v1/status" "$url/-/metrics" >"$work/page"
! grep -q sesame "$work/page" || fail "a secret shows"
! grep -q sesame "$work/exporter.log" || fail "a secret is in the log"
stop exporter || fail "the exporter ended with code $?"

say "of a product's tables only those between two versions, by flags and by a file"
printf '%s 1\n' node_boot_time_seconds node_memory_wired_bytes node_cpu_scaling_frequency_min_hertz >"$work/html/node"
# Versions, and the old names that their tables have for this body: mappings/node-exporter-*.yaml.
ranges=(
  "0.15 0.16 node_boot_time"
  "0.16 0.17 node_memory_wired_bytes_total"
  "0.17 0.18"  # gave the frequency another name than this body has, which 1.0 gave up
  "0.17 1.0 node_cpu_frequency_min_hertz node_cpu_scaling_frequency_min_hrts"
  "0.18 1.0 node_cpu_scaling_frequency_min_hrts"
  "0.16 1.0 node_memory_wired_bytes_total node_cpu_frequency_min_hertz node_cpu_scaling_frequency_min_hrts"
  "1.0 1.6"
)
for range in "${ranges[@]}"; do
  read -r from to _ <<<"$range"
  cat <<ROUTE
- {path: /$from-$to, upstream: "http://localhost/node", unix_socket: nginx.sock, mapping: [node-exporter], from: "$from", to: "$to"}
ROUTE
done | sed '1i routes:' >"$work/ranges.yml"
added_are() { # URL NAME...
  fetch "$1" >"$work/page"
  shift
  diff <(tail -n +4 "$work/page" | sed -n 's/^\([^# ]*\) .*/\1/p' | sort) <(printf '%s\n' "$@" | sed '/^$/d' | sort)
}
run_exporter ranges --config.file="$work/ranges.yml"
routes=$url
for range in "${ranges[@]}"; do
  read -r from to names <<<"$range"
  added_are "$routes/$from-$to" $names || fail "from $from to $to, by a file"
  start_exporter "flags_$from" http://localhost/node node-exporter --upstream.unix-socket="$work/nginx.sock" --from="$from" --to="$to"
  added_are "$url/metrics" $names || fail "from $from to $to, by flags"
  stop "flags_$from" || fail "the exporter ended with code $?"
done
stop ranges || fail "the exporter ended with code $?"
