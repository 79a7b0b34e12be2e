"""The report's forms: every figure in each of them, in two languages and two calendars."""

import csv
import io
import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from switch.journal.entries import MaintenanceEntry
from switch.journal.format import pack_entry
from switch.journal.writer import Journal
from switch.ledger import state
from switch.settlement.figures import Cause, Sale
from switch.settlement.report import By, UnknownDay, business_days, report_of, settlement_report, sum_of
from switch.settlement.writing import csv_text, json_form, text
from tests.switch.settlement.shops import TILLS, Shops
from tools.commands.settlement import settlement

FIRST_DAY = (date(2026, 6, 14) - date(1970, 1, 1)).days
JALALI = "1405-03-24"


@pytest.fixture(scope="module")
def shops() -> Shops:
    """Two days of trade: the second one is open."""
    found = Shops()
    sale = found.buy("T0000001", 2_500_000)
    found.buy("T0000003", 900_000, 2)
    found.send(found.reversal_of(sale))
    found.ask("T0000002", "210094", 700_000)
    found.next_day()
    found.buy("T0000001", 3_000_000)
    assert found.pay("T0000002", 400_000)[1].response_code == "00"
    return found


@pytest.fixture(scope="module")
def directory(shops: Shops, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same as a journal on disk."""
    return on_disk(shops, tmp_path_factory.mktemp("settlement") / "journal")


def on_disk(shops: Shops, path: Path, batch_entries: int = 1) -> Path:
    journal = Journal.open(path, key_check=bytes(8), segment_bytes=4096, now_ms=1, on_entry=lambda raw: None)
    entries = [pack_entry(raw.kind, raw.version, raw.body) for raw in shops.raws]
    for start in range(0, len(entries), batch_entries):
        journal.commit(entries[start : start + batch_entries], 1)
    journal.close()
    return path


def ask(directory: Path, *arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(settlement, ["report", "--journal", str(directory), *arguments])
    return done.exit_code, done.output


def test_a_journal_on_disk_gives_the_same_report(shops: Shops, directory: Path) -> None:
    assert business_days(directory) == [FIRST_DAY, FIRST_DAY + 1]
    for day in (FIRST_DAY, FIRST_DAY + 1):
        for by in By:
            assert settlement_report(directory, day, by) == report_of(shops.totals(day), day, by)
    for day in (0, FIRST_DAY - 1, FIRST_DAY + 2):
        with pytest.raises(UnknownDay):
            settlement_report(directory, day, By.MERCHANT)


def test_a_reversal_of_what_happened_long_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "RECENT_ENTRIES", 64)
    shops = Shops()
    sale = shops.buy("T0000001", 2_500_000)
    for _ in range(state.RECENT_ENTRIES):
        shops.append(MaintenanceEntry(shops.now_s * 1000, (), (), ()))
    assert shops.send(shops.reversal_of(sale)).response_code == "00"
    report = settlement_report(on_disk(shops, tmp_path / "journal", 10), FIRST_DAY, By.MERCHANT)
    sales = report.groups[0].sales
    assert (sales[Sale.PURCHASES], sales[Sale.REVERSALS], sales[Sale.NET_MONEY]) == (1, 1, 0)
    assert report.terminals[0].counted.debits_reversal_amount == 2_500_000
    assert report.agrees


def test_figures_of_a_day(directory: Path) -> None:
    report = settlement_report(directory, FIRST_DAY + 1, By.MERCHANT)
    assert report.is_open
    assert report.last_position == 0
    shop, other = report.groups
    assert (shop.names, other.names) == (("SHOP1",), ("SHOP2",))
    points = next(line for line in shop.purses if line.purse == 91)
    # 400 points spent here. It pays 333 of the 1,000 points earned and 20 of the 60 for the charity.
    assert points.causes[Cause.SPENT] == 400
    assert points.causes[Cause.FUNDED] == -353
    assert (points.opening, points.movement, points.closing) == (0, 47, 47)
    assert (points.rial, points.closing_rial) == (47_000, 47_000)
    wallet = next(line for line in shop.purses if line.purse == 94)
    assert (wallet.opening, wallet.movement, wallet.closing_rial) == (-700_000, 0, -700_000)
    assert other.rial == 0
    assert sum_of(report.groups).rial == 47_000


def test_json_has_everything(directory: Path) -> None:
    code, output = ask(directory, "--date", JALALI, "--by", "branch", "--json")
    assert code == 0
    found = json.loads(output)
    assert found == json_form(settlement_report(directory, FIRST_DAY, By.BRANCH))
    assert (found["date"], found["jalali_date"], found["open"]) == ("2026-06-14", JALALI, False)
    assert [group["names"]["branch"] for group in found["groups"]] == ["000001", "000002", "000001"]
    assert [terminal["terminal"] for terminal in found["terminals"]] == sorted(TILLS)
    assert all(title["en"] and title["fa"] for title in found["titles"].values())
    assert set(found["groups"][0]["sales"]) <= set(found["titles"])
    assert sum(group["rial"] for group in found["groups"]) == found["total"]["rial"]


def test_csv_has_a_line_for_each_purse(directory: Path) -> None:
    for by in By:
        report = settlement_report(directory, FIRST_DAY, by)
        rows = list(csv.DictReader(io.StringIO(csv_text(report))))
        assert len(rows) == sum(1 + len(group.purses) for group in report.groups)
        assert {row["date"] for row in rows} == {"2026-06-14"}
        for row in rows:
            if row["purse"]:
                causes = sum(int(row[cause.name.lower()]) for cause in Cause)
                assert int(row["opening"]) + causes == int(row["closing"])
        whole = sum_of(report.groups)
        assert sum(int(row["rial"]) for row in rows if row["purse"]) == whole.rial
        widths = {len(line) for line in csv.reader(io.StringIO(csv_text(report, "fa")))}
        assert len(widths) == 1
    code, output = ask(directory, "--csv", "--titles", "fa")
    assert code == 0
    assert output.startswith("روز کاری,تاریخ شمسی,پذیرنده,کیف,")
    assert ask(directory, "--csv", "--titles", "en")[1].startswith(
        "Business date,Jalali date,Merchant,Purse,"
    )


def test_the_text_is_in_both_languages(directory: Path) -> None:
    code, output = ask(directory, "--by", "guild")
    assert code == 0
    assert output == text(settlement_report(directory, FIRST_DAY, By.GUILD))
    lines = output.splitlines()
    assert lines[0] == f"2026-06-14 · {JALALI} (closed · بسته)"
    assert "Guild · صنف: books" in lines
    assert "           2,500,000  Reversals, rial · مبلغ برگشت (ریال)" in lines
    assert "  T0000001 SHOP1/1: not reconciled · مغایرت‌گیری نشده" in lines
    partners = ask(directory, "--by", "partner", "--date", "open")[1]
    assert "Partner · شریک: partner:3" in partners
    assert "Purchases" not in partners


def test_what_the_command_refuses(directory: Path, tmp_path: Path) -> None:
    assert ask(directory, "--json", "--csv")[0] == 2
    assert ask(directory, "--date", "2026-02-30")[0] == 2
    assert ask(directory, "--date", "1405-12-30")[0] == 2
    assert ask(directory, "--date", "9999-01-01")[0] == 2
    assert ask(directory, "--date", "yesterday")[0] == 2
    assert ask(directory, "--date", "2026-06-13") == (1, "Error: the journal has no such business day\n")
    assert ask(tmp_path) == (1, "Error: the journal has no closed business day yet\n")
