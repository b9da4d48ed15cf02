#!/usr/bin/env bash
# nginx as an upstream that goes wrong in its own ways, and what Prometheus stores of that: "up" is 0, and not one sample of a
# body that was not whole. A good body beside them shows that the others could have come through.
source "$(dirname "$0")/lib.sh"

say "an nginx with eight faults"
mkdir "$work/html"
for ((i = 0; i < 20000; i++)); do echo "etcd_mvcc_put_total{instance_id=\"$i\"} $i"; done >"$work/html/good"
cp "$work/html/good" "$work/html/shrunk"
: >"$work/html/empty"
gzip -c "$work/html/good" >"$work/whole.gz"
head -c "$(($(stat -c %s "$work/whole.gz") * 2 / 3))" "$work/whole.gz" >"$work/html/cut.gz"
{ head -c -8 "$work/whole.gz"; printf '12345678'; } >"$work/html/damaged.gz"
head -c 100M /dev/zero | tr '\0' '\n' | gzip -9 >"$work/html/bomb.gz"
cat >"$work/nginx.conf" <<CONFIG
daemon off;
user root;  # whoever runs this; a warning for others
pid $work/nginx.pid;
error_log $work/nginx.error.log;
events {}
http {
  access_log off;
  types {}
  default_type "text/plain; version=0.0.4";
  # It goes on believing the sizes that it has seen first.
  open_file_cache max=100 inactive=1h;
  open_file_cache_valid 1h;
  client_body_temp_path $work/nginx_body;
  proxy_temp_path $work/nginx_proxy;
  fastcgi_temp_path $work/nginx_fastcgi;
  uwsgi_temp_path $work/nginx_uwsgi;
  scgi_temp_path $work/nginx_scgi;
  server {
    listen unix:$work/nginx.sock;
    root $work/html;
    location ~ gz\$ { add_header Content-Encoding gzip; }
    location = /slow { alias $work/html/good; limit_rate 10k; }
    location = /error { return 500 "etcd_mvcc_put_total 1\n"; }
    location = /moved { return 302 http://\$host/good; }
  }
}
CONFIG
start nginx nginx -c "$work/nginx.conf"
wait_for 20 "nginx's socket" test -S "$work/nginx.sock"
fetch --unix-socket "$work/nginx.sock" http://localhost/shrunk | cmp - "$work/html/good" || fail "nginx is not as it should be"
truncate -s 100000 "$work/html/shrunk"

# What is wrong, and the status of the answer; a body with status 200 is cut.
declare -A status_of=([slow]=200 [shrunk]=200 [cut.gz]=200 [damaged.gz]=200 [bomb.gz]=502 [empty]=502 [error]=500 [moved]=502)
{
  echo "routes:"
  for name in good "${!status_of[@]}"; do
    printf -- '- path: /%s\n  upstream: http://localhost/%s\n  unix_socket: nginx.sock\n  mapping: [etcd-3.5]\n' "$name" "$name"
  done
} >"$work/config.yml"
start exporter "$exporter_binary" --config.file="$work/config.yml" --web.listen-address=127.0.0.1:0
wait_for 20 "the exporter to listen" grep -q 'msg="Listening."' "$work/exporter.log"
url=http://$(sed -n 's/.*msg="Listening." address=\([^ ]*\) .*/\1/p' "$work/exporter.log")

say "what a client sees"
for name in "${!status_of[@]}"; do
  code=0
  status=$(curl --silent --output "$work/answer" --header 'Accept-Encoding: gzip' --header 'X-Prometheus-Scrape-Timeout-Seconds: 1' \
    --write-out '%{http_code}' "$url/$name") || code=$?
  [[ $status == "${status_of[$name]}" ]] || fail "$name: status $status instead of ${status_of[$name]}"
  # What is no whole gzip may come to its end as it is.
  [[ $status != 200 || $code != 0 ]] || ! gunzip -t <"$work/answer" 2>/dev/null || fail "$name: passes for a whole body"
done

say "what Prometheus stores"
{
  printf 'global: {scrape_interval: 1s, scrape_timeout: 1s}\nscrape_configs:\n- job_name: hostile\n  static_configs:\n'
  for name in good "${!status_of[@]}"; do
    printf '  - {targets: ["%s"], labels: {body: "%s", __metrics_path__: "/%s"}}\n' "${url#http://}" "$name" "$name"
  done
} >"$work/prometheus.yml"
run_prometheus
wait_for 20 "the good body" query_gives 'count({body="good",__name__=~"etcd_(debugging_)?mvcc_put_total"})' 40000
for name in "${!status_of[@]}"; do
  wait_for 20 "a scrape of $name" query_gives "count_over_time(up{body=\"$name\"}[1m]) > bool 2" 1
done
query_gives 'max by (job) (max_over_time(up{body!="good"}[1m]))' 0 || fail "a failing scrape is up"
query_gives 'count({body!="good",__name__!~"up|scrape_.*",job="hostile"})' "" || fail "parts of a body are stored"
query_gives 'max by (job) (max_over_time(scrape_samples_post_metric_relabeling{body!="good"}[1m]))' 0 || fail "samples of a failing scrape"
query_gives 'min_over_time(up{body="good"}[1m])' 1 || fail "the good one failed"

say "the length is right again: so is the scrape"
cp "$work/html/good" "$work/html/shrunk"  # the same file
wait_for 20 "the body to be whole" query_gives 'count({body="shrunk",__name__=~"etcd_(debugging_)?mvcc_put_total"})' 40000
stop prometheus || true
stop exporter || fail "the exporter ended with code $?"
