"""A settlement report as JSON, as CSV and as a text to read."""

import csv
import io
from collections.abc import Iterator
from typing import TypedDict

from protocol.reconciliation import BatchTotals
from switch.rules.local_time import iso_date, jalali_date
from switch.settlement.figures import Away, Cause, Discount, Flow, Payout, Sale
from switch.settlement.report import By, GroupLines, PurseLine, Report, sum_of
from switch.settlement.standing import TerminalStanding
from switch.settlement.titles import CAUSES, COLUMNS, FLOWS, NAMES, STANDINGS, TOTALS, Title, column

_SALES = tuple(column(sale) for sale in (*Sale, *Discount))
_AWAY = tuple(column(away) for away in Away)
_FLOWS = tuple(column(flow) for flow in Flow)
_CAUSES = tuple(column(cause) for cause in Cause)
_PAYOUTS = tuple(column(payout) for payout in Payout)

Figures = dict[str, int | str]


class GroupForm(TypedDict):
    """One group in JSON."""

    names: dict[str, str]
    sales: dict[str, int]
    forwarded: dict[str, int]
    flows: list[Figures]
    funding: list[Figures]
    purses: list[Figures]
    payouts: dict[str, int]
    rial: int


class ItemForm(TypedDict):
    """An uploaded transaction that differs."""

    mti: str
    processing_code: str
    stan: str
    amount: int
    rrn: str
    journal_rrn: str | None
    verdict: str


class TerminalForm(TypedDict):
    """One terminal's reconciliation in JSON."""

    terminal: str
    merchant: str
    branch: int
    standing: str
    counted: dict[str, int]
    claimed: dict[str, int] | None
    differences: list[ItemForm]
    missing: list[str]


class ReportForm(TypedDict):
    """A whole report in JSON."""

    date: str
    jalali_date: str
    by: str
    open: bool
    first_rrn: str
    last_rrn: str | None
    ledger_agrees: bool
    titles: dict[str, dict[str, str]]
    groups: list[GroupForm]
    total: GroupForm
    terminals: list[TerminalForm]


def json_form(report: Report) -> ReportForm:
    """The report as plain data; RRNs have 12 digits, purses are told by name."""
    titles = {**COLUMNS, **TOTALS, **{column(key): title for key, title in (*FLOWS.items(), *CAUSES.items())}}
    return ReportForm(
        date=iso_date(report.day),
        jalali_date=jalali_date(report.day),
        by=report.by.value,
        open=report.is_open,
        first_rrn=_rrn(report.first_position),
        last_rrn=_rrn(report.last_position) if report.last_position else None,
        ledger_agrees=report.agrees,
        titles={name: title._asdict() for name, title in titles.items()},
        groups=[_group(report, group) for group in report.groups],
        total=_group(report, sum_of(report.groups)),
        terminals=[_terminal(terminal) for terminal in report.terminals],
    )


def csv_text(report: Report, language: str = "") -> str:
    """The report's groups as CSV, a line for the sales of each and one for each purse.

    The first line has the names of the JSON form, or titles in `language`, "en" or "fa".
    """
    names = ("date", "jalali_date", *NAMES[report.by], "purse", *_SALES, *_AWAY, "opening")
    columns = (*names, *_CAUSES, "movement", "closing", "closing_rial", *_PAYOUTS, "rial")
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(
        [_title(name).fa if language == "fa" else _title(name).en for name in columns]
        if language
        else columns
    )
    day = (iso_date(report.day), jalali_date(report.day))
    for group in report.groups:
        nothing = ("",) * (len(_CAUSES) + 4)
        sales = (*group.sales, *group.discounts, *group.away)
        writer.writerow((*day, *group.names, "", *sales, *nothing, *group.payouts, group.rial))
        for line in group.purses:
            no_sales = ("",) * (len(_SALES) + len(_AWAY))
            units = (line.opening, *line.causes, line.movement, line.closing)
            rials = (line.closing_rial, *line.payouts, line.rial)
            writer.writerow((*day, *group.names, _purse(report, line.purse), *no_sales, *units, *rials))
    return file.getvalue()


def text(report: Report) -> str:
    """The report for people: every figure with its title in English and Persian, zeros left out."""
    return "\n".join(_text_lines(report)) + "\n"


def _text_lines(report: Report) -> Iterator[str]:
    state = "open · باز" if report.is_open else "closed · بسته"
    yield f"{iso_date(report.day)} · {jalali_date(report.day)} ({state})"
    for group in report.groups:
        yield ""
        yield " / ".join(
            f"{_title(name).en} · {_title(name).fa}: {value or '-'}"
            for name, value in zip(NAMES[report.by], group.names, strict=True)
        )
        yield from _group_lines(report, group)
    if len(report.groups) > 1:
        yield ""
        yield "Total · جمع"
        yield from _group_lines(report, sum_of(report.groups))
    if report.terminals:
        yield ""
        yield _both(COLUMNS["standing"])
        for terminal in report.terminals:
            yield from _terminal_lines(terminal)
    if not report.agrees:
        yield ""
        yield "The lines do not sum up to the ledger. · جمع سطرها با دفتر برابر نیست."


def _group_lines(report: Report, group: GroupLines) -> Iterator[str]:
    if report.by is not By.PARTNER:
        sales = (*group.sales, *group.discounts)
        yield from _figures({_title(name): amount for name, amount in zip(_SALES, sales, strict=True)})
    yield from _figures({_title(name): amount for name, amount in zip(_AWAY, group.away, strict=True)})
    for purse, flows in group.flows:
        yield f"  {_both(COLUMNS['members'])}: {_purse_title(report, purse)}"
        yield from _figures({FLOWS[flow]: flows[flow] for flow in Flow}, indent=4)
    for party, purse, amount in group.funding:
        yield f"{amount:>20,}  {_both(COLUMNS['party'])} {party}: {_purse_title(report, purse)}"
    for line in group.purses:
        yield f"  {_both(COLUMNS['account'])}: {_purse_title(report, line.purse)}"
        figures = {
            COLUMNS["opening"]: line.opening,
            **{CAUSES[cause]: line.causes[cause] for cause in Cause},
            COLUMNS["closing"]: line.closing,
            COLUMNS["closing_rial"]: line.closing_rial,
            COLUMNS["rial"]: line.rial,
        }
        yield from _figures(figures, indent=4)
    yield from _figures({_title(name): owed for name, owed in zip(_PAYOUTS, group.payouts, strict=True)})
    yield f"{group.rial:>20,}  {_both(COLUMNS['rial'])}"


def _terminal_lines(terminal: TerminalStanding) -> Iterator[str]:
    place = f"{terminal.merchant_id}/{terminal.branch_number}"
    yield f"  {terminal.terminal_id} {place}: {_both(STANDINGS[terminal.standing])}"
    if terminal.claimed is not None and terminal.claimed != terminal.counted:
        for name, title in TOTALS.items():
            claimed, counted = getattr(terminal.claimed, name), getattr(terminal.counted, name)
            if claimed != counted:
                yield f"{claimed:>20,} / {counted:,}  {_both(title)}"
    for item in _items(terminal):
        yield (
            f"    {item['verdict']}: {item['mti']} {item['processing_code']} STAN {item['stan']}, "
            f"{item['amount']:,}, RRN {item['journal_rrn'] or item['rrn']}"
        )
    if terminal.missing:
        rrns = ", ".join(_rrn(position) for position in terminal.missing)
        yield f"    {_both(COLUMNS['missing'])}: {rrns}"


def _figures(figures: dict[Title, int], indent: int = 2) -> Iterator[str]:
    for title, amount in figures.items():
        if amount:
            yield f"{' ' * (indent - 2)}{amount:>{22 - indent},}  {_both(title)}"


def _group(report: Report, group: GroupLines) -> GroupForm:
    return GroupForm(
        names=dict(zip(NAMES[report.by], group.names, strict=False)),
        sales=dict(zip(_SALES, (*group.sales, *group.discounts), strict=True)),
        forwarded=dict(zip(_AWAY, group.away, strict=True)),
        flows=[
            {"purse": _purse(report, purse), **dict(zip(_FLOWS, flows, strict=True))}
            for purse, flows in group.flows
        ],
        funding=[
            {"party": party, "purse": _purse(report, purse), "amount": amount}
            for party, purse, amount in group.funding
        ],
        purses=[_purse_form(report, line) for line in group.purses],
        payouts=dict(zip(_PAYOUTS, group.payouts, strict=True)),
        rial=group.rial,
    )


def _purse_form(report: Report, line: PurseLine) -> Figures:
    return {
        "purse": _purse(report, line.purse),
        "opening": line.opening,
        **dict(zip(_CAUSES, line.causes, strict=True)),
        "movement": line.movement,
        "closing": line.closing,
        "closing_rial": line.closing_rial,
        **dict(zip(_PAYOUTS, line.payouts, strict=True)),
        "rial": line.rial,
    }


def _terminal(terminal: TerminalStanding) -> TerminalForm:
    return TerminalForm(
        terminal=terminal.terminal_id,
        merchant=terminal.merchant_id,
        branch=terminal.branch_number,
        standing=terminal.standing.value,
        counted=_totals(terminal.counted),
        claimed=None if terminal.claimed is None else _totals(terminal.claimed),
        differences=_items(terminal),
        missing=[_rrn(position) for position in terminal.missing],
    )


def _items(terminal: TerminalStanding) -> list[ItemForm]:
    return [
        ItemForm(
            mti=item.mti,
            processing_code=item.processing_code,
            stan=f"{item.stan:06d}",
            amount=item.amount,
            rrn=_rrn(item.rrn),
            journal_rrn=_rrn(item.position) if item.position else None,
            verdict=item.verdict.name.lower(),
        )
        for item in terminal.items
    ]


def _totals(totals: BatchTotals) -> dict[str, int]:
    return totals._asdict()


def _title(name: str) -> Title:
    by_cause = {column(cause): title for cause, title in CAUSES.items()}
    return COLUMNS.get(name) or by_cause[name]


def _both(title: Title) -> str:
    return f"{title.en} · {title.fa}"


def _purse(report: Report, code: int) -> str:
    declared = report.purses.get(code)
    return f"purse-{code:02d}" if declared is None else declared.name


def _purse_title(report: Report, code: int) -> str:
    declared = report.purses.get(code)
    return f"purse-{code:02d}" if declared is None else f"{declared.title_en} · {declared.title_fa}"


def _rrn(position: int) -> str:
    return f"{position:012d}"
