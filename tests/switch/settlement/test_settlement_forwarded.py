"""What partners' switches decided, by an accountant's table: by shop, branch, guild and partner."""

import csv
import io
from pathlib import Path

from protocol.reconciliation import BatchTotals
from switch.journal.entries import Fate, ForwardedEntry
from switch.settlement.figures import Away
from switch.settlement.report import By, GroupLines, report_of, sum_of
from switch.settlement.writing import csv_text, json_form, text
from tests.switch.settlement.shops import TILLS, Shops

PAGE = (Path(__file__).parent / "forwarded.md").read_text("utf-8")
COLUMNS = [away for away in Away if away is not Away.FORWARDED_LOAD_AMOUNT]
_CODES = {"return": "200000", "void": "200000", "load": "210096"}
_FATES = {"advice": Fate.STORED, "taken-back": Fate.TAKEN_BACK}


class Accountant:
    """Plays the events of the page and looks at the report behind each."""

    def __init__(self) -> None:
        self.shops = Shops()
        self.entries: dict[str, ForwardedEntry] = {}

    def play(self, event: str) -> None:
        words = event.replace(",", "").split()
        number = words.pop(0) if words[0].isdecimal() else ""
        match words:
            case [kind, amount, *told, till, partner]:
                self._append(number, self._entry(kind, int(amount), till, partner, told))
            case ["reverse", original]:
                self._append(number, self._reversal(self.entries[original]))
            case ["give", "up", letter]:
                self._append("", self.entries[letter]._replace(fate=Fate.DISCARDED))
            case ["next", "day"]:
                self.shops.next_day()
            case _:
                raise AssertionError(event)

    def groups(self, by: By) -> dict[tuple[str, ...], GroupLines]:
        """Groups of the open day."""
        day = self.shops.state.business.open_day.day
        report = report_of(self.shops.totals(day), day, by)
        assert report.agrees
        return {group.names: group for group in report.groups}

    def _append(self, number: str, entry: ForwardedEntry) -> None:
        self.shops.append(entry._replace(at_ms=self.shops.now_s * 1000))
        self.entries[number] = entry

    def _entry(self, kind: str, amount: int, till: str, partner: str, told: list[str]) -> ForwardedEntry:
        values = dict(zip(told[::2], map(int, told[1::2]), strict=True))
        identity = self.shops.identity(till)
        declines = kind in ("decline", "taken-back")
        net, discount = values.get("net", amount), values.get("discount", 0)
        return ForwardedEntry(
            at_ms=0,
            mti="0220" if kind == "advice" else "0200",
            terminal_id=till,
            stan=identity.stan,
            transmitted_s=identity.transmitted_s,
            digest=identity.digest,
            processing_code=_CODES.get(kind, "000000"),
            amount=amount,
            currency="364",
            merchant_id=TILLS[till][0],
            branch_number=int(TILLS[till][1]),
            fate=_FATES.get(kind, Fate.ANSWERED),
            response_code="51" if declines else "00",
            original_s=0,
            original_stan=0,
            partner=partner,
            partner_terminal_id="CLUB0001",
            partner_s=identity.transmitted_s,
            partner_stan=identity.stan,
            net_amount=net,
            discount=discount,
            tendered=amount - net - discount if kind == "sale" else 0,
            voids_hold=kind == "void",
        )

    def _reversal(self, original: ForwardedEntry) -> ForwardedEntry:
        identity = self.shops.identity(original.terminal_id)
        return original._replace(
            mti="0400",
            stan=identity.stan,
            transmitted_s=identity.transmitted_s,
            fate=Fate.UNDOES,
            response_code="00",
            original_s=original.transmitted_s,
            original_stan=original.stan,
            net_amount=0,
            discount=0,
            tendered=0,
        )


def rows() -> list[tuple[str, list[int]]]:
    lines = [line.strip("|").split("|") for line in PAGE.splitlines() if line.startswith("|")][2:]
    return [(cells[0].strip(), [int(cell.replace(",", "")) for cell in cells[1:]]) for cells in lines]


def test_the_accountants_table() -> None:
    accountant = Accountant()
    for event, expected in rows():
        accountant.play(event)
        shops = accountant.groups(By.MERCHANT)
        shop = shops.get(("SHOP1",), sum_of(()))
        assert [shop.away[column] for column in COLUMNS] == expected, event
        assert shop.rial == 0, "the programme owes nothing for it"
        branches = accountant.groups(By.BRANCH)
        assert sum_of(group for names, group in branches.items() if names[0] == "SHOP1").away == shop.away
        assert accountant.groups(By.GUILD).get(("food",), sum_of(())).away == shop.away
        partners = accountant.groups(By.PARTNER)
        assert set(partners) <= {("switch:sister",), ("switch:cousin",)}
        assert sum_of(partners.values()).away == sum_of(shops.values()).away


def test_each_partner_has_its_own() -> None:
    accountant = Accountant()
    for event, _ in rows()[:3]:
        accountant.play(event)
    partners = accountant.groups(By.PARTNER)
    sister, cousin = partners["switch:sister",].away, partners["switch:cousin",].away
    assert (sister[Away.FORWARDED_PURCHASES], sister[Away.FORWARDED_NET_MONEY]) == (2, 740_000)
    assert (cousin[Away.FORWARDED_PURCHASES], cousin[Away.FORWARDED_NET_MONEY]) == (1, 500_000)


def test_business_day_and_terminals_have_them_with_their_own() -> None:
    accountant = Accountant()
    for event, _ in rows()[:12]:
        accountant.play(event)
    accountant.shops.buy("T0000001", 2_000)
    assert accountant.shops.counted("T0000001") == BatchTotals(
        credits_number=2,
        credits_reversal_number=1,
        debits_number=2,
        debits_reversal_number=1,
        credits_amount=390_000,
        credits_reversal_amount=300_000,
        debits_amount=1_002_000,
        debits_reversal_amount=1_000_000,
    )
    day = accountant.shops.state.business.open_day.day
    report = report_of(accountant.shops.totals(day), day, By.MERCHANT)
    assert [len(accountant.shops.totals(day).positions[till]) for till in ("T0000001", "T0000002")] == [6, 2]
    assert {terminal.terminal_id: terminal.counted for terminal in report.terminals} == {
        till: accountant.shops.counted(till) for till in ("T0000001", "T0000002")
    }


def test_the_columns_are_in_every_form() -> None:
    accountant = Accountant()
    for event, _ in rows()[:1]:
        accountant.play(event)
    day = accountant.shops.state.business.open_day.day
    for by in By:
        report = report_of(accountant.shops.totals(day), day, by)
        form = json_form(report)
        assert form["groups"][0]["forwarded"]["forwarded_tendered"] == 200_000
        assert form["total"]["forwarded"]["forwarded_net_money"] == 700_000
        assert set(form["groups"][0]["forwarded"]) <= set(form["titles"])
        (row,) = csv.DictReader(io.StringIO(csv_text(report)))
        assert (row["forwarded_purchases"], row["forwarded_discount"]) == ("1", "100000")
        told = (
            "             700,000  Money taken with a partner's cards, rial · وجه دریافتی با کارت شریک (ریال)"
        )
        assert told in text(report)
