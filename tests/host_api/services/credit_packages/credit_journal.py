"""What the feed tells of the credit purse, and contracts whose credit the switch has given."""

from host_api.core.feed_projection import Projector, apply_batch
from host_api.core.ledger.outcomes import Outcome
from host_api.core.ledger.states import RequestState
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.services.credit_packages import contracts
from host_api.services.transactions.account_movements import AccountMovementProjector
from host_api.services.transactions.projection import TransactionProjector
from protocol.feed import LotLine, TransactionEvent
from tests.host_api.api_calls import post
from tests.host_api.points_bench import Person
from tests.host_api.running_api import RunningApi
from tests.host_api.services.credit_packages.credit_calls import PATH, number, run_job

AT_MS = 1_790_000_000_000
ENDS_S = 1_800_000_000


class Journal:
    """Transactions of the credit purse, as the feed tells them."""

    def __init__(self, api: RunningApi) -> None:
        self._api = api
        self._position = 0

    async def tell(
        self,
        rrn: str,
        *lots: tuple[int, int, int],
        mti: str = "0200",
        code: str = "009200",
        concerns: str | None = None,
        reverses: str | None = None,
    ) -> None:
        """A transaction; of each lot the member, its end and what is added."""
        before, self._position = self._position, self._position + 1
        event = TransactionEvent(
            position=self._position,
            at_ms=AT_MS,
            mti=mti,
            processing_code=code,
            terminal_id="TERM0001",
            merchant_id="SHOP01",
            branch_number=1,
            stan=f"{self._position:06d}",
            transmitted_at="0101000000",
            rrn=rrn,
            card_reference=None,
            member_number=lots[0][0] if lots else None,
            amount=0,
            discount=0,
            tendered=0,
            net_amount=0,
            currency="364",
            response_code="00",
            rule_table_version=1,
            reverses=reverses,
            concerns=concerns,
            hold_until_s=None,
            line_count=0,
            grants=(),
            transfers=(),
            lots=tuple(
                LotLine(
                    account=f"member:{member}",
                    purse="credit",
                    available_from_s=0,
                    expires_at_s=ends,
                    delta=delta,
                )
                for member, ends, delta in lots
            ),
            records=(),
            balances={},
        )
        projectors: list[Projector] = [TransactionProjector(), AccountMovementProjector()]
        await apply_batch(self._api.runtime.database, FIRST_PROGRAMME, projectors, before, [event])


async def given(  # noqa: PLR0917
    api: RunningApi,
    decider: Person,
    journal: Journal,
    package_id: int,
    member: int,
    ends: int = ENDS_S,
    *,
    owed: int = 0,
) -> int:
    """A contract whose credit the switch has given."""
    wanted = {"package_id": package_id, "member_id": member, "reason": "سارا خواسته است"}
    contract_id = number((await post(api, f"{PATH}/contracts", wanted))["id"])
    await decider.post(f"{PATH}/contracts/{contract_id}/approval", {})
    rrn = f"GIVEN{contract_id:07d}"
    async with api.runtime.database.writing(FIRST_PROGRAMME) as session:
        outcome = Outcome(
            1, "credit_packages", "", "credit", RequestState.APPROVED, 0, 92, member, "00", rrn, {}, {}
        )
        await contracts.on_given(session, outcome, contract_id)
    lots = (member, 0, owed), (member, ends, 1_000_000 - owed)
    await journal.tell(rrn, *(lot for lot in lots if lot[2]), code="220092")
    await run_job(api, "read-credit-use")
    return contract_id
