"""A shop's day on a terminal's journal, with a plain model of what must be there after a power cut.

Every step of the day is one of the journal's operations. After a cut the journal must be as the model is
before the step under way, or after it: nothing between, nothing else.
"""

import copy
import random
from dataclasses import dataclass, field

from terminal.messages.cmac import CmacKey
from terminal.transactions.journal import Journal, JournalFull, OpenSale
from terminal.transactions.record_cipher import FLASH_KEY_INPUT

from tests.firmware.journal_messages import TRACK2_BYTES, approval, business_date, message
from tests.firmware.nor_flash import NorFlash, PowerCut

FLASH_KEY = CmacKey(bytes(range(16))).derive(FLASH_KEY_INPUT)
_BLOCKS, _BLOCK_BYTES = 7, 1024
REVERSED_LATER = 16  # trace numbers, and a business day

Step = tuple[str, int, str]  # operation, STAN, detail


@dataclass
class Kept:
    """What the journal has promised to know."""

    open: dict[int, list[object]] = field(default_factory=dict)
    offline: list[list[object]] = field(default_factory=list)
    days: dict[str, list[int]] = field(default_factory=dict)
    settled: dict[str, int] = field(default_factory=dict)
    sequence: int = 0

    def take(self, step: Step) -> None:
        """Follow one step."""
        name, stan, detail = step
        if name == "intend":
            self.open[stan] = [message("0200", stan, detail), None, None, False, detail, ""]
        elif name == "answer":
            self.open[stan][1], self.open[stan][5] = approval(stan, detail), detail
        elif name == "owe":
            self.open[stan][2] = message("0400", stan)
        elif name == "sent":
            self.open[stan][3] = True
        elif name == "reversed":
            sale = self.open.pop(stan)
            if sale[5] == "00":
                self._count(str(sale[4]), stan, reverses=False)
                self._count(str(sale[4]), stan, reverses=True)
        elif name == "complete":
            sale = self.open.pop(stan)
            if sale[5] == "00":
                self._count(str(sale[4]), stan, reverses=False)
        elif name == "sell":
            self.offline.append([stan, message("0220", stan), 0, "--"])
        else:
            self._take_rest(name, stan, detail)

    def _take_rest(self, name: str, stan: int, detail: str) -> None:
        rows = [row for row in self.offline if row[0] == stan]
        if name == "forward":
            rows[0][2] = 1
        elif name == "refuse":
            rows[0][2:] = [2, detail]
        elif name in ("done", "dismiss"):
            self.offline.remove(rows[0])
            if name == "done":
                self._count("sale", stan, reverses=False)
        elif name == "table":
            self.sequence = stan
        elif name == "settle":
            self.settled[detail] = sum(self.days[detail][:4])

    def _count(self, kind: str, stan: int, *, reverses: bool) -> None:
        """Numbers, then amounts, of credits, reversed credits, debits and reversed debits."""
        date = business_date(stan + REVERSED_LATER if reverses else stan)
        figures = self.days.setdefault(date, [0] * 8)
        self.settled.setdefault(date, 0)
        at = (0 if kind == "return" else 2) + reverses
        figures[at] += 1
        figures[at + 4] += 2_500_000 + stan


def found(journal: Journal) -> Kept:
    """What a journal knows, in the model's terms."""
    kept = Kept()
    for sale in journal.open_sales():
        request = journal.read(sale.intent)
        reply = journal.read(sale.reply) if sale.reply else None
        reversal = journal.read(sale.reversal) if sale.reversal else None
        kept.open[sale.stan] = [request, reply, reversal, sale.reversal_sent]
    for at in range(journal.offline.count):
        row = journal.offline.row(at)
        kept.offline.append([row.stan, journal.read(row.location), row.status, row.code.decode()])
    for day in journal.batch.days:
        kept.days[day.date.hex()] = [*day.numbers, *day.amounts]
        kept.settled[day.date.hex()] = day.settled
    kept.sequence = journal.table_sequence
    return kept


def same(kept: Kept, seen: Kept) -> bool:
    """Whether the journal's knowledge is the model's."""
    opened = {stan: sale[:4] for stan, sale in kept.open.items()}
    return (
        opened == seen.open
        and kept.offline == seen.offline
        and kept.days == seen.days
        and (kept.sequence, kept.settled) == (seen.sequence, seen.settled)
    )


class Shop:
    """A journal and its model. `kept` is what was promised; `under_way` is the step that has not returned."""

    def __init__(self, flash: NorFlash, kept: Kept | None = None, stans: list[int] | None = None) -> None:
        self.flash = flash
        self.kept = kept or Kept()
        self.stans = stans if stans is not None else []
        self.under_way: Step | None = None

    def boot(self) -> None:
        """Power on, and compare."""
        self.journal = Journal(self.flash, FLASH_KEY, offline_limit=20)
        seen = found(self.journal)
        if self.under_way:
            after = copy.deepcopy(self.kept)
            after.take(self.under_way)
            if not same(self.kept, seen):
                assert same(after, seen), f"neither before nor after {self.under_way}"
                self.kept = after
            self.under_way = None
        assert same(self.kept, seen)

    def stan(self) -> int:
        """The next trace number, which must be new."""
        stan = int(self.journal.next_stan())
        assert stan not in self.stans[-2000:]
        self.stans.append(stan)
        return stan

    def do(self, name: str, stan: int, detail: str = "") -> None:
        """One step."""
        self.under_way = (name, stan, detail)
        self._do(name, stan, detail)
        self.kept.take(self.under_way)
        self.under_way = None

    def _do(self, name: str, stan: int, detail: str) -> None:
        journal = self.journal
        if name == "intend":
            journal.intend(stan, message("0200", stan, detail))
        elif name == "answer":
            journal.answer(self._sale(stan), approval(stan, detail))
        elif name == "owe":
            journal.owe_reversal(self._sale(stan), message("0400", stan))
        elif name == "sent":
            journal.sent(self._sale(stan))
        elif name == "reversed":
            date = business_date(stan + REVERSED_LATER)
            journal.reversed(self._sale(stan), "00", f"{stan:012d}", date=date)
        elif name == "complete":
            journal.complete(self._sale(stan))
        elif name == "sell":
            journal.store_offline(stan, message("0220", stan), 7)
        elif name == "table":
            journal.accept_table(stan)
        elif name == "settle":
            journal.settle(bytes.fromhex(detail), sum(self.kept.days[detail][:4]))
        else:
            row = journal.offline.row(journal.offline.find(stan))
            if name == "forward":
                journal.offline_sent(row)
            elif name == "refuse":
                journal.offline_refused(row, detail)
            else:
                journal.offline_done(
                    row, "00" if name == "done" else "12", f"{stan:012d}", business_date(stan)
                )

    def _sale(self, stan: int) -> OpenSale:
        return next(sale for sale in self.journal.open_sales() if sale.stan == stan)

    # What happens in a shop

    def sell_online(self, kind: str, code: str) -> None:
        """A sale with its answer and its receipt."""
        stan = self.stan()
        if self.intend(stan, kind):
            self.do("answer", stan, code)
            self.do("complete", stan)

    def intend(self, stan: int, kind: str) -> bool:
        """Begin a sale; False where the journal refuses it, which it may only beside an open one."""
        try:
            self.do("intend", stan, kind)
        except JournalFull:
            assert self.kept.open
            self.under_way = None
            return False
        return True

    def finish(self) -> None:
        """What a terminal does before anything else: receipts, then reversals."""
        for stan, sale in list(self.kept.open.items()):
            if sale[1] and not sale[2]:
                self.do("complete", stan)
                continue
            if not sale[2]:
                self.do("owe", stan)
            if not self.kept.open[stan][3]:
                self.do("sent", stan)
            self.do("reversed", stan)

    def forward(self, most: int) -> None:
        """Forward what waits, in order."""
        order = [row[0] for row in self.kept.offline if row[2] != 2]
        for _ in range(most):
            row = self.journal.offline.first_waiting()
            if row is None:
                break
            assert row.stan == order.pop(0)
            if row.status == 0:
                self.do("forward", row.stan)
            if row.stan % 5 == 0:
                self.do("refuse", row.stan, "14")
            else:
                self.do("done", row.stan)

    def dismiss(self) -> None:
        """The operator sees what was refused."""
        for row in [row for row in self.kept.offline if row[2] == 2]:
            self.do("dismiss", int(str(row[0])))

    def live(self, seeded: random.Random, steps: int) -> None:
        """Some hours of anything."""
        for _ in range(steps):
            choice = seeded.randrange(12)
            if choice < 4:
                kind = seeded.choice(("sale", "redemption", "return"))
                self.sell_online(kind, seeded.choice(("00", "00", "51")))
            elif choice == 4:
                stan = self.stan()
                if not self.intend(stan, "sale"):
                    continue
                if seeded.random() < 0.5:
                    self.do("answer", stan, "00")
                self.do("owe", stan)
                if seeded.random() < 0.5:
                    self.do("sent", stan)
                if seeded.random() < 0.6:
                    self.finish()
            elif choice < 8 and self.journal.has_offline_room(160):
                self.do("sell", self.stan())
            elif choice == 8:
                self.forward(seeded.randrange(6))
            elif choice == 9 and self.kept.days:
                self.do("settle", 0, seeded.choice(sorted(self.kept.days)))
            elif choice == 10:
                self.dismiss()
            elif choice == 11:
                self.do("table", self.kept.sequence + 1)
            if len(self.kept.open) > 1:
                self.finish()


@dataclass
class Change:
    """One program or erase of the day, and what was promised when it began."""

    address: int
    data: bytes
    is_erase: bool
    before: bytes
    kept: Kept
    under_way: Step | None
    stans: list[int]


class LoggedFlash(NorFlash):
    """Notes every change before it is made."""

    def __init__(self) -> None:
        super().__init__(_BLOCK_BYTES, _BLOCKS)
        self.shop: Shop | None = None
        self.changes: list[Change] = []

    def _set(self, address: int, new: bytes, backward: bool) -> None:
        shop = self.shop
        if shop is not None:
            change = Change(
                address,
                new,
                new == b"\xff" * self.block_bytes,
                bytes(self.content),
                copy.deepcopy(shop.kept),
                shop.under_way,
                shop.stans[-200:],
            )
            self.changes.append(change)
        super()._set(address, new, backward)


def day(seed: int = 1404, steps: int = 60) -> list[Change]:
    """All changes of a scripted day."""
    flash = LoggedFlash()
    shop = Shop(flash)
    flash.shop = shop
    shop.boot()
    seeded = random.Random(seed)
    # Sales without a link that wait while the ring goes round.
    for _ in range(3):
        shop.do("sell", shop.stan())
    shop.live(seeded, steps)
    shop.finish()
    shop.forward(20)
    return flash.changes


def cut(change: Change, done: int, way: int, seeded: random.Random) -> bytearray:
    """The flash after a cut when `done` bytes of a change were made.

    `way`: 0 clean, 1 the byte at the cut has some of its bits, 2 what was programmed last or not yet is
    anything, 3 an erase from the end, or one in which every byte is as far as it likes.
    """
    content = bytearray(change.before)
    at, size = change.address, len(change.data)
    content[at : at + done] = change.data[:done]
    if change.is_erase and way >= 2:
        content[at : at + size] = change.before[at : at + size]
        if way == 2:
            content[at + size - done : at + size] = change.data[size - done :]
        else:
            for index in range(size):
                content[at + index] |= seeded.choice((0x00, 0xFF, seeded.randrange(256)))
    elif way == 1 and done < size:
        content[at + done] &= change.data[done] | seeded.randrange(256)
    elif way == 2:
        for index in range(done, size):
            content[at + index] = seeded.randrange(256)
    elif way == 3:
        for index in range(max(0, done - 6), done):
            content[at + index] |= seeded.randrange(256)
    return content


def survive(change: Change, done: int, way: int, seeded: random.Random) -> int:
    """Cut the power in a change, and twice more in what follows; returns the number of cuts."""
    flash = NorFlash(_BLOCK_BYTES, _BLOCKS)
    flash.content = cut(change, done, way, seeded)
    shop = Shop(flash, copy.deepcopy(change.kept), list(change.stans))
    shop.under_way = change.under_way
    cuts = 1
    for _ in range(2):
        shop.boot()
        assert TRACK2_BYTES not in flash.content
        flash.fuel, flash.torn = seeded.randrange(3000), seeded.choice((None, 0x00, 0x5A))
        flash.backward_erase = seeded.random() < 0.5
        try:
            shop.finish()
            shop.live(seeded, 4)
        except PowerCut:
            cuts += 1
        flash.fuel = None
    shop.boot()
    shop.finish()
    shop.forward(40)
    assert not shop.kept.open and not [row for row in shop.kept.offline if row[2] != 2]
    shop.sell_online("sale", "00")
    return cuts
