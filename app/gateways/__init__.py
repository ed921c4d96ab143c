"""Adapters for external services: HTTP, mail, SMS providers, file storage, cryptography and the task queue."""
