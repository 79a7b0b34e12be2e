"""Settlement where a journal's first segments are gone: as from all of it, or told why not."""

import shutil
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner

from switch.authoriser.request import Details, Financial
from switch.journal.faults import JournalFault
from switch.journal.format import pack_entry, segment_paths
from switch.journal.writer import Journal
from switch.ledger.tables import TABLES_KEPT
from switch.rules.compiler import compile_rules
from switch.rules.local_time import iso_date
from switch.settlement.report import By, UnknownDay, business_days, settlement_report
from switch.snapshot.files import snapshot_paths
from switch.snapshot.making import make_snapshot
from tests.switch.journal.small import UNSYNCED
from tests.switch.settlement.shops import RULES, TILLS, Shops
from tools.commands.settlement import settlement

DAYS = 5
TRADES = 25


def trade(shops: Shops, chance: Random, sales: list[tuple[Financial, int]]) -> None:
    """Sales with and without points, and what undoes some of them, also of days before."""
    till = chance.choice(tuple(TILLS))
    kind = chance.randrange(5)
    if kind < 2 or not sales:
        sales.append((shops.buy(till, chance.randint(1, 50) * 100_000), 0))
    elif kind == 2:
        request, reply = shops.pay(till, chance.randint(1, 400_000))
        if reply.response_code == "00":
            sales.append((request, reply.position))
    elif kind == 3:
        shops.send(shops.reversal_of(chance.choice(sales[-9:])[0]))
    else:
        sale, position = chance.choice(sales[-9:])
        amount = chance.randint(1, max(1, sale.amount // 2))
        shops.ask(till, "200000", amount, details=Details(original_rrn=position))


def lived(seed: int) -> Shops:
    """Some days of trade."""
    shops, chance, sales = Shops(), Random(seed), list[tuple[Financial, int]]()
    for day in range(DAYS):
        for _ in range(TRADES):
            trade(shops, chance, sales)
        if day < DAYS - 1:
            shops.next_day()
    return shops


def written(shops: Shops, directory: Path, image_at: float) -> Path:
    """On disk, with an image of what was full after so much of it."""
    journal = Journal.open(
        directory,
        key_check=bytes(8),
        segment_bytes=4096,
        now_ms=1,
        on_entry=lambda raw: None,
        system=UNSYNCED,
    )
    for number, raw in enumerate(shops.raws):
        journal.commit([pack_entry(raw.kind, raw.version, raw.body)], 1)
        if number == int(len(shops.raws) * image_at):
            assert make_snapshot(directory, 1, UNSYNCED) is not None
    journal.close()
    return directory


def let_go(directory: Path) -> None:
    """Remove the segments that the image has."""
    (image,) = snapshot_paths(directory)
    paths = segment_paths(directory)
    for path, successor in pairwise(paths):
        if int(successor.stem) - 1 <= int(image.stem):
            path.unlink()
    assert int(segment_paths(directory)[0].stem) > 1


@pytest.mark.parametrize("seed", range(6))
def test_whole_days_behind_the_snapshot_are_told_as_from_all_of_the_journal(
    tmp_path: Path, seed: int
) -> None:
    whole = written(lived(seed), tmp_path / "whole", 0.5)
    kept = tmp_path / "kept"
    shutil.copytree(whole, kept)
    let_go(kept)
    days = business_days(kept)
    assert 1 <= len(days) < len(business_days(whole))
    assert days == business_days(whole)[-len(days) :]
    told = 0
    for day in days:
        for by in (By.MERCHANT, By.PARTNER):
            try:
                found = settlement_report(kept, day, by)
            except UnknownDay as fault:
                assert "which something of this day undoes, is gone" in str(fault)
            else:
                assert found.agrees
                assert found == settlement_report(whole, day, by)
                told += 1
    assert told


def test_what_cannot_be_known_any_more_is_told(tmp_path: Path) -> None:
    directory = written(lived(1), tmp_path / "journal", 0.5)
    all_days = business_days(directory)
    let_go(directory)
    days = business_days(directory)
    image = int(snapshot_paths(directory)[0].stem)
    with pytest.raises(
        UnknownDay, match=f"snapshot {image} .* reports can be had from {iso_date(days[0])} on"
    ):
        settlement_report(directory, all_days[0], By.MERCHANT)
    for by in (By.BRANCH, By.GUILD):
        with pytest.raises(UnknownDay, match=f"what each {by} stood at before isn't known"):
            settlement_report(directory, days[0], by)
    arguments = ["report", "--journal", str(directory), "--date", iso_date(all_days[0])]
    done = CliRunner().invoke(settlement, arguments)
    assert (done.exit_code, done.stdout) == (1, "")
    assert f"reports can be had from {iso_date(days[0])} on" in done.stderr
    snapshot_paths(directory)[0].write_bytes(b"damaged")
    with pytest.raises(JournalFault, match="are gone, and no snapshot has them"):
        business_days(directory)


def test_where_no_day_has_begun_since_none_is_told(tmp_path: Path) -> None:
    directory = written(lived(1), tmp_path / "journal", 0.98)
    let_go(directory)
    assert business_days(directory) == []
    with pytest.raises(UnknownDay, match="no business day has begun since"):
        settlement_report(directory, 20_000, By.MERCHANT)
    done = CliRunner().invoke(settlement, ["report", "--journal", str(directory), "--date", "open"])
    assert (done.exit_code, "has begun since its oldest snapshot" in done.stderr) == (1, True)


def test_what_undoes_a_sale_that_is_gone_is_not_left_out_in_silence(tmp_path: Path) -> None:
    shops = Shops()
    sale = shops.buy("T0000001", 5_000_000)
    for _ in range(40):
        shops.buy("T0000002", 100_000)
    shops.next_day()
    image_at = len(shops.raws) / (len(shops.raws) + 3)
    assert shops.send(shops.reversal_of(sale)).response_code == "00"
    shops.next_day()
    shops.buy("T0000002", 100_000)
    directory = written(shops, tmp_path / "journal", image_at)
    whole = [settlement_report(directory, day, By.MERCHANT) for day in business_days(directory)]
    let_go(directory)
    _, undoing, last = (report.day for report in whole)
    assert settlement_report(directory, last, By.MERCHANT) == whole[-1]
    with pytest.raises(UnknownDay, match=r"entry \d+, which something of this day undoes, is gone"):
        settlement_report(directory, undoing, By.MERCHANT)


def test_a_discount_by_a_rule_table_that_is_gone_is_charged_to_nobody(tmp_path: Path) -> None:
    shops = Shops()
    for _ in range(20):
        shops.buy("T0000001", 5_000_000)
    shops.next_day()
    _, sold = shops.ask("T0000001", "009100", 400_000, details=Details(reward="OFF"))
    assert sold.response_code == "00"
    for give in range(11, 11 + TABLES_KEPT):
        shops.adopt(compile_rules(RULES.replace("give = 10, per = 100", f"give = {give}, per = 100"), "s"))
    image_at = len(shops.raws)
    shops.next_day()
    _, returned = shops.ask("T0000001", "200000", 100_000, details=Details(original_rrn=sold.position))
    assert returned.response_code == "00"
    directory = written(shops, tmp_path / "journal", image_at / len(shops.raws))
    day = business_days(directory)[-1]
    assert settlement_report(directory, day, By.MERCHANT).agrees
    segment_paths(directory)[0].unlink()
    with pytest.raises(UnknownDay, match="rule table 1, which something of this day undoes, is gone"):
        settlement_report(directory, day, By.MERCHANT)
