"""A club's journal over some days, as feed lines: every kind of entry that moves or ends something."""

import random
from dataclasses import dataclass, field
from itertools import pairwise

from host_api.core.database import Database
from host_api.core.feed_projection import apply_batch
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.services.catalogue import projectors
from protocol.feed import FEED_EVENT, Event
from tests.host_api.feed_peer import grant, lot, transaction

Line = dict[str, object]

FIRST_MS = 1_790_000_000_000
DAY_MS = 86_400_000
MONTH_S = 30 * 86_400


def transfer(
    debit: str, credit: str, amount: int, reason: str, stage: str = "posted", **more: object
) -> Line:
    """A movement of points."""
    line: Line = {
        "purse": "points",
        "debit": debit,
        "credit": credit,
        "amount": amount,
        "reason": reason,
        "stage": stage,
        "rule": "",
    }
    return line | more


def rrn(position: object) -> str:
    """The RRN of a position."""
    return f"{int(str(position)):012d}"


@dataclass
class History:
    """Lines in the making; each position is `step_ms` later than the one before."""

    step_ms: int = 3_600_000
    lines: list[Line] = field(default_factory=list)

    @property
    def next(self) -> int:
        return len(self.lines) + 1

    def _at(self) -> int:
        return FIRST_MS + self.next * self.step_ms

    def _add(self, line: Line) -> int:
        self.lines.append(line | {"at_ms": self._at()})
        return len(self.lines)

    def sale(self, member: int, amount: int = 1_000_000, points: int = 100, **more: object) -> int:
        """A purchase that earns."""
        account = f"member:{member}"
        expires_at_s = FIRST_MS // 1000 + MONTH_S * (1 + self.next % 20)
        return self._add(
            transaction(
                self.next,
                member=member,
                amount=amount,
                net_amount=amount,
                grants=[grant(account, points)],
                transfers=[transfer("programme:liability", account, points, "earn", rule="EARN-01")],
                lots=[lot(account, points, expires_at_s=expires_at_s)],
            )
            | more
        )

    def redemption(self, member: int, points: int, sale: int) -> int:
        """A purchase paid from what a sale gave."""
        account = f"member:{member}"
        return self._add(
            transaction(
                self.next,
                member=member,
                processing_code="009100",
                amount=points * 1000,
                tendered=points * 1000,
                net_amount=0,
                grants=[grant(account, points, rule="BURN-04", type="tender")],
                transfers=[transfer(account, "merchant:SHOP01", points, "spend", rule="BURN-04")],
                lots=[lot(account, -points, expires_at_s=self._expiry_of(sale))],
            )
        )

    def declined(self, member: int | None, code: str) -> int:
        """A purchase that the switch declined."""
        return self._add(
            transaction(self.next, member=member, response_code=code, grants=[], transfers=[], lots=[])
        )

    def reversal(self, original: int) -> int:
        """All of an original taken back."""
        line = self.lines[original - 1]
        return self._add(self._undoing(line, "0400", "reverse", reverses=rrn(original)))

    def returned(self, sale: int, amount: int, points: int) -> int:
        """Some of a sale that earned taken back."""
        line = self.lines[sale - 1]
        account = f"member:{line['member_number']}"
        return self._add(
            transaction(
                self.next,
                member=int(str(line["member_number"])),
                processing_code="200000",
                amount=amount,
                net_amount=amount,
                concerns=rrn(sale),
                grants=[],
                transfers=[transfer(account, "programme:liability", points, "return", rule="EARN-01")],
                lots=[lot(account, -points, expires_at_s=self._expiry_of(sale))],
            )
        )

    def hold(self, member: int, points: int, sale: int) -> int:
        """An authorisation that keeps points aside."""
        account = f"member:{member}"
        return self._add(
            transaction(
                self.next,
                member=member,
                mti="0100",
                processing_code="009100",
                amount=points * 1000,
                tendered=points * 1000,
                net_amount=0,
                hold_until_s=FIRST_MS // 1000 + MONTH_S,
                grants=[],
                transfers=[transfer(account, "merchant:SHOP01", points, "hold", "pending")],
                lots=[lot(account, -points, expires_at_s=self._expiry_of(sale))],
            )
        )

    def completed(self, hold: int, points: int, sale: int) -> int:
        """A hold spent in part, the rest freed."""
        line = self.lines[hold - 1]
        account, held = f"member:{line['member_number']}", int(str(line["amount"])) // 1000
        expiry = self._expiry_of(sale)
        return self._add(
            transaction(
                self.next,
                member=int(str(line["member_number"])),
                processing_code="009100",
                amount=points * 1000,
                tendered=points * 1000,
                net_amount=0,
                concerns=rrn(hold),
                grants=[grant(account, points, rule="BURN-04", type="tender")],
                transfers=[
                    transfer(account, "merchant:SHOP01", points, "spend", "post_pending", rule="BURN-04"),
                    transfer(account, "merchant:SHOP01", held - points, "release", "void_pending"),
                ],
                lots=[
                    lot(account, points, expires_at_s=expiry),
                    lot(account, -points, expires_at_s=expiry),
                    lot(account, held - points, expires_at_s=expiry),
                ],
            )
        )

    def voided(self, hold: int, sale: int) -> int:
        """A hold freed by a return of it."""
        line = self.lines[hold - 1]
        return self._add(
            transaction(
                self.next,
                member=int(str(line["member_number"])),
                processing_code="200000",
                amount=line["amount"],
                concerns=rrn(hold),
                grants=[],
            )
            | self._freed(line, sale)
        )

    def run_out(self, hold: int, sale: int) -> int:
        """A hold that ended by time alone."""
        line = self.lines[hold - 1]
        return self._add(self._maintenance(released_holds=[rrn(hold)], **self._freed(line, sale)))

    def expired(self, member: int, points: int, sale: int) -> int:
        """Points that ended by time alone."""
        account = f"member:{member}"
        return self._add(
            self._maintenance(
                transfers=[transfer(account, "programme:breakage", points, "expire")],
                lots=[lot(account, -points, expires_at_s=self._expiry_of(sale))],
            )
        )

    def given(self, member: int, other: int, points: int, sale: int) -> int:
        """Points from one member to another; they keep their expiry."""
        expiry = self._expiry_of(sale)
        return self._add(
            transaction(
                self.next,
                member=member,
                processing_code="409191",
                merchant_id="CLUB",
                terminal_id="HOST0001",
                card_reference=None,
                amount=points,
                net_amount=0,
                currency="999",
                grants=[],
                transfers=[transfer(f"member:{member}", f"member:{other}", points, "transfer")],
                lots=[
                    lot(f"member:{member}", -points, expires_at_s=expiry),
                    lot(f"member:{other}", points, expires_at_s=expiry),
                ],
            )
        )

    def cut_over(self, day: str) -> int:
        """Another business day."""
        line: Line = {"version": 3, "position": self.next, "kind": "cut_over", "business_date": day}
        return self._add(line)

    def rule_table(self) -> int:
        """Rules that came into force."""
        line: Line = {"version": 3, "position": self.next, "kind": "rule_table", "table_version": 1}
        return self._add(line | {"digest": "ab" * 32})

    def _maintenance(self, **parts: object) -> Line:
        line: Line = {
            "version": 3,
            "position": self.next,
            "kind": "maintenance",
            "transfers": [],
            "lots": [],
            "released_holds": [],
        }
        return line | parts

    def _freed(self, hold: Line, sale: int) -> dict[str, object]:
        account, held = f"member:{hold['member_number']}", int(str(hold["amount"])) // 1000
        return {
            "transfers": [transfer(account, "merchant:SHOP01", held, "release", "void_pending")],
            "lots": [lot(account, held, expires_at_s=self._expiry_of(sale))],
        }

    def _undoing(self, line: Line, mti: str, reason: str, **more: object) -> Line:
        transfers, lots = line["transfers"], line["lots"]
        assert isinstance(transfers, list)
        assert isinstance(lots, list)
        undoing = transaction(
            self.next,
            member=None if line["member_number"] is None else int(str(line["member_number"])),
            mti=mti,
            processing_code=line["processing_code"],
            amount=line["amount"],
            net_amount=0,
            concerns=line["concerns"],
            grants=[],
            transfers=[
                each | {"debit": each["credit"], "credit": each["debit"], "reason": reason}
                for each in transfers
            ],
            lots=[each | {"delta": -each["delta"]} for each in lots],
        )
        return undoing | more

    def _expiry_of(self, sale: int) -> int:
        lots = self.lines[sale - 1]["lots"]
        assert isinstance(lots, list)
        return int(lots[0]["expires_at_s"])


def eventful(seed: int, count: int) -> History:
    """Some hundred entries of everything, whose points add up."""
    source = random.Random(seed)
    history = History(step_ms=DAY_MS // 40)
    history.rule_table()
    while history.next <= count:
        member = source.randint(1, 7)
        match source.randint(0, 11):
            case 0:
                history.declined(source.choice([member, None]), source.choice(["51", "14", "61"]))
            case 1:
                history.reversal(history.sale(member))
            case 2:
                sale = history.sale(member)
                history.returned(sale, 400_000, 40)
                if source.random() < 0.5:
                    history.returned(sale, 600_000, 60)
            case 3:
                sale = history.sale(member)
                history.reversal(history.returned(sale, 400_000, 40))
            case 4:
                sale = history.sale(member)
                history.completed(history.hold(member, 60, sale), 50, sale)
            case 5:
                sale = history.sale(member)
                history.voided(history.hold(member, 60, sale), sale)
            case 6:
                sale = history.sale(member)
                history.run_out(history.hold(member, 60, sale), sale)
            case 7:
                history.expired(member, 30, history.sale(member))
            case 8:
                history.redemption(member, 25, history.sale(member))
            case 9:
                history.given(member, member % 7 + 1, 10, history.sale(member))
            case 10:
                history.cut_over(f"2027-{source.randint(1, 12):02d}-{source.randint(1, 28):02d}")
            case _:
                shop = f"SHOP{source.randint(1, 3):02d}"
                amount = source.randint(1, 50) * 100_000
                history.sale(member, amount, merchant_id=shop, branch_number=source.randint(1, 2))
    return history


def events_of(lines: list[Line]) -> list[Event]:
    """The lines as the projection reads them."""
    return [FEED_EVENT.validate_python(line) for line in lines]


async def project(database: Database, lines: list[Line], *cuts: int, after: int = 0) -> None:
    """Apply the lines in batches that end at `cuts`."""
    events = events_of(lines)
    position = after
    for first, last in pairwise([0, *cuts, len(events)]):
        position = await apply_batch(database, FIRST_PROGRAMME, projectors(), position, events[first:last])
