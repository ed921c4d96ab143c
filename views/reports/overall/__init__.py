"""«گزارش کل»: what became of the assigned numbers, and the work on them."""
