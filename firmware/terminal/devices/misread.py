"""What every card reader says of a card it could not read."""


class Misread(Exception):  # noqa: N818
    """The card must be read again. `reason` is one word, safe to log and to show."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
