"""What people may do at the console."""

from enum import IntEnum


class Role(IntEnum):
    """What a person may do: each may do what those before may."""

    VIEWER = 0
    OPERATOR = 1
    SUPERVISOR = 2

    @property
    def label(self) -> str:
        """Its name in files and answers."""
        return self.name.lower()
