"""A local SMS provider and mail server for development: messages are shown on a page and never sent."""
