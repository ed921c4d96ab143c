"""Limits on the number of requests of a member or an address."""
