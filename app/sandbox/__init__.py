"""A stand-in for the outside world on this machine: what would be sent shows here instead."""
