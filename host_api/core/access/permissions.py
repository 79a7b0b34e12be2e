"""Permissions: what a module of the club lets its callers do, named ``module:action``.

A module is declared once, in its service's `access.py`; roles and API keys hold permissions by their names.
``members:*`` stands for every action of a module and ``*`` for everything.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

EVERYTHING = "*"


def includes(granted: Iterable[str], name: str) -> bool:
    """Whether whoever holds `granted` holds the permission called `name`, and so may give it away."""
    return not {EVERYTHING, f"{name.partition(':')[0]}:*", name}.isdisjoint(granted)


class Action(StrEnum):
    """What may be done in a module; `act` is what members do, told by an app, a site or a counter."""

    READ = "read"
    WRITE = "write"
    APPROVE = "approve"
    ACT = "act"


@dataclass(frozen=True, slots=True)
class Module:
    """A part of the club that can be permitted, and switched off for a programme.

    Parameters:
        name: stable name, as it stands in permissions and addresses.
        title, title_fa: what a person calls it.
        is_optional: whether a programme may do without it.
    """

    name: str
    title: str
    title_fa: str
    is_optional: bool = True

    def may(self, action: Action) -> "Permission":
        """The permission to do `action` here."""
        return Permission(self, action)


@dataclass(frozen=True, slots=True)
class Permission:
    """One action in one module."""

    module: Module
    action: Action

    def __str__(self) -> str:
        return f"{self.module.name}:{self.action}"

    def is_in(self, granted: Iterable[str]) -> bool:
        """Whether `granted` has this permission or one that includes it."""
        return includes(granted, str(self))
