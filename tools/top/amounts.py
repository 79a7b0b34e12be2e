"""Numbers as people read them."""

_SPANS_S = ((86_400, "d"), (3600, "h"), (60, "min"))
_BARS = " .:-=+*#%@"


def number(value: int) -> str:
    """With separators."""
    return f"{value:,}"


def duration(time_ns: int) -> str:
    """Three digits and a unit; "-" for nothing."""
    if time_ns <= 0:
        return "-"
    for unit, unit_ns in (("s", 1_000_000_000), ("ms", 1_000_000), ("µs", 1000)):
        if time_ns >= unit_ns:
            whole, hundredths = divmod(time_ns * 100 // unit_ns, 100)
            if whole >= 100:
                return f"{whole} {unit}"
            return f"{whole}.{hundredths // 10} {unit}" if whole >= 10 else f"{whole}.{hundredths:02d} {unit}"
    return f"{time_ns} ns"


def size(count_bytes: int) -> str:
    """Bytes with a decimal unit."""
    for unit, unit_bytes in (("TB", 10**12), ("GB", 10**9), ("MB", 10**6), ("kB", 1000)):
        if count_bytes >= unit_bytes:
            whole, tenth = divmod(count_bytes * 10 // unit_bytes, 10)
            return f"{whole}.{tenth} {unit}"
    return f"{count_bytes} B"


def age(time_ms: int) -> str:
    """How long ago, in the greatest unit of which there are at least two, whole ones."""
    seconds = max(0, time_ms) // 1000
    for unit_s, unit in _SPANS_S:
        if seconds >= 2 * unit_s:
            return f"{seconds // unit_s} {unit}"
    return f"{seconds} s"


def bars(values: "list[int]", columns: int) -> str:
    """The last values as a row of characters, the greatest of them the heaviest."""
    shown = values[-columns:]
    greatest = max(shown, default=0)
    if greatest <= 0:
        return " " * len(shown)
    steps = len(_BARS) - 1
    return "".join(_BARS[(value * steps + greatest - 1) // greatest] for value in shown)
