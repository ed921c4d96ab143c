"""Conversations: their members, messages and files, what is read of them, and when they are closed."""
