resource "x" "y" {
  expr  = "up{job=\"${var.job}\"}"
  query = <<-EOT
    sum(up)
  EOT
}
  expr: |||
    b{%(selector)s}
  ||| % $._config,
- expr:
    c
  record: d
"query":"label_values(e, f)"
```promql
g
```
