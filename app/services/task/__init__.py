"""Rules of tasks: their recurrence, their reminders, their acts, and tasks that begin at a follow-up or a customer."""
