"""Heap figures. MicroPython tells only what is allocated now: the highest is that of the points sampled."""

import gc

_THRESHOLD_BYTES = 8192  # collect after so much garbage, so that free room stays in one piece


class HeapGauge:
    """Highest use seen and highest live use (just after a collection), bytes."""

    def __init__(self) -> None:
        self.peak_bytes = 0
        self.live_bytes = 0

    def begin(self) -> None:
        """Collect early and often instead of when the heap is full."""
        gc.collect()
        gc.threshold(_THRESHOLD_BYTES)

    def sample(self) -> None:
        """Note the present use."""
        self.peak_bytes = max(self.peak_bytes, gc.mem_alloc())

    def rest(self) -> None:
        """Note, collect and note what stays; for quiet moments."""
        self.sample()
        gc.collect()
        self.live_bytes = max(self.live_bytes, gc.mem_alloc())

    def limit_bytes(self) -> int:
        """The size of the heap."""
        return gc.mem_alloc() + gc.mem_free()
