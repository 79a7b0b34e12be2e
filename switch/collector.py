"""Python's collector of cycles, as a switch wants it."""

import gc

_THRESHOLDS = (50_000, 20, 20)


def calm_collector() -> None:
    """What is there now stays: the collector needn't look at it again, nor often at what comes, of which
    hardly anything is in a cycle. It may have been off until now."""
    gc.collect()
    gc.freeze()
    gc.enable()
    gc.set_threshold(*_THRESHOLDS)
