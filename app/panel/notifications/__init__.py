"""Notifications: the word of a declaration, and what a member reads of them."""

from app.panel.notifications.word import Notify, NotifyAct

__all__ = ["Notify", "NotifyAct"]
