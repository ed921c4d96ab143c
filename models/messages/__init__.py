"""Conversations of members, and tickets to the support of the platform."""
