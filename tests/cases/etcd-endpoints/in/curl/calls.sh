#!/bin/sh
# curl http://localhost:2379/v3beta/kv/range
curl -L http://localhost:2379/v3beta/kv/put -X POST -d '{"key": "Zm9v", "value": "YmFy"}'
curl "$ENDPOINT/v3beta/maintenance/snapshot" --data '{}'
curl -s https://10.0.0.1:2379/v3beta/kv/lease/revoke -d '{"ID": 1}'
curl -s https://10.0.0.1:2379/v3/kv/lease/timetolive -d '{"ID": 1}'
curl http://127.0.0.1:2379/config/local/log -XPUT -d '{"Level":"DEBUG"}'
curl http://127.0.0.1:2379/v3/kv/put -d '{}'
curl https://dialogflow.googleapis.com/v3beta/projects/p
curl https://example.com/v3beta1/kv/put
cat /etc/etcd/v3beta/kv/put ./v3beta/kv/put
API=/v3beta
curl "http://etcd:2379/v3beta/$1"
curl --cacert /etc/etcd/v3beta.crt http://etcd:2379/v3/
