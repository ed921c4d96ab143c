"""Tickets: questions of members to the support of the platform, and how the support works on them."""
