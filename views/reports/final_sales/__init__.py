"""«گزارش فروش نهایی»: assigned numbers, the sales made of them, and the share of both."""
