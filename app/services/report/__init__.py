"""Figures of dashboards and reports, counted by the database from the ledgers."""
