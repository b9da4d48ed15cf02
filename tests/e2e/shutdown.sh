#!/usr/bin/env bash
# SIGTERM during a slow scrape lets it finish, turns new ones away, and ends with 0; a second SIGTERM does not wait.
# Second argument: the slow_upstream program.
source "$(dirname "$0")/lib.sh"
slow_upstream=$2

start slow "$slow_upstream" 3000
wait_for 10 "the slow upstream" grep -q '^http' "$work/slow.log"
upstream=$(head -n 1 "$work/slow.log")

# begin_scrape: a scrape in the background that has received its first bytes.
begin_scrape() {
  rm -f "$work/body"
  start client curl --silent --show-error --no-buffer --output "$work/body" "$url/metrics"
  wait_for 10 "the first bytes of the slow scrape" test -s "$work/body"
}

say "a running scrape finishes"
start_exporter exporter "$upstream" etcd-3.5
begin_scrape
kill -TERM "${pid_of[exporter]}"
wait_for 5 "/-/ready to say no" bash -c "[[ \$(curl -so /dev/null -w '%{http_code}' $url/-/ready) == 503 ]]"
[[ $(curl -so /dev/null -w '%{http_code}' "$url/metrics") == 503 ]] || fail "a new scrape is not turned away"
wait "${pid_of[client]}" || fail "the running scrape was cut: curl ended with $?"
grep -qx 'etcd_debugging_mvcc_put_total 7' "$work/body" || fail "the running scrape lacks its alias"
wait "${pid_of[exporter]}" || fail "the exporter ended with code $?"
grep -q 'msg="Stopped."' "$work/exporter.log" || fail "the exporter did not say that it stopped"

if ! grep -qE -m1 '__(asan|tsan)_init' "$exporter_binary"; then  # the sanitizers themselves end without memory
  say "a reload without memory changes nothing, and what ends the exporter still does"
  start_exporter exporter "file:$repository/tests/e2e/companions/old.prom" all
  for bytes in 1 {40..400..40}000; do
    prlimit --pid "${pid_of[exporter]}" --data="$(($(awk '/^VmData/ { print $2 * 1024 }' "/proc/${pid_of[exporter]}/status") + bytes)):"
    kill -HUP "${pid_of[exporter]}"
    sleep 0.1
  done
  wait_for 10 "a reload to fail" grep -q 'the old one stays' "$work/exporter.log"
  prlimit --pid "${pid_of[exporter]}" --data=unlimited:
  fetch --output "$work/body" "$url/metrics" || fail "no scrape after it"
  prlimit --pid "${pid_of[exporter]}" --data=1:
  kill -TERM "${pid_of[exporter]}"
  wait_for 10 "the exporter to end" grep -q 'msg="Stopped."' "$work/exporter.log"
  wait "${pid_of[exporter]}" || fail "the exporter ended with code $?"
fi

say "a second SIGTERM cuts it"
start_exporter exporter "$upstream" etcd-3.5
begin_scrape
kill -TERM "${pid_of[exporter]}"
wait_for 5 "the exporter to drain" grep -q 'Shutting down' "$work/exporter.log"
kill -TERM "${pid_of[exporter]}"
wait "${pid_of[exporter]}" || fail "the exporter ended with code $?"
grep -q 'are cut' "$work/exporter.log" || fail "the exporter waited although it was told twice"
! wait "${pid_of[client]}" || fail "a cut scrape looks whole to curl"
! grep -q 'etcd_debugging' "$work/body" || fail "a cut scrape has its alias"
