"""Who may do what: words for declarations, and the exact permission pairs they stand for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Grant:
    """A set of FAB permission names; grants add up with ``|``."""

    permissions: frozenset[str]

    def __or__(self, other: Grant) -> Grant:
        return Grant(self.permissions | other.permissions)

    def __contains__(self, permission: str) -> bool:
        return permission in self.permissions


def _can(*verbs: str) -> Grant:
    return Grant(frozenset(f"can_{verb}" for verb in verbs))


class Access:
    """The vocabulary of `Section.roles`."""

    READ = _can("list", "show")
    ADD = _can("add")
    EDIT = _can("edit")
    DELETE = _can("delete")
    WRITE = READ | ADD | EDIT
    FULL = WRITE | DELETE
    TRAIL = _can("trail")
    EXPORT = _can("export")

    @staticmethod
    def actions(*names: str) -> Grant:
        """The right to run the named actions or pages of the section."""
        return _can(*names)


# Roles of the platform: no organisation of their own.
PLATFORM_ROLES = frozenset({"Admin", "Operator"})
# Every role that exists, whether or not a section names it yet.
ROLES = ("Consultant", "SupportAgent", "Manager", "Operator", "Admin")
EVERYTHING = "Admin"
