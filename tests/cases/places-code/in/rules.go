package x

var etcd_debugging_mvcc_txn_total = Rule{expr: `sum(etcd_debugging_mvcc_put_total{a="b"})`}
