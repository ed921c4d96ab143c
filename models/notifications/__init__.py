"""Notifications of members, and the rules by which they are written."""
