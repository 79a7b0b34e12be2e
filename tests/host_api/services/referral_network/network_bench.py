"""A club with a referral network for the tests: members, policies, purchases of the feed; no HTTP."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select

from host_api.core.access.caller import Caller, CallerKind
from host_api.core.audit import audit_as
from host_api.core.clock import utc_now
from host_api.core.database import Database, WriteSession
from host_api.core.ledger.outcomes import Outcome
from host_api.core.ledger.states import RequestState
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.tehran_time import tehran_date
from host_api.services.members.models import Member
from host_api.services.referral_network import moves, payouts, policies, registrations
from host_api.services.referral_network.models import NetworkPayout
from host_api.services.referral_network.policy_schemas import NetworkPolicyCreate
from host_api.services.referral_network.projection import NetworkProjector
from host_api.services.referral_network.schemas import CodeRegistration, NetworkMoveCreate, NetworkPayoutState
from protocol.feed import FEED_EVENT
from tests.host_api.feed_peer import grant, transaction


def _caller(name: str) -> Caller:
    return Caller(CallerKind.API_KEY, name, name, FIRST_PROGRAMME, frozenset({"*"}))


ASKER, APPROVER = _caller("asker"), _caller("approver")
RETURN = "200000"


@dataclass
class Club:
    """A programme's database, and the next journal position."""

    database: Database
    position: int = 0
    codes: dict[int, str] = field(default_factory=dict)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[WriteSession]:
        async with self.database.writing(FIRST_PROGRAMME) as session:
            audit_as(session, ASKER)
            yield session

    async def join(self, member_ids: Iterable[int], joined_at: datetime | None = None) -> None:
        async with self.writing() as session:
            session.add_all(
                Member(
                    id=member_id,
                    name=f"m{member_id}",
                    tier="initial",
                    status="active",
                    created_at=joined_at or utc_now(),
                    joined_via="office",
                    activity="new",
                )
                for member_id in member_ids
            )

    async def policy(self, wanted: NetworkPolicyCreate) -> int:
        async with self.writing() as session:
            asked = await policies.ask(session, ASKER, wanted)
        async with self.writing() as session:
            return (await policies.approve(session, asked.id, APPROVER, None)).id

    async def code(self, member_id: int) -> str:
        if member_id not in self.codes:
            async with self.writing() as session:
                self.codes[member_id] = (await registrations.code_of(session, member_id)).code
        return self.codes[member_id]

    async def register(self, member_id: int, introducer: int) -> None:
        code = await self.code(introducer)
        async with self.writing() as session:
            await registrations.register(session, ASKER, CodeRegistration(member_id=member_id, code=code))

    async def move(self, member_id: int, introducer: int | None) -> None:
        async with self.writing() as session:
            wanted = NetworkMoveCreate(member_id=member_id, introducer=introducer, reason="by letter")
            asked = await moves.ask(session, ASKER, wanted)
        async with self.writing() as session:
            await moves.approve(session, asked.id, APPROVER, None)

    async def feed(self, *lines: dict[str, object]) -> None:
        """Project lines of the feed in one batch."""
        async with self.writing() as session:
            await NetworkProjector().apply(session, [FEED_EVENT.validate_python(line) for line in lines])

    def sale(
        self, member_id: int, at: datetime, *, points: int = 0, amount: int = 1_000_000, **more: object
    ) -> dict[str, object]:
        self.position += 1
        line = transaction(
            self.position,
            member=member_id,
            amount=amount,
            net_amount=amount,
            grants=[grant(f"member:{member_id}", points)] if points else [],
            at_ms=int(at.timestamp() * 1000),
        )
        return line | {"transfers": [], "lots": []} | more

    def give_back(self, sale: dict[str, object], amount: int, at: datetime) -> dict[str, object]:
        member_id = int(str(sale["member_number"]))
        return self.sale(member_id, at, amount=amount, processing_code=RETURN, concerns=sale["rrn"])

    def reverse(self, sale: dict[str, object], at: datetime) -> dict[str, object]:
        member_id, amount = int(str(sale["member_number"])), int(str(sale["amount"]))
        return self.sale(member_id, at, amount=amount, mti="0400", reverses=sale["rrn"])

    async def pay(self, days: int = 0) -> None:
        """What is due so many days from now."""
        async with self.writing() as session:
            while await payouts.pay_due(session, tehran_date(utc_now() + timedelta(days=days)), 50):
                pass

    async def answer(self, state: RequestState) -> None:
        """Have the switch answer all payouts on their way."""
        async with self.writing() as session:
            sent = await session.scalars(
                select(NetworkPayout).where(NetworkPayout.state == NetworkPayoutState.SENT.value)
            )
            for payout in sent.all():
                await payouts.on_outcomes(session, [outcome(payout, state)])


def outcome(payout: NetworkPayout, state: RequestState) -> Outcome:
    """What the bank of requests tells of a payout."""
    return Outcome(
        request_id=payout.request_id or 0,
        service=payouts.SERVICE,
        reference=str(payout.id),
        kind="credit" if payout.units > 0 else "debit",
        state=state,
        amount=abs(payout.units),
        purse=payout.purse,
        member_id=payout.member_id,
        response_code="00" if state is RequestState.APPROVED else "51",
        rrn=None,
        balances={},
        told={},
    )
