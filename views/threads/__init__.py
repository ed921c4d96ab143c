"""The pages of conversations, which messages and tickets share."""
