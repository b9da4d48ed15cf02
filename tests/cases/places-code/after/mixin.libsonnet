{
  // etcd_debugging_mvcc_txn_total
  expr: 'rate(etcd_mvcc_put_total{%(selector)s}[5m])' % $._config,
  record:: 'etcd_debugging_mvcc_txn_total',
  expr:: |||
    sum(
      etcd_mvcc_put_total{%(selector)s}
    )
  ||| % $._config,
  query: foo.etcd_debugging_mvcc_txn_total,
}
