"""Tickets to the support of the platform."""
