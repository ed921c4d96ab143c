"""The export of what is stored about a customer."""
