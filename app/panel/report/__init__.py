"""Reports: the words of a declaration, the page with filters, sentence, chart and table, and its export."""
