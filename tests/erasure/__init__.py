"""Erasing the personal data of a customer."""
