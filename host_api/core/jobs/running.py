"""What a job works with while it runs."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

from host_api.core.access.caller import Caller
from host_api.core.audit import audit_as
from host_api.core.database import Database, ReadSession, WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.encryption.vault import Vault
from host_api.core.files.content_store import ContentStore
from host_api.core.jobs import run_store
from host_api.core.jobs.run_store import Lease
from host_api.core.jobs.run_table import JsonObject
from host_api.core.outgoing.addresses import AddressPolicy
from host_api.core.switches.programme_switch import ProgrammeSwitch
from host_api.core.switches.switches import Switches

_REPORT_EVERY_S = 1.0


class LeaseLost(Exception):  # noqa: N818
    """Another process has taken the run over; what this step wrote is rolled back."""


class CancelWanted(Exception):  # noqa: N818
    """A person wants the run to end; what this step wrote is rolled back."""


@dataclass(frozen=True, slots=True)
class JobTools:
    """What every job can reach."""

    database: Database
    vault: Vault
    contents: ContentStore
    switches: Switches
    addresses: AddressPolicy = field(default_factory=AddressPolicy)


class RunningJob:
    """One attempt of a run.

    Attributes:
        arguments: what the run was started with.
        caller: in whose name it works.
        checkpoint: empty at first; what a step puts here is there again in a later attempt.
        done, total: the progress that people see; None where the end is not known.
    """

    def __init__(
        self,
        tools: JobTools,
        lease: Lease,
        caller: Caller,
        now: Callable[[], datetime],
        *,
        arguments: JsonObject,
        checkpoint: JsonObject,
        done: int = 0,
        total: int | None = None,
    ) -> None:
        self._tools = tools
        self._lease = lease
        self._reported_s = time.monotonic()
        self.caller = caller
        self.arguments = arguments
        self.checkpoint = checkpoint
        self.now = now
        self.done = done
        self.total = total

    @property
    def programme_id(self) -> int:
        """The programme for which it runs."""
        return self._lease.programme_id

    @property
    def cipher(self) -> FieldCipher:
        """Seals and opens personal data."""
        return self._tools.vault.cipher

    @property
    def vault(self) -> Vault:
        """The programmes' keys."""
        return self._tools.vault

    @property
    def contents(self) -> ContentStore:
        """The contents of files."""
        return self._tools.contents

    @property
    def database(self) -> Database:
        """For logic that opens transactions of its own, which aren't steps of this run."""
        return self._tools.database

    @property
    def addresses(self) -> AddressPolicy:
        """To which addresses it may connect."""
        return self._tools.addresses

    @property
    def switch(self) -> ProgrammeSwitch:
        """The programme's switch."""
        return self._tools.switches.of(self.programme_id)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[ReadSession]:
        """A read session of the programme."""
        async with self._tools.database.reading(self.programme_id) as session:
            yield session

    @asynccontextmanager
    async def step(self) -> AsyncIterator[WriteSession]:
        """A transaction of the programme in which checkpoint and progress are saved, audited as the caller's.

        It commits only where this attempt still has the run, so of two that believe they have it one writes.

        Raises:
            LeaseLost, CancelWanted: nothing was written.
        """
        async with self._tools.database.writing(self.programme_id) as session:
            audit_as(session, self.caller)
            yield session
            await session.flush()
            # Last, so that the row of the run is locked no longer than it takes to commit.
            wanted = await run_store.keep_progress(
                session, self._lease, checkpoint=self.checkpoint, done=self.done, total=self.total
            )
            if wanted is None:
                raise LeaseLost
            if wanted:
                raise CancelWanted
        self._reported_s = time.monotonic()

    async def truncate_log(self) -> bool:
        """After erasing: see `Database.truncate_log`; not within a step."""
        return await self._tools.database.truncate_log()

    async def report(self, done: int, total: int | None = None) -> None:
        """Tell the progress of work that is between two steps; written once a second at most.

        Raises:
            LeaseLost, CancelWanted
        """
        self.done, self.total = done, total
        if time.monotonic() - self._reported_s >= _REPORT_EVERY_S:
            async with self.step():
                pass
