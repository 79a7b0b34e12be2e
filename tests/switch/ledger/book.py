"""A state with its journal in memory, for tests of the ledger: every entry goes through its bytes."""

from collections.abc import Callable

from switch.journal.entries import (
    ENTRY_VERSION,
    Entry,
    GrantRecord,
    MaintenanceEntry,
    RecordChange,
    RuleTableEntry,
    TransactionEntry,
    pack,
    unpack,
)
from switch.journal.format import RawEntry
from switch.ledger.accounts import AccountKind, ProgrammeAccount, account_number, programme_account
from switch.ledger.maintenance import due
from switch.ledger.posting import Posting
from switch.ledger.records import Role, Status, TerminalRecord
from switch.ledger.state import State
from switch.rules.facts import Line
from switch.rules.outcome import NEVER_S, CounterMove
from switch.rules.packing import pack as pack_table
from switch.rules.purses import Purse, PurseUnit
from switch.rules.table import Calendar, Programme, StackGroup, StackMode, Tier

HOST = TerminalRecord("HOST0001", "", 0, 1, Role.HOST, Status.ACTIVE)
DAY_S = 86_400
# A midnight (UTC).
START_S = 20_600 * DAY_S

POINTS, CREDIT, TIER_POINTS = 91, 92, 95

PLAIN_PURSE = Purse(
    code=POINTS,
    name="points",
    title_fa="امتیاز",
    title_en="points",
    unit=PurseUnit.POINTS,
    currency="999",
    value_give=1000,
    value_per=1,
    overdraft_max=0,
    return_may_overdraw=True,
    is_pooled=False,
    is_transferable=True,
    inactivity_days=0,
    restore_grace_days=0,
)
CREDIT_PURSE = PLAIN_PURSE._replace(
    code=CREDIT, name="credit", unit=PurseUnit.MONEY, currency="364", value_give=1, is_pooled=True
)
TIER_PURSE = PLAIN_PURSE._replace(code=TIER_POINTS, name="tier_points", value_give=0)
PURSES = (PLAIN_PURSE, CREDIT_PURSE, TIER_PURSE)

LIABILITY = programme_account(ProgrammeAccount.LIABILITY, POINTS)
BREAKAGE = programme_account(ProgrammeAccount.BREAKAGE, POINTS)
SHOP = account_number(AccountKind.MERCHANT, 1, POINTS)
MEMBER = account_number(AccountKind.MEMBER, 11, POINTS)
OTHER = account_number(AccountKind.MEMBER, 22, POINTS)

BLANK = TransactionEntry(
    at_ms=START_S * 1000,
    mti="0200",
    terminal_id="T1",
    stan=0,
    transmitted_s=START_S,
    digest=bytes(16),
    processing_code="000000",
    amount=1000,
    currency="364",
    merchant_id="SHOP1",
    branch_number=7,
    card_reference=None,
    member_number=None,
    response_code="00",
    approval_code="",
    rule_table_version=1,
    reverses=0,
    original_s=0,
    original_stan=0,
    looked_at_s=START_S,
    concerns=0,
    net_amount=0,
    discount=0,
    tendered=0,
    hold_until_s=0,
    activity=False,
    transfers=(),
    lot_moves=(),
    counter_moves=(),
    grants=(),
    lines=(),
    line_returns=(),
    record_changes=(),
    balances=(),
    reply_tags=(),
)


def packed_table(
    purses: tuple[Purse, ...] = PURSES, tiers: tuple[Tier, ...] = (), name: str = "club"
) -> bytes:
    """Bytes of a table without rules."""
    programme = Programme(
        name=name,
        time_zone="Asia/Tehran",
        calendar=Calendar.JALALI,
        purses=tuple(sorted(purses)),
        segments=(),
        agreements=(),
        tier_purse=TIER_POINTS if tiers else 0,
        tiers=tiers,
        return_days=30,
        hold_minutes=60,
    )
    return pack_table(programme, (StackGroup("base", StackMode.SUM),), (), (), (), ())


class Book:
    """A ledger that starts with a rule table of some purses."""

    def __init__(self, purses: tuple[Purse, ...] = PURSES, tiers: tuple[Tier, ...] = ()) -> None:
        self.state = State(HOST)
        self.journal: list[RawEntry] = []
        self.now_s = START_S
        self.stan = 0
        self.take(RuleTableEntry(self.now_s * 1000, 1, packed_table(purses, tiers)))

    def take(self, entry: Entry) -> int:
        """Journal and apply an entry; its position."""
        kind, body = pack(entry)
        assert unpack(kind, ENTRY_VERSION, body) == entry
        raw = RawEntry(self.state.position + 1, kind, ENTRY_VERSION, body)
        self.state.apply(raw, entry)
        self.journal.append(raw)
        return raw.position

    def posting(self) -> Posting:
        """An empty posting on the ledger as it stands."""
        return Posting(self.state, self.state.rule_table.purses, self.now_s)

    def transact(
        self,
        fill: Callable[[Posting], object] | None = None,
        *,
        mti: str = "0200",
        processing_code: str = "000000",
        response_code: str = "00",
        amount: int = 1000,
        member_number: int | None = None,
        reverses: int = 0,
        original: tuple[int, int] = (0, 0),
        concerns: int = 0,
        tendered: int = 0,
        hold_until_s: int = 0,
        activity: bool = False,
        counter_moves: tuple[CounterMove, ...] = (),
        grants: tuple[GrantRecord, ...] = (),
        lines: tuple[Line, ...] = (),
        line_returns: tuple[tuple[int, int], ...] = (),
        record_changes: tuple[RecordChange, ...] = (),
    ) -> int:
        """Take a transaction of what `fill` posts; its position. Raises what the posting raises."""
        posting = self.posting()
        if fill is not None:
            fill(posting)
        transfers, lot_moves = posting.finish()
        self.stan += 1
        return self.take(
            BLANK._replace(
                at_ms=self.now_s * 1000,
                mti=mti,
                stan=self.stan,
                transmitted_s=self.now_s,
                looked_at_s=self.now_s,
                processing_code=processing_code,
                response_code=response_code,
                amount=amount,
                member_number=member_number,
                reverses=reverses,
                original_s=original[0],
                original_stan=original[1],
                concerns=concerns,
                tendered=tendered,
                hold_until_s=hold_until_s,
                activity=activity,
                transfers=transfers,
                lot_moves=lot_moves,
                counter_moves=counter_moves,
                grants=grants,
                lines=lines,
                line_returns=line_returns,
                record_changes=record_changes,
            )
        )

    def entry(self, position: int) -> TransactionEntry:
        """The transaction at a position."""
        found = self.state.find_entry(position)
        assert isinstance(found, TransactionEntry)
        return found

    def maintain(self, limit: int = 255) -> list[MaintenanceEntry]:
        """Do all maintenance that is due."""
        done = []
        while (entry := due(self.state, self.now_s, limit)) is not None:
            assert due(self.state, self.now_s, limit) == entry
            self.take(entry)
            done.append(entry)
        return done

    def lots(self, account: int = MEMBER) -> list[tuple[int, int, int]]:
        """Buckets as (days to expiry, days until available, amount); None's place is taken by NEVER."""
        return [
            (_days(expires_at_s), _days(available_from_s), amount)
            for expires_at_s, available_from_s, amount in self.state.lots.buckets(account)
        ]

    def replayed(self) -> State:
        """A state made of the journal's bytes alone."""
        state = State(HOST)
        for raw in self.journal:
            state.apply(raw, unpack(raw.kind, raw.version, raw.body, for_replay=True))
        return state

    def check(self) -> None:
        """What must hold at any time."""
        assert set(self.state.accounts.trial_balance().values()) <= {0}
        for account in self.state.accounts:
            pairs = self.state.lots.pairs(account)
            keys, amounts = pairs[::2], pairs[1::2]
            assert list(keys) == sorted(set(keys))
            assert all(
                (amount < 0) if key == 0 else (amount > 0) for key, amount in zip(keys, amounts, strict=True)
            )
            if account >> 56 in (AccountKind.MEMBER, AccountKind.HOUSEHOLD, AccountKind.GIFT_CARD):
                assert sum(amounts) == self.state.accounts.balance(account)
            else:
                assert not pairs
        assert self.replayed().digest() == self.state.digest()


NEVER = -1


def _days(moment_s: int) -> int:
    """Days since START_S; NEVER and 0 stay."""
    if moment_s == NEVER_S:
        return NEVER
    return moment_s and (moment_s - START_S) // DAY_S


def day(number: int) -> int:
    """The second at which a day after START_S begins."""
    return START_S + number * DAY_S
