"""The outside world, each part behind a Protocol."""
