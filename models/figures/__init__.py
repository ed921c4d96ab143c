"""Summaries that reports read in place of the rows that they count."""
