"""How long the tasks keep the processor between two awaits that reach asyncio's loop."""

import time
from asyncio import core


class Watch:
    """The longest block, and all of them together, microseconds."""

    def __init__(self):
        self._wait = core.IOQueue.wait_io_event
        self.reset()

    def start(self):
        """Watch from now on."""

        def watched(queue, wait_ms):
            block_us = time.ticks_diff(time.ticks_us(), self._since)
            self.busy_us += block_us
            self.longest_us = max(self.longest_us, block_us)
            self._wait(queue, wait_ms)
            self._since = time.ticks_us()

        core.IOQueue.wait_io_event = watched
        self.reset()

    def reset(self):
        """Forget what was seen, also of the present block."""
        self.longest_us = self.busy_us = 0
        self._since = time.ticks_us()

    def leave_out(self, duration_us):
        """Don't count so much of the present block."""
        self._since = time.ticks_add(self._since, duration_us)


watch = Watch()
