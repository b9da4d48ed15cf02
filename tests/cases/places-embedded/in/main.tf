resource "x" "y" {
  # etcd_debugging_mvcc_txn_total
  expr = "etcd_debugging_mvcc_put_total{a=\"b\"}"
  query = <<-EOT
    sum(
      etcd_debugging_mvcc_put_total)
  EOT
  name = "etcd_debugging_mvcc_txn_total"
}
