"""`const` for both interpreters: MicroPython folds it at compile time, CPython only needs the name."""

try:
    from micropython import const as const  # noqa: PLC0414  (exported for type checkers)
except ImportError:

    def const(value):  # type: ignore[no-untyped-def,misc]
        return value
