"""A club with members, a prize and lotteries, whose clock the test turns."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from host_api.core.access.caller import Caller, system_caller
from host_api.core.database import Database
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.ledger.outcomes import Outcome
from host_api.core.ledger.requests import LedgerRequest
from host_api.core.ledger.states import RequestState
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.settings import Settings
from host_api.services.draws.models import DrawTicket
from host_api.services.lotteries import definitions, entering, member_view
from host_api.services.lotteries.entry_schemas import LotteryEntryCreate, LotteryEntryRead, LotteryPublic
from host_api.services.lotteries.jobs import JOB
from host_api.services.lotteries.models import LotteryEntry, LotteryRound, LotteryWin
from host_api.services.lotteries.schemas import LotteryCreate
from host_api.services.prizes import logic as prizes
from host_api.services.prizes.schemas import PrizeCreate
from tests.host_api.core.jobs.working_jobs import Runners, TurnedClock, tools_on
from tests.host_api.services.grouping.history import member, store

START = datetime(2026, 11, 22, 9, tzinfo=UTC)


@dataclass
class LotteryClub:
    database: Database
    runners: Runners
    cipher: FieldCipher
    caller: Caller = field(default_factory=lambda: system_caller("app", FIRST_PROGRAMME))

    @property
    def clock(self) -> TurnedClock:
        return self.runners.clock

    async def prize(self, stock: int | None) -> int:
        wanted = PrizeCreate.model_validate(
            {"kind": "thing", "title": "Coin", "title_fa": "سکه", "value": 1, "stock": stock}
        )
        async with self.database.writing(FIRST_PROGRAMME) as session:
            return (await prizes.create(session, wanted)).id

    async def lottery(self, hours: int = 10, /, **values: object) -> int:
        wanted: dict[str, object] = {
            "title": "L",
            "title_fa": "ق",
            "starts_at": self.clock(),
            "ends_at": self.clock() + timedelta(hours=hours),
        }
        async with self.database.writing(FIRST_PROGRAMME) as session:
            made = await definitions.create(
                session, self.cipher, LotteryCreate.model_validate(wanted | values), self.caller, self.clock()
            )
            return made.id

    async def enter(self, lottery_id: int, member_id: int, tickets: int = 1) -> LotteryEntryRead:
        async with self.database.writing(FIRST_PROGRAMME) as session:
            wanted = LotteryEntryCreate(member_id=member_id, tickets=tickets)
            entry, _ = await entering.enter(session, lottery_id, wanted, self.caller, self.clock())
            return entry

    async def outcome(self, reference: str, state: RequestState, rrn: str | None = None) -> None:
        """What the ledger tells of a request, without a switch."""
        async with self.database.writing(FIRST_PROGRAMME) as session:
            code = "00" if state is RequestState.APPROVED else "51"
            await entering.on_outcome(
                session,
                Outcome(0, "lotteries", reference, "", state, 0, 91, None, code, rrn, {}, {}),
            )

    async def settle(self) -> None:
        """Let the job do all that is due."""
        await self.runners.enqueue(JOB.name)
        await self.runners.work_off(self.runners.new())

    async def states(self, lottery_id: int) -> list[str]:
        async with self.database.reading(FIRST_PROGRAMME) as session:
            found = await session.scalars(
                select(LotteryEntry.state)
                .where(LotteryEntry.lottery_id == lottery_id)
                .order_by(LotteryEntry.id)
            )
            return list(found)

    async def rounds(self, lottery_id: int) -> list[LotteryRound]:
        async with self.database.reading(FIRST_PROGRAMME) as session:
            return await definitions.rounds_of(session, lottery_id)

    async def wins(self, lottery_id: int) -> list[LotteryWin]:
        async with self.database.reading(FIRST_PROGRAMME) as session:
            found = await session.scalars(
                select(LotteryWin)
                .join(LotteryRound, LotteryRound.id == LotteryWin.round_id)
                .where(LotteryRound.lottery_id == lottery_id)
                .order_by(LotteryWin.round_id, LotteryWin.rank)
            )
            return list(found)

    async def requests(self) -> list[LedgerRequest]:
        async with self.database.reading(FIRST_PROGRAMME) as session:
            return list(await session.scalars(select(LedgerRequest).order_by(LedgerRequest.id)))

    async def page(self, lottery_id: int, number: int | None = None) -> LotteryPublic:
        async with self.database.reading(FIRST_PROGRAMME) as session:
            return await member_view.public(session, self.cipher, lottery_id, number, self.clock())

    async def lines(self, lottery_id: int, number: int = 1) -> list[str]:
        """The published list of a round."""
        async with self.database.reading(FIRST_PROGRAMME) as session:
            first = await member_view.part(session, lottery_id, number, 0)
            rest = [
                (await member_view.part(session, lottery_id, number, part)).lines
                for part in range(1, first.parts)
            ]
        return [line for lines in (first.lines, *rest) for line in lines]

    async def listed(self) -> list[DrawTicket]:
        async with self.database.reading(FIRST_PROGRAMME) as session:
            return list(
                await session.scalars(
                    select(DrawTicket).order_by(DrawTicket.draw_id, DrawTicket.first_position)
                )
            )


async def lottery_club(database: Database, settings: Settings, members: int = 6) -> LotteryClub:
    tools = await tools_on(database, settings)
    await store(database, [member(number) for number in range(1, members + 1)])
    return LotteryClub(database, Runners(tools, JOB), tools.vault.cipher)
