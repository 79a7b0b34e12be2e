"""Every metric of the switch, in one enum: name, kind, unit, labels, meaning.

`/metrics`, `/status` and docs/metrics.md are made from it.
"""

from enum import Enum
from typing import Final, NamedTuple

from switch.metrics.labels import (
    CANDIDATE_OUTCOME_LABEL,
    CODE_LABEL,
    CONNECTION_PHASE_LABEL,
    DIAL_PHASE_LABEL,
    DIGEST_LABEL,
    ECHO_OUTCOME_LABEL,
    FORWARDED_OUTCOME_LABEL,
    LEVEL_LABEL,
    LINK_LABEL,
    MESSAGE_OUTCOME_LABEL,
    PARTNER_OUTCOME_LABEL,
    PARTNER_PHASE_LABEL,
    READER_LABEL,
    SEVERITY_LABEL,
    STEP_LABEL,
    STORED_OUTCOME_LABEL,
    TYPE_LABEL,
    Label,
)

PREFIX: Final = "vafa_switch_"


class Kind(Enum):
    """As Prometheus knows them."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


class Unit(Enum):
    """Unit of the exposed value; times are kept in nanoseconds."""

    NUMBER = "number"
    SECONDS = "seconds"
    BYTES = "bytes"


class Definition(NamedTuple):
    """A metric; `name` is without the prefix.

    `is_stored` says whether it is counted in cells of its own; the others are asked for when somebody looks.
    """

    name: str
    kind: Kind
    unit: Unit
    labels: tuple[Label, ...]
    help: str
    is_stored: bool = False


def _count(name: str, help_text: str, *labels: Label) -> Definition:
    """A counter with cells."""
    return Definition(f"{name}_total", Kind.COUNTER, Unit.NUMBER, labels, help_text, is_stored=True)


def _total(name: str, help_text: str, *labels: Label, unit: Unit = Unit.NUMBER) -> Definition:
    """A counter that is kept elsewhere."""
    return Definition(f"{name}_total", Kind.COUNTER, unit, labels, help_text)


def _gauge(name: str, help_text: str, *labels: Label, unit: Unit = Unit.NUMBER) -> Definition:
    return Definition(name, Kind.GAUGE, unit, labels, help_text)


def _histogram(name: str, help_text: str, *labels: Label, unit: Unit = Unit.NUMBER) -> Definition:
    return Definition(name, Kind.HISTOGRAM, unit, labels, help_text)


class Metric(Enum):
    """All of them."""

    ANSWERS = _count(
        "answers", "Requests answered, by type and response code, without repeats", TYPE_LABEL, CODE_LABEL
    )
    REPEATS = _count("repeats", "Repeats answered with the stored reply")
    CONFLICTS = _count("conflicts", "Requests with the identity of another one (response code 94)")
    SIGN_ONS = _count("sign_ons", "Sign-ons")
    ECHOES = _count("echoes", "Echoes of terminals that are signed on")
    KEY_CHANGES = _count("key_changes", "Session keys given out")
    MAC_FAILURES = _count("mac_failures", "Messages with a wrong MAC")
    UNKNOWN_TERMINALS = _count("unknown_terminals", "Messages of terminals without a record")
    FORMAT_FAULTS = _count("format_faults", "Messages that break the message spec")
    NOT_SIGNED_ON = _count("not_signed_on", "Requests of terminals that had not signed on")
    MALFUNCTIONS = _count(
        "malfunctions", "Requests that could not be decided for a fault of the switch's own"
    )

    LINKS_OPENED = _count("links_opened", "Connections taken")
    LINKS_REFUSED = _count("links_refused", "Connections refused, as there were too many")
    LINKS_TIMED_OUT = _count("links_timed_out", "Connections given up after too long a silence")
    CONNECTIONS = _gauge(
        "connections", "Open connections by link and phase", LINK_LABEL, CONNECTION_PHASE_LABEL
    )
    DIALS = _gauge(
        "dials", "1 for the phase in which a link is that the switch dials", LINK_LABEL, DIAL_PHASE_LABEL
    )
    SIGNED_ON_TERMINALS = _gauge("signed_on_terminals", "Terminals that have signed on", LINK_LABEL)
    LINK_SILENCE = _gauge(
        "link_silence_seconds", "Since the last byte that came on a link", LINK_LABEL, unit=Unit.SECONDS
    )
    LINK_FAILURES = _total("link_failures", "Connections and TLS handshakes that came to nothing", LINK_LABEL)
    MESSAGES = _total(
        "messages",
        "Messages that came, by what became of them; refused ones were answered 91 undecided",
        LINK_LABEL,
        MESSAGE_OUTCOME_LABEL,
    )
    OWN_ECHOES = _total(
        "own_echoes", "Echoes that the switch sent, and their answers", LINK_LABEL, ECHO_OUTCOME_LABEL
    )

    QUEUED_REQUESTS = _gauge("queued_requests", "Requests that wait to be decided")
    QUEUE_AGE = _gauge(
        "queue_age_seconds", "Age of the oldest request that waits to be decided", unit=Unit.SECONDS
    )
    IN_FLIGHT_REQUESTS = _gauge("in_flight_requests", "Decided requests whose reply waits for the disk")
    COMMIT_BUSY = _gauge(
        "commit_busy_seconds", "Age of the commit in flight, 0 where there is none", unit=Unit.SECONDS
    )
    WAITING_BYTES = _gauge("waiting_bytes", "Journal entries that wait for the disk", unit=Unit.BYTES)

    STEP_SECONDS = _histogram(
        "step_seconds",
        "Time of a step; decode, decide and request are sampled and weighted",
        STEP_LABEL,
        unit=Unit.SECONDS,
    )
    BATCHES = _count("batches", "Batches of requests decided")
    BATCH_REQUESTS = _histogram("batch_requests", "Requests of a batch")
    COMMIT_ENTRIES = _histogram("commit_entries", "Journal entries of a commit")

    ENTRIES = _count("entries", "Journal entries made")
    MAINTENANCE_ENTRIES = _count(
        "maintenance_entries", "Journal entries made by time alone: expired points and holds"
    )
    JOURNAL_POSITION = _gauge("journal_position", "Position of the newest entry")
    JOURNAL_DURABLE_POSITION = _gauge(
        "journal_durable_position", "Position of the newest entry that is on the disk"
    )
    JOURNAL_SEGMENTS = _gauge("journal_segments", "Segments of the journal")
    DISK_FREE_BYTES = _gauge("disk_free_bytes", "Free on the journal's disk", unit=Unit.BYTES)

    FEED_POSITION = _gauge(
        "feed_position", "Up to where a reader of the feed that gives its name has read", READER_LABEL
    )
    FEED_BEHIND = _gauge(
        "feed_behind_seconds",
        "For how long a reader of the feed has had something left to read, to within a second",
        READER_LABEL,
        unit=Unit.SECONDS,
    )
    FEED_SILENCE = _gauge(
        "feed_silence_seconds", "Since a reader of the feed asked last", READER_LABEL, unit=Unit.SECONDS
    )

    UPSTREAM_LINKS = _gauge(
        "upstream_links", "1 for the phase of a link to a partner", LINK_LABEL, PARTNER_PHASE_LABEL
    )
    UPSTREAM_LOSSES = _total(
        "upstream_losses", "Connections to a partner that were lost or did not come about", LINK_LABEL
    )
    UPSTREAM_IN_FLIGHT = _gauge(
        "upstream_in_flight_requests", "Requests that await a partner's reply", LINK_LABEL
    )
    UPSTREAM_REQUESTS = _total(
        "upstream_requests",
        "Terminals' requests for a partner's cards, by what became of them; taken back is what the switch "
        "reversed itself, as no reply came in time",
        LINK_LABEL,
        FORWARDED_OUTCOME_LABEL,
    )
    UPSTREAM_ANSWERS = _total(
        "upstream_answers",
        "A partner's replies to terminals' requests, by response code",
        LINK_LABEL,
        CODE_LABEL,
    )
    UPSTREAM_MESSAGES = _total(
        "upstream_messages",
        "Requests on the link to a partner, stored ones too, by what became of them; late are replies to "
        "those that had timed out",
        LINK_LABEL,
        PARTNER_OUTCOME_LABEL,
    )
    STORED_EVENTS = _total(
        "stored_events", "What became of stored requests", LINK_LABEL, STORED_OUTCOME_LABEL
    )
    STORED_REQUESTS = _gauge("stored_requests", "Requests stored to be forwarded", LINK_LABEL)
    STORED_AGE = _gauge(
        "stored_age_seconds",
        "Age of the oldest request stored to be forwarded",
        LINK_LABEL,
        unit=Unit.SECONDS,
    )
    STORE_WRITABLE = _gauge("store_writable", "1 while what is to be stored gets onto the disk", LINK_LABEL)
    DEAD_LETTERS = _gauge("dead_letters", "Requests that can't be forwarded and await a person", LINK_LABEL)

    RULE_TABLE_VERSION = _gauge("rule_table_version", "Version of the rule table in force")
    RULE_TABLE_INFO = _gauge(
        "rule_table_info", "1; the label is the digest of the rule table in force", DIGEST_LABEL
    )
    CANDIDATE_PURCHASES = _total(
        "candidate_purchases",
        "Purchases that the candidate rules decided too, without effect; different is a part of evaluated",
        CANDIDATE_OUTCOME_LABEL,
    )
    CARDS = _gauge("cards", "Cards")
    MEMBERS = _gauge("members", "Members")
    TERMINALS = _gauge("terminals", "Terminals")
    ACCOUNTS = _gauge("accounts", "Accounts of the ledger")

    ALARMS = _gauge("alarms", "Alarms that are raised, muted ones too", SEVERITY_LABEL)
    READY = _gauge("ready", "1 while the switch authorises")
    START_TIME = _gauge("start_time_seconds", "When the process started, Unix time", unit=Unit.SECONDS)
    CPU = _total("cpu_seconds", "Processor time used", unit=Unit.SECONDS)
    RESIDENT_BYTES = _gauge("resident_bytes", "Memory of the process", unit=Unit.BYTES)
    LOG_LINES = _total("log_lines", "Lines logged, by level", LEVEL_LABEL)
    LOG_LINES_HELD_BACK = _total(
        "log_lines_held_back", "Lines not logged, as too many of the kind came at once"
    )
    LOG_LINES_DROPPED = _total("log_lines_dropped", "Lines not written, as the log was not read")

    @property
    def full_name(self) -> str:
        """With the prefix."""
        return PREFIX + self.value.name
