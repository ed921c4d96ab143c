"""The sales of the demo: their items, payments and support."""
