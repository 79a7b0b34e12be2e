"""What a switch's console tells, as far as it is shown here."""

from collections.abc import Mapping
from typing import Annotated, Final

from pydantic import BaseModel, Field


class FieldsPage(BaseModel):
    """The names of a frame's numbers, in their order: a switch may be older or newer than who watches it."""

    fields: Annotated[list[str], Field(min_length=1, max_length=256)]


class FrameDocument(BaseModel):
    """An event `frame`: its numbers, and all answers since the start."""

    frame: Annotated[list[int], Field(max_length=256)]
    totals: Annotated[list[tuple[str, str, int]], Field(max_length=10_000)] = []


class Obstacle(BaseModel):
    """Why the switch does not authorise."""

    code: str


class Link(BaseModel):
    """A named link; counts since the start of the process."""

    name: str
    role: str = ""
    phase: str = ""
    is_tls: bool = False
    connections: dict[str, int] = {}
    terminals: int = 0
    failures: int = 0
    waiting: int = 0
    answered: int = 0
    refused: int = 0
    lost: int = 0
    silent_ms: int | None = None


class Reader(BaseModel):
    """Who reads the feed, and how far."""

    name: str
    behind_entries: int = 0
    behind_ms: int = 0
    silent_ms: int = 0


class Rules(BaseModel):
    """The rule table in force."""

    version: int = 0
    at_ms: int = 0
    digest: str = ""
    rules: int = 0


class Day(BaseModel):
    """The open business day, its sums in the terms of a reconciliation: debits are sales."""

    date: str | None = None
    debits_number: int = 0
    debits_amount: int = 0
    debits_reversal_number: int = 0
    credits_number: int = 0


class Records(BaseModel):
    """How many there are."""

    cards: int = 0
    members: int = 0
    terminals: int = 0


class AlarmCounts(BaseModel):
    """Raised alarms by severity; `changed` is another one whenever something happened to one."""

    raised: dict[str, int] = {}
    changed: str = ""


class Sight(BaseModel):
    """An event `sight`: what changes slowly."""

    at_ms: int
    started_ms: int = 0
    obstacles: list[Obstacle] = []
    links: list[Link] = []
    partner: Mapping[str, bool | int | str] = {}
    readers: list[Reader] = []
    segments: int = 0
    rules: Rules = Rules()
    records: Records = Records()
    day: Day = Day()
    alarms: AlarmCounts = AlarmCounts()


class Terminal(BaseModel):
    """A terminal of the roster; `told` is its last health record."""

    terminal: str
    merchant: str = ""
    branch: int = 0
    city: str = ""
    status: str = ""
    link: str | None = None
    seen_ms: int | None = None
    told: Mapping[str, int | str | dict[str, int]] = {}


class TerminalsPage(BaseModel):
    """`count` are all there are, `terminals` those that were asked for."""

    count: int
    terminals: list[Terminal]


class Texts(BaseModel):
    """Of an alarm; the Persian ones are not for a terminal."""

    en: str


class Acknowledgement(BaseModel):
    """Somebody has seen it."""

    person: str = ""


class Alarm(BaseModel):
    """One that is raised."""

    rule: str
    subject: str = ""
    severity: str
    title: Texts
    todo: Texts | None = None
    unit: str = ""
    value: int | None = None
    raised_ms: int
    is_muted: bool = False
    acknowledged: Acknowledgement | None = None


class AlarmsPage(BaseModel):
    """Those that are raised, by the switch's clock."""

    now_ms: int
    alarms: list[Alarm]


class Distribution(BaseModel):
    """A histogram of /status, since the start of the process."""

    count: int
    buckets: dict[int, int]


class StepMetrics(BaseModel):
    """The metrics of /status that are shown."""

    step_ns: dict[str, Distribution] = {}
    start_time_ns: int = 0


class StatusPage(BaseModel):
    """/status."""

    metrics: StepMetrics


FRAME_EVENT: Final = "frame"
SIGHT_EVENT: Final = "sight"
