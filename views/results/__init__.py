"""Results that are chosen from titles in the side panel, shared by the sections whose rows get results."""
