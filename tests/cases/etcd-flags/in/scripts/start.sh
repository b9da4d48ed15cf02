#!/bin/bash
# starts etcd --debug for a test
set -e
ETCD_FLAGS=(--name a --logger=capnslog  # one line each
  --data-dir "$DIR")
ETCD_OPTS="--debug --data-dir=/tmp/x"
export ETCD_LOG_OUTPUT=stderr
helm install etcd bitnami/etcd --debug
etcdctl --debug endpoint health
etcd "${ETCD_FLAGS[@]}" $ETCD_OPTS &
/usr/local/bin/etcd --debug=false \
  --log-output="$LOG" 2>/dev/null
sudo -u etcd etcd --logger capnslog --log-output=default || exit 1
if etcd --logger="$LOGGER"; then :; fi
docker run -d --name etcd -e ETCD_DEBUG=true -p 2379:2379 quay.io/coreos/etcd:v3.4.23 /usr/local/bin/etcd \
    --debug --log-level=info
for i in 1 2; do ETCD_DEBUG=1 etcd -log-output=stdout; etcd -debug; done
cat > /etc/systemd/system/etcd.service <<EOF
[Service]
ExecStart=/usr/bin/etcd --log-package-levels etcdmain=CRITICAL \\
  --debug
EOF
cat > etcd.conf.yml <<EOF
name: $NAME
data-dir: /var/lib/etcd
listen-client-urls: http://127.0.0.1:2379
logger: capnslog
EOF
