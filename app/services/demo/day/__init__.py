"""What members find in the demo: their tasks, conversations, tickets and notifications."""
