"""Members and their journal, written straight into the projection, as the feed would have left them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from host_api.core.clock import to_epoch_ms
from host_api.core.database import Database
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.services.members.models import Member
from host_api.services.transactions.models import Lot, Transaction, Transfer
from host_api.services.transactions.operation import operation_of
from host_api.services.transactions.standing import Standing

LONG_AGO = datetime(2025, 1, 1, tzinfo=UTC)
# A Jalali year on the clock of Tehran (UTC+3:30): 1 Farvardin 1405 is 21 March 2026.
NOWRUZ_1405 = datetime(2026, 3, 20, 20, 30, tzinfo=UTC)


def member(number: int, *, tier: str = "initial", joined: datetime = LONG_AGO, **values: object) -> Member:
    plain = {"name": f"عضو {number}", "status": "active"}
    return Member(id=number, tier=tier, created_at=joined, **(plain | values))


@dataclass
class Journal:
    """Rows of the projection, in order."""

    rows: list[Transaction] = field(default_factory=list)
    transfers: list[Transfer] = field(default_factory=list)

    def sale(self, member_id: int | None, at: datetime, amount: int, **changes: object) -> str:
        """An approved purchase; its RRN."""
        position = len(self.rows) + 1
        values: dict[str, object] = {
            "position": position,
            "at_ms": to_epoch_ms(at),
            "mti": "0200",
            "processing_code": "000000",
            "terminal_id": "TERM0001",
            "merchant_id": "SHOP01",
            "branch_number": 1,
            "stan": "000001",
            "transmitted_at": "0321063112",
            "rrn": f"{position:012d}",
            "card_reference": None,
            "member_number": member_id,
            "amount": amount,
            "discount": 0,
            "tendered": 0,
            "net_amount": amount,
            "currency": "364",
            "response_code": "00",
            "rule_table_version": 1,
            "line_count": 0,
            "balances_after": {},
        }
        values |= changes
        told: dict[str, object] = {
            "operation": operation_of(str(values["mti"]), str(values["processing_code"])).value,
            "standing": Standing.STANDS.value,
            "returned_amount": 0,
            "lot_lines": [],
            "record_lines": [],
        }
        self.rows.append(Transaction(**(told | values)))
        return f"{position:012d}"

    def give_back(self, member_id: int, at: datetime, amount: int, sale: str, **changes: object) -> str:
        """A return of a sale."""
        return self.sale(
            member_id, at, amount, **({"processing_code": "200000", "concerns_rrn": sale} | changes)
        )

    def move(self, rrn: str, member_id: int, amount: int, *, purse: str, reason: str = "earn") -> None:
        """A transfer of the transaction with this RRN: to the member by `earn`, else from the member."""
        pair = ("programme:liability", f"member:{member_id}")
        debit, credit = pair if reason == "earn" else reversed(pair)
        self.transfers.append(
            Transfer(
                position=int(rrn),
                sequence=len(self.transfers),
                purse=purse,
                debit_account=debit,
                credit_account=credit,
                amount=amount,
                reason=reason,
                stage="posted",
                rule="R",
            )
        )


async def store(
    database: Database, members: Iterable[Member] = (), journal: Journal | None = None, *lots: Lot
) -> None:
    async with database.writing(FIRST_PROGRAMME) as session:
        session.add_all(members)
        session.add_all(lots)
        if journal is not None:
            session.add_all(journal.rows)
            await session.flush()
            session.add_all(journal.transfers)
