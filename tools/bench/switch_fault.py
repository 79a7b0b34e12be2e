"""What ends a benchmark of the switch."""


class BenchFault(Exception):  # noqa: N818  (a fault is the field's word)
    """The benchmark can't go on, or found an untruth; the text is for whoever started it."""
