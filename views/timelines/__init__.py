"""The sources of the timelines of customers, orders and follow-ups."""
