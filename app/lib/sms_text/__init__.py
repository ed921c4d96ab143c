"""What the text of an SMS is: its size, and the keywords of an answer."""
