"""The settlement report of one business day: who owes whom, per purse and in rial, and who is reconciled.

Plus is what the programme owes the merchant, partner or charity, minus what is owed to the programme. Rial is
what the purse's value makes of the movements of one kind, rounded away from zero, and discounts as they are;
totals are the sums of their lines.
"""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from switch.journal.entries import CutOverEntry, EntryKind, ReconciliationEntry, RuleTableEntry, unpack
from switch.journal.faults import PositionGone
from switch.journal.format import RawEntry
from switch.journal.reader import Beginning, JournalScan, SparseIndex, read_after
from switch.ledger.accounts import account_number
from switch.ledger.business_day import BusinessDays
from switch.ledger.state import State
from switch.rules.local_time import iso_date
from switch.rules.outcome import Party
from switch.rules.packing import unpack as unpack_table
from switch.rules.purses import Purse
from switch.settlement.figures import (
    CAUSES_OF,
    SETTLED_PARTIES,
    Away,
    Cause,
    Discount,
    Payout,
    Place,
    PlaceFigures,
    Sale,
    Side,
)
from switch.settlement.standing import TerminalStanding, standings
from switch.settlement.totals import SettlementTotals
from switch.snapshot.image import Image
from switch.snapshot.reading import image_before


class By(StrEnum):
    """Whose lines a report has."""

    MERCHANT = "merchant"
    BRANCH = "branch"
    GUILD = "guild"
    PARTNER = "partner"


class PurseLine(NamedTuple):
    """One purse of one group, in its units: opening + causes = closing.

    `payouts` are the worth of the day's movements (see `Payout`), `closing_rial` that of the closing balance.
    """

    purse: int
    opening: int
    causes: tuple[int, ...]
    movement: int
    closing: int
    payouts: tuple[int, ...]
    closing_rial: int

    @property
    def rial(self) -> int:
        """What all the day's movements are worth."""
        return sum(self.payouts)


class FundingLine(NamedTuple):
    """What a party paid for earnings made at a group's tills, less what was taken back."""

    party: str
    purse: int
    amount: int


class FlowLine(NamedTuple):
    """What members' purses gained and lost at a group's tills; see `Flow` for the columns."""

    purse: int
    flows: tuple[int, ...]


class GroupLines(NamedTuple):
    """One group's lines. `names` are merchant, merchant and branch, guild, or party or partner's switch.

    `discounts` are by `Discount`; `owed_discounts` is what the group gets of them, less than nothing for a
    partner, who pays; rial. `away` is what a partner's switch decided, by `Away`: it settles that, and the
    programme owes nothing for it.
    """

    names: tuple[str, ...]
    sales: tuple[int, ...]
    discounts: tuple[int, ...]
    owed_discounts: int
    away: tuple[int, ...]
    flows: tuple[FlowLine, ...]
    funding: tuple[FundingLine, ...]
    purses: tuple[PurseLine, ...]

    @property
    def payouts(self) -> tuple[int, ...]:
        """What the programme owes for the day, by `Payout`."""
        sums = [sum(amounts) for amounts in zip(*[line.payouts for line in self.purses], strict=True)]
        sums = sums or [0] * len(Payout)
        sums[Payout.DISCOUNTS_RIAL] += self.owed_discounts
        return tuple(sums)

    @property
    def rial(self) -> int:
        """All payouts together; plus is what the programme owes."""
        return sum(self.payouts)


class Report(NamedTuple):
    """A day's settlement. `last_position` is 0 and `is_open` True while the day goes on.

    `agrees` tells whether the lines of all merchants, partners and charities sum up to the ledger's accounts.
    """

    day: int
    by: By
    is_open: bool
    first_position: int
    last_position: int
    purses: dict[int, Purse]
    groups: tuple[GroupLines, ...]
    terminals: tuple[TerminalStanding, ...]
    agrees: bool


class UnknownDay(Exception):  # noqa: N818  (not an error in the program)
    """The journal has no such business day."""


def business_days(directory: Path) -> list[int]:
    """Business days of a journal of which a report can tell, oldest first; the last one is open.

    Where the first segments are gone they are those that begin behind the oldest snapshot. Raises
    JournalFault.
    """
    found = BusinessDays()
    known: list[int] = []
    image = image_before(directory)
    if image is not None and image.state.business.open_day.first_position > image.header.position:
        known.append(image.state.business.open_day.day)
    for raw in _entries(directory, image):
        if raw.kind == EntryKind.RULE_TABLE and not known and image is None:
            entry = unpack(raw.kind, raw.version, raw.body)
            if isinstance(entry, RuleTableEntry):
                zone = unpack_table(entry.table).programme.time_zone
                found.begin(zone, entry.at_ms // 1000)
                known.append(found.open_day.day)
        elif raw.kind == EntryKind.CUT_OVER:
            entry = unpack(raw.kind, raw.version, raw.body)
            if isinstance(entry, CutOverEntry):
                known.append(entry.day)
    return known


def settlement_report(directory: Path, day: int, by: By) -> Report:
    """Fold a journal up to the end of a day; only reads, so a switch may be running.

    Reconciliations of the day count also where they came later. Where the first segments are gone it begins
    with the oldest snapshot. Raises UnknownDay, JournalFault, EntryFault.
    """
    image = image_before(directory)
    if image is not None:
        _check_kept(directory, image, day, by)
    totals = SettlementTotals(listed_day=day, begun=None if image is None else image.state)
    index = SparseIndex()
    for point in () if image is None else image.points:
        index.note(*point)

    def find_older(position: int) -> RawEntry | None:
        try:
            return read_after(index, position - 1, position, 1)[0]
        except PositionGone:
            totals.note_gone(f"entry {position}")
            return None

    totals.state.find_older = find_older
    is_over = False
    for raw in _entries(directory, image, index):
        if not is_over:
            totals.apply(raw)
            is_over = totals.state.business.open_day.day > day
        elif raw.kind == EntryKind.RECONCILIATION:
            entry = unpack(raw.kind, raw.version, raw.body)
            if isinstance(entry, ReconciliationEntry) and entry.day == day:
                totals.reconciliations.append(entry)
    if day in totals.lacking:
        raise UnknownDay(f"{totals.lacking[day]}, which something of this day undoes, is gone")
    return report_of(totals, day, by)


def report_of(totals: SettlementTotals, day: int, by: By) -> Report:
    """The report of a day from totals that have it in full, and nothing behind it. Raises UnknownDay."""
    book = totals.state.business.book(day)
    if book is None:
        raise UnknownDay("the journal has no such business day")
    purses = totals.state.rule_table.purses
    return Report(
        day=day,
        by=by,
        is_open=book.last_position == 0,
        first_position=book.first_position,
        last_position=book.last_position,
        purses=dict(purses),
        groups=tuple(_groups(totals, day, by, dict(purses))),
        terminals=tuple(standings(totals, book)),
        agrees=_agrees(totals),
    )


def sum_of(groups: Iterable[GroupLines]) -> GroupLines:
    """All groups in one: every figure is the sum of theirs."""
    sales = (0,) * len(Sale)
    discounts = (0,) * len(Discount)
    owed_discounts = 0
    away = (0,) * len(Away)
    flows: dict[int, tuple[int, ...]] = {}
    funding: dict[tuple[str, int], int] = {}
    purses: dict[int, PurseLine] = {}
    for group in groups:
        sales = _sums(sales, group.sales)
        discounts = _sums(discounts, group.discounts)
        owed_discounts += group.owed_discounts
        away = _sums(away, group.away)
        for purse, amounts in group.flows:
            flows[purse] = _sums(flows.get(purse, (0,) * len(amounts)), amounts)
        for party, purse, amount in group.funding:
            funding[party, purse] = funding.get((party, purse), 0) + amount
        for line in group.purses:
            known = purses.get(line.purse)
            purses[line.purse] = line if known is None else _plus(known, line)
    return GroupLines(
        names=(),
        sales=sales,
        discounts=discounts,
        owed_discounts=owed_discounts,
        away=away,
        flows=tuple(FlowLine(purse, amounts) for purse, amounts in sorted(flows.items())),
        funding=tuple(FundingLine(*key, amount) for key, amount in sorted(funding.items())),
        purses=tuple(purses[code] for code in sorted(purses)),
    )


def _plus(one: PurseLine, other: PurseLine) -> PurseLine:
    return PurseLine(
        one.purse,
        one.opening + other.opening,
        _sums(one.causes, other.causes),
        one.movement + other.movement,
        one.closing + other.closing,
        _sums(one.payouts, other.payouts),
        one.closing_rial + other.closing_rial,
    )


def _sums(one: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(mine + theirs for mine, theirs in zip(one, other, strict=True))


def _groups(totals: SettlementTotals, day: int, by: By, purses: dict[int, Purse]) -> Iterator[GroupLines]:
    figures: dict[tuple[str, ...], PlaceFigures] = {}
    owed: dict[tuple[str, ...], int] = {}
    moved: dict[tuple[str, ...], dict[int, list[int]]] = {}
    closing: dict[tuple[str, ...], dict[int, int]] = {}
    away: dict[tuple[str, ...], tuple[int, ...]] = {}
    for place, found in totals.days.get(day, {}).items():
        if by is By.PARTNER:
            for number, amount in found.partners.items():
                partner = (_party_name(Party.PARTNER, number),)
                owed[partner] = owed.get(partner, 0) - amount
        else:
            figures.setdefault(_names(by, place, None), PlaceFigures()).add(found)
        for link, forwarded in found.away.items():
            key = (f"switch:{link}",) if by is By.PARTNER else _names(by, place, None)
            away[key] = _sums(away.get(key, (0,) * len(Away)), tuple(forwarded))
        for side, causes in found.movements.items():
            if _belongs(by, side):
                lines = moved.setdefault(_names(by, place, side), {})
                before = lines.get(side.purse, [0] * len(Cause))
                lines[side.purse] = [mine + theirs for mine, theirs in zip(before, causes, strict=True)]
    for (place, side), amount in totals.running.items():
        if _belongs(by, side):
            sums = closing.setdefault(_names(by, place, side), {})
            sums[side.purse] = sums.get(side.purse, 0) + amount
    for names in sorted({*figures, *closing, *owed, *away}):
        mine = figures.get(names, PlaceFigures())
        yield GroupLines(
            names=names,
            sales=tuple(mine.sales),
            discounts=tuple(mine.discounts),
            owed_discounts=owed.get(names, 0)
            + mine.discounts[Discount.DISCOUNT_BY_PROGRAMME]
            + mine.discounts[Discount.DISCOUNT_BY_PARTNERS],
            away=away.get(names, (0,) * len(Away)),
            flows=tuple(FlowLine(purse, tuple(flows)) for purse, flows in sorted(mine.flows.items())),
            funding=_funding(totals.state, mine),
            purses=tuple(
                _purse_line(purse, moved.get(names, {}).get(purse, [0] * len(Cause)), amount, purses)
                for purse, amount in sorted(closing.get(names, {}).items())
            ),
        )


def _purse_line(purse: int, causes: list[int], closing: int, purses: dict[int, Purse]) -> PurseLine:
    movement = sum(causes)
    declared = purses.get(purse)

    def worth(amount: int) -> int:
        if declared is None:
            return 0
        return declared.value(amount) if amount >= 0 else -declared.value(-amount)

    return PurseLine(
        purse,
        closing - movement,
        tuple(causes),
        movement,
        closing,
        tuple(worth(sum(causes[cause] for cause in CAUSES_OF.get(payout, ()))) for payout in Payout),
        worth(closing),
    )


def _funding(state: State, figures: PlaceFigures) -> tuple[FundingLine, ...]:
    sums: dict[tuple[str, int], int] = {}
    for side, amount in figures.funding.items():
        key = (_party(state, side), side.purse)
        sums[key] = sums.get(key, 0) + amount
    return tuple(FundingLine(*key, amount) for key, amount in sorted(sums.items()) if amount)


def _party(state: State, side: Side) -> str:
    if side.party is Party.MERCHANT:
        return f"merchant:{state.merchants[side.number - 1]}"
    if side.party is Party.PROGRAMME:
        return "programme"
    return _party_name(side.party, side.number)


def _party_name(party: Party, number: int) -> str:
    return f"{party.name.lower()}:{number}"


def _belongs(by: By, side: Side) -> bool:
    return (side.party is Party.MERCHANT) != (by is By.PARTNER)


def _names(by: By, place: Place, side: Side | None) -> tuple[str, ...]:
    if by is By.PARTNER and side is not None:
        return (_party_name(side.party, side.number),)
    if by is By.BRANCH:
        return place.merchant_id, f"{place.branch_number:06d}"
    return (place.guild,) if by is By.GUILD else (place.merchant_id,)


def _agrees(totals: SettlementTotals) -> bool:
    """Whether all lines ever counted sum up to the accounts of the ledger, and discounts to their payers'."""
    sums: dict[int, int] = {}
    for (_, side), amount in totals.running.items():
        account = account_number(*side)
        sums[account] = sums.get(account, 0) + amount
    accounts = totals.state.accounts
    return totals.discounts_agree and all(
        accounts.posted(account) == sums.get(account, 0)
        for account in accounts
        if account >> 56 in SETTLED_PARTIES
    )


def _check_kept(directory: Path, image: Image, day: int, by: By) -> None:
    """Raises UnknownDay for what needs entries that are gone."""
    gone = f"the journal's first segments are gone, and snapshot {image.header.position} is the oldest of use"
    first = next(iter(business_days(directory)), None)
    if first is None:
        raise UnknownDay(f"{gone}: no business day has begun since")
    if day < first:
        raise UnknownDay(f"{gone}: reports can be had from {iso_date(first)} on")
    if by in (By.BRANCH, By.GUILD):
        raise UnknownDay(f"{gone}: what each {by} stood at before isn't known; merchant and partner are")


def _entries(
    directory: Path, image: Image | None = None, index: SparseIndex | None = None
) -> Iterator[RawEntry]:
    """All entries behind an image in order; the index can find those that were told."""
    beginning = Beginning()
    if image is not None:
        beginning = Beginning(image.header.position + 1, image.header.chain_hash)
    for batch in JournalScan(directory, beginning=beginning).run():
        if index is not None:
            index.note(batch.entries[0].position, batch.path, batch.offset)
        yield from batch.entries
