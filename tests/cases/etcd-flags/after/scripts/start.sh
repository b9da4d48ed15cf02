#!/bin/bash
# starts etcd --debug for a test
set -e
ETCD_FLAGS=(--name a --logger=zap  # one line each
  --data-dir "$DIR")
ETCD_OPTS="--log-level=debug --data-dir=/tmp/x"
export ETCD_LOG_OUTPUTS=stderr
helm install etcd bitnami/etcd --debug
etcdctl --debug endpoint health
etcd "${ETCD_FLAGS[@]}" $ETCD_OPTS &
/usr/local/bin/etcd --log-level=info \
  --log-outputs="$LOG" 2>/dev/null
sudo -u etcd etcd --logger zap --log-outputs=default || exit 1
if etcd --logger="$LOGGER"; then :; fi
docker run -d --name etcd -e ETCD_DEBUG=true -p 2379:2379 quay.io/coreos/etcd:v3.4.23 /usr/local/bin/etcd \
    --debug --log-level=info
for i in 1 2; do ETCD_LOG_LEVEL=debug etcd -log-outputs=stdout; etcd -log-level=debug; done
cat > /etc/systemd/system/etcd.service <<EOF
[Service]
ExecStart=/usr/bin/etcd --log-package-levels etcdmain=CRITICAL \\
  --debug
EOF
cat > etcd.conf.yml <<EOF
name: $NAME
data-dir: /var/lib/etcd
listen-client-urls: http://127.0.0.1:2379
logger: zap
log-outputs: [stderr]
EOF
