"""What the tests need of the machine."""
