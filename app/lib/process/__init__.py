"""What concerns the process: its environment, its collector, locks on files."""
