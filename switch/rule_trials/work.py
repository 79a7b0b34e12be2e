"""What a trial is asked for and what comes of it, both as JSON objects."""

import base64
import json
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, NamedTuple, cast

from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter, ValidationError

from switch.publication.parts import DEFLATED_BYTES_MAX
from switch.rule_trials.club import Club
from switch.rule_trials.explanation import document as explanation_document
from switch.rule_trials.explanation import heading, result_lines, verdict_text
from switch.rule_trials.facts import NameFault, check_names
from switch.rule_trials.journal_replay import FAULTS, DaysGone, JournalReplay
from switch.rule_trials.replay import Span
from switch.rule_trials.replay_report import COLUMNS, replay_document, replay_rows
from switch.rule_trials.sale import Sale
from switch.rule_trials.simulation import Simulation
from switch.rule_trials.simulation_report import simulation_document
from switch.rule_trials.telling import Language
from switch.rule_trials.unknown_facts import unknown_facts
from switch.rules.compiler import RuleFaults, compile_document, compile_rules, parse_rules
from switch.rules.compiler.dates import day_ordinal
from switch.rules.cost import DEFAULT_MIX, TRANSACTIONS, estimated_rial
from switch.rules.evaluator import Trace, explain
from switch.rules.facts import Facts
from switch.rules.lints import lint
from switch.rules.outcome import CounterView, Outcome
from switch.rules.table import RuleTable

LINTS_TOLD = 500
FAULTS_TOLD = 500
SLICES_TOLD = 200
SALES_MAX = 1_000_000

Result = dict[str, object]
# Work done so far and all of it, where that is known.
Progress = Callable[[int, int | None], None]


class Refused(Exception):  # noqa: N818  (nothing is broken)
    """What was asked for can't be done; `lines` tell a person why."""

    def __init__(self, code: str, lines: Sequence[str]) -> None:
        super().__init__(code)
        self.code = code
        self.lines = tuple(lines)


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    now_s: int
    document: dict[str, JsonValue]


class Check(_Asked):
    """Faults, lints, size and cost of a document; with its table where that is wanted."""

    work: Literal["check"]
    with_table: bool = False


class Explain(_Asked):
    """Why the last of the sales comes to what it comes to."""

    work: Literal["explain"]


class Simulate(_Asked):
    """What the sales come to, beside another document where there is one."""

    work: Literal["simulate"]
    against: dict[str, JsonValue] | None = None


class ReplayJournal(_Asked):
    """What the document would have made of the purchases in a journal."""

    work: Literal["replay"]
    journal: Path
    first: str = ""
    last: str = ""
    assume_absent: bool = False


Asked = Annotated[Check | Explain | Simulate | ReplayJournal, Field(discriminator="work")]
ASKED: TypeAdapter[Check | Explain | Simulate | ReplayJournal] = TypeAdapter(Asked)


@dataclass(frozen=True)
class Trial:
    """Does what it is asked for. `sales` are lines of JSON, one sale each."""

    sales: Iterator[bytes]
    progress: Progress

    def result(self, asked: Check | Explain | Simulate | ReplayJournal) -> Result:
        """What came of it. Raises Refused."""
        match asked:
            case Check():
                return _checked(asked)
            case Explain():
                return self._explained(asked)
            case Simulate():
                return self._simulated(asked)
            case ReplayJournal():
                return self._replayed(asked)

    def _explained(self, asked: Explain) -> Result:
        table = _table(asked.document)
        club, traces, last = Club(table, asked.now_s), list[Trace](), None

        def with_traces(table: RuleTable, facts: Facts, counters: CounterView) -> Outcome:
            outcome, found = explain(table, facts, counters)
            traces.extend(found)
            return outcome

        for number, sale in self._read_sales([table]):
            if last is not None:
                club.decide(last)
            last = sale
            self.progress(number, None)
        if last is None:
            raise Refused("no-sales", ["there is no sale"])
        decision = club.decide(last, by=with_traces)
        languages: tuple[Language, Language] = ("fa", "en")
        return {
            **explanation_document(table, decision, traces),
            "rules": [
                {
                    **trace._asdict(),
                    "verdict": trace.verdict.value,
                    "verdict_fa": verdict_text(trace.verdict, "fa"),
                    "verdict_en": verdict_text(trace.verdict, "en"),
                }
                for trace in traces
            ],
            **{
                f"told_{language}": [
                    heading(table, decision, language),
                    *result_lines(table, decision, language),
                ]
                for language in languages
            },
        }

    def _simulated(self, asked: Simulate) -> Result:
        table = _table(asked.document)
        other = None if asked.against is None else _table(asked.against)
        simulation = Simulation(table, other, asked.now_s)
        for number, sale in self._read_sales([table] if other is None else [table, other]):
            simulation.play(sale)
            self.progress(number, None)
        if not simulation.side.totals.sales:
            raise Refused("no-sales", ["there is no sale"])
        return simulation_document(simulation, "this", "other")

    def _replayed(self, asked: ReplayJournal) -> Result:
        table = _table(asked.document)
        unknown = () if asked.assume_absent else unknown_facts(table)
        if unknown:
            raise Refused("unknown-facts", [f"{each.rule_id} looks at: {each.fact}" for each in unknown])
        try:
            span = Span(
                day_ordinal(asked.first) if asked.first else 0,
                day_ordinal(asked.last) if asked.last else Span().last_day,
            )
        except ValueError as error:
            raise Refused("no-date", [str(error)]) from None
        try:
            replay = JournalReplay(asked.journal, table, span, is_from_asked=bool(asked.first))
            if not replay.total_bytes:
                raise Refused("no-journal", ["there is no journal in the folder"])
            done = 0
            for batch_bytes in replay.run():
                done += batch_bytes
                self.progress(done, replay.total_bytes)
        except DaysGone as fault:
            raise Refused("days-gone", [str(fault)]) from None
        except FAULTS as fault:
            raise Refused("journal-unreadable", [str(fault)]) from None
        except OSError as error:
            raise Refused("journal-unreadable", [error.strerror or "it can't be read"]) from None
        found = replay_document(replay.sums, "", table.digest, (asked.first, asked.last))
        for part in ("rules", "groups", "branches"):
            found[part] = _most_changed(cast("dict[str, dict[str, dict[str, int]]]", found[part]))
        return {**found, "begins_late": replay.begins_late, "rows": [COLUMNS, *replay_rows(replay.sums)]}

    def _read_sales(self, tables: Sequence[RuleTable]) -> Iterator[tuple[int, Sale]]:
        for number, line in enumerate(self.sales, 1):
            if number > SALES_MAX:
                raise Refused("too-many-sales", [f"there are more than {SALES_MAX:,} sales"])
            try:
                sale = Sale.model_validate_json(line)
                check_names(sale, tables)
            except ValidationError as error:
                lines = [
                    f"sale {number}: {'.'.join(map(str, fault['loc']))}: {fault['msg']}"
                    for fault in error.errors(include_input=False, include_url=False)
                ]
                raise Refused("sale-wrong", lines) from None
            except NameFault as fault:
                raise Refused("name-unknown", [f"sale {number}: {fault}"]) from None
            yield number, sale


class _Lint(NamedTuple):
    code: str
    severity: str
    rule_id: str
    text_fa: str
    text_en: str


def _checked(asked: Check) -> Result:
    try:
        document = parse_rules(_text(asked.document), "")
        table = compile_document(document)
        lints = lint(document, asked.now_s)
        cost_rial = estimated_rial(table, DEFAULT_MIX, asked.now_s)
    except RuleFaults as faults:
        return {
            "faults": faults.faults[:FAULTS_TOLD],
            "faults_more": max(0, len(faults.faults) - FAULTS_TOLD),
        }
    deflated = zlib.compress(table.packed, 9)
    if len(deflated) > DEFLATED_BYTES_MAX:
        too_large = f"the table is too large: {len(deflated):,} bytes deflated, {DEFLATED_BYTES_MAX:,} fit"
        return {"faults": [too_large], "faults_more": 0}
    told = [
        _Lint(each.code, each.severity.name.lower(), each.rule_id, each.text_fa, each.text_en)._asdict()
        for each in sorted(lints, key=lambda each: -each.severity)
    ]
    severities = [each.severity.name.lower() for each in lints]
    found: Result = {
        "faults": [],
        "faults_more": 0,
        "lints": told[:LINTS_TOLD],
        **{f"{name}s": severities.count(name) for name in ("error", "warning", "hint")},
        "digest": table.digest,
        "rules_in_force": len(table.rules),
        "table_bytes": len(deflated),
        "cost_transactions": TRANSACTIONS,
        "cost_rial": cost_rial,
    }
    if asked.with_table:
        found["table"] = base64.b64encode(deflated).decode()
    return found


def _table(document: Mapping[str, JsonValue]) -> RuleTable:
    try:
        return compile_rules(_text(document), "")
    except RuleFaults as faults:
        raise Refused("rules-wrong", faults.faults[:FAULTS_TOLD]) from None


def _text(document: Mapping[str, JsonValue]) -> str:
    return json.dumps(document, ensure_ascii=False)


def _most_changed(slices: dict[str, dict[str, dict[str, int]]]) -> dict[str, dict[str, dict[str, int]]]:
    ordered = sorted(slices.items(), key=lambda each: (-abs(each[1]["rial"]["difference"]), each[0]))
    return dict(ordered[:SLICES_TOLD])
