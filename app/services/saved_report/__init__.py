"""Saved reports: who may receive them, the runs of their schedules, and the mails of a run."""
