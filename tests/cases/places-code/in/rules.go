package x

var etcd_debugging_mvcc_txn_total = Rule{expr: `sum(etcd_debugging_mvcc_put_total{a="b"})`}

const rules = `
groups:
- name: x
  rules:
  - alert: A
    expr: etcd_debugging_mvcc_put_total > 5
  - alert: B
    expr: rate(etcd_debugging_mvcc_put_total[5m])
      > 5
`

var query = "rate(etcd_debugging_mvcc_put_total[5m])"

// "rate(etcd_debugging_mvcc_txn_total[5m])" was the old one.
var what = Metric{name: "etcd_debugging_mvcc_txn_total", expr: etcd_debugging_mvcc_txn_total, help: "see (etcd_debugging_mvcc_txn_total)"}
