"""Why a switch can't be watched."""


class TopFault(Exception):  # noqa: N818  (not an error in the program)
    """The text is one line for the operator."""
