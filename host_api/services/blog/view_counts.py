"""How often articles are opened: added up in memory, and written a few times a minute.

A view costs no write: what all views of some seconds came to is one statement for each article and day. A
process that is killed forgets those seconds.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime
from typing import Final

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from host_api.core.clock import utc_now
from host_api.core.database import Database
from host_api.core.tehran_time import tehran_date
from host_api.services.blog.models import BlogPostView

MOST_KEPT: Final = 2_000
WRITE_EVERY_S: Final = 5.0

_log = logging.getLogger(__name__)
_Key = tuple[int, int, date]


class ViewCounts:
    """Counts of one process.

    Parameters:
        most: so many articles are counted at once; views of others are forgotten until it is written.
    """

    def __init__(
        self, database: Database, *, most: int = MOST_KEPT, now: Callable[[], datetime] = utc_now
    ) -> None:
        self._database = database
        self._most = most
        self._now = now
        self._counts: Counter[_Key] = Counter()

    def note(self, programme_id: int, post_id: int) -> None:
        """Count one view."""
        key = (programme_id, post_id, tehran_date(self._now()))
        if key in self._counts or len(self._counts) < self._most:
            self._counts[key] += 1

    async def write(self) -> None:
        """Write what was counted; what can't be written is counted on.

        Raises:
            SQLAlchemyError
        """
        for programme_id in sorted({key[0] for key in self._counts}):
            taken = {key: count for key, count in self._counts.items() if key[0] == programme_id}
            async with self._database.writing(programme_id) as session:
                is_sqlite = session.get_bind().dialect.name == "sqlite"
                for (_, post_id, day), count in sorted(taken.items()):
                    statement = (sqlite.insert if is_sqlite else postgresql.insert)(BlogPostView).values(
                        programme_id=programme_id, post_id=post_id, day=day, views=count
                    )
                    await session.execute(
                        statement.on_conflict_do_update(
                            index_elements=["programme_id", "post_id", "day"],
                            set_={"views": BlogPostView.views + statement.excluded.views},
                        )
                    )
            # What came meanwhile stays counted.
            self._counts -= Counter(taken)

    async def run(self) -> None:
        """Write every few seconds, and once more at the end."""
        try:
            while True:
                await asyncio.sleep(WRITE_EVERY_S)
                await self._try()
        finally:
            await self._try()

    async def _try(self) -> None:
        try:
            await self.write()
        except SQLAlchemyError as error:
            _log.warning("could not write views of articles: %s", type(error).__name__)
