"""Where views of public pages are counted; how, the service of the pages decides."""

from typing import Protocol


class PageViews(Protocol):
    """Counts of one process."""

    def note(self, programme_id: int, page_id: int, /) -> None:
        """Count one view of a programme's page; costs no write."""
        ...

    async def write(self) -> None:
        """Write what was counted so far."""
        ...

    async def run(self) -> None:
        """Keep what was counted, until cancelled."""
        ...
