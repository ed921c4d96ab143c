"""What happens at its time: recurrence and reminders."""
