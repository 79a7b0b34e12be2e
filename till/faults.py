"""What a till's program may have to catch."""


class TillFault(Exception):  # noqa: N818  (not an error in the program)
    """A till can't be used, or was asked for what can't be sold; the text has no card number and no key."""
