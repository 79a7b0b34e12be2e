"""The load over links: connect, sign on, prepare, run closed or open, and add up what came back."""

import contextlib
from datetime import UTC, datetime

from protocol.security.keys import derive_terminal_key
from protocol.security.mac import Mac
from simulator.load.choices import Choices
from simulator.load.engine import Engine, Limits
from simulator.load.lanes import Lane, Request
from simulator.load.links import LinkSet
from simulator.load.moments import Moment
from simulator.load.plan import Cards, LoadPlan, Stage, Terminals
from simulator.load.replies import Answer, ReplyFault
from simulator.load.requests import Terminal, terminal_of
from tools.bench import switch_club as club
from tools.bench.load.answers_file import AnswersKept
from tools.bench.load.percentiles import latency_of
from tools.bench.load.plan import LinkLoad, LoadResult
from tools.bench.load.processor import process_s

# An open loop's request that is answered later than this has failed its caller.
ANSWER_BOUND_S = 2.0
# Requests on their way on one link of an open loop; the others wait in the load, and their time runs. On all
# links together they are some 100 ms of the highest rate, so this holds back only what has failed already.
WINDOW = 256
# Consecutive arrivals of an open loop that share a link, as a concentrator hands them on.
BURST = 16

_KEY_GENERATION = 1
# Rules look at it, and every run is to have the same ones.
_LOCAL_TIME = "1015000830"
_NS = 1_000_000_000
# Nothing is given up: whatever was sent is to be answered, so that nothing is in doubt in the proof.
_NEVER_NS = 86_400 * _NS


def club_terminal(number: int) -> Terminal:
    """The terminal of a number from 0."""
    terminal_id = club.terminal_id(number)
    mac = Mac(derive_terminal_key(club.MASTER_KEY, terminal_id, _KEY_GENERATION))
    return terminal_of(number, terminal_id, club.merchant_id(number), mac)


def fixed_moment(transmitted_s: int) -> Moment:
    """The moment that all requests of a load have."""
    return Moment(datetime.fromtimestamp(transmitted_s, UTC).strftime("%m%d%H%M%S"), _LOCAL_TIME)


def run_links(load: LinkLoad) -> LoadResult:
    """Do it. Raises LoadFault, ReplyFault or OSError."""
    terminals = [club_terminal(number) for number in range(load.terminals)]
    shares = [terminals[number :: load.links] for number in range(load.links)]
    moment = fixed_moment(load.transmitted_s)
    plan = _plan_of(load)
    host, _, port = load.address.rpartition(":")
    links = LinkSet(host, int(port), shares, lambda: moment, reconnects=False)
    with contextlib.closing(links):
        links.open()
        choices = Choices(plan, plan.cards)
        lanes = [Lane(number, share, choices, lambda: moment) for number, share in enumerate(shares)]
        for lane in lanes:
            for _ in range(-(-load.messages // load.links)):
                lane.prepare()
        tally = _Tally(load, plan)
        send_ns, drain_ns = int(ANSWER_BOUND_S * _NS), int(load.drain_timeout_s * _NS)
        limits = Limits(plan.in_flight, send_ns, _NEVER_NS, drain_ns)
        engine = Engine(links, lanes, limits, tally, burst=BURST)
        engine.run(plan.stages, None, load.messages)
    late_ns = min(engine.lateness.percentile(990), engine.lateness.greatest)
    return tally.result(late_ns)


def _plan_of(load: LinkLoad) -> LoadPlan:
    is_open = load.rate_per_s > 0
    users = None if is_open else load.links * load.in_flight
    warm_up = [Stage(name="warm-up", seconds=load.warm_up_s, users=users)] if load.warm_up_s else []
    measured = Stage(
        name="measured", seconds=load.measured_s, rate=load.rate_per_s if is_open else None, users=users
    )
    return LoadPlan(
        format=1,
        seed=load.seed,
        terminals=Terminals(count=load.terminals),
        links=load.links,
        in_flight=WINDOW if is_open else load.in_flight,
        cards=[Cards(first=club.card_number(0), count=load.cards)],
        stages=[*warm_up, measured],
    )


class _Tally:
    """Watches a load (`simulator.load.engine.Watcher`), and keeps every answer for the proof."""

    def __init__(self, load: LinkLoad, plan: LoadPlan) -> None:
        self._load = load
        self._stages = len(plan.stages)
        self._sent = 0
        self._answered = 0
        self._approved = 0
        self._shed = 0
        self._points = 0
        self._times_ns: list[int] = []
        self._kept = AnswersKept()
        # Time, answers and the switch's processor seconds where the measured stage begins and where it ends.
        self._marks: list[tuple[int, int, float]] = []

    def stage_begins(self, stage: int, now_ns: int) -> None:
        if stage >= self._stages - 1:
            self._marks.append((now_ns, self._answered, process_s(self._load.process_id)))

    def sent(self, count: int) -> None:
        self._sent += count

    def answered(self, request: Request, answer: Answer, at_ns: int) -> None:
        self._answered += 1
        points = answer.points
        self._points += points
        if answer.is_shed:
            self._shed += 1
        else:
            self._approved += answer.code == "00"
            self._times_ns.append(at_ns - request.due_ns)
        self._kept.keep(int(answer.rrn or b"0"), int(answer.stan.hex()), points)

    def not_answered(self, request: Request, *, link_lost: bool) -> None:
        """It stands among the lost ones, as the rest of what was sent."""

    def unasked(self, answer: Answer, *, is_late: bool) -> None:
        raise ReplyFault(f"a reply with STAN {answer.stan.hex()} that isn't waited for")

    def misfit(self, fault: ReplyFault) -> None:
        raise fault

    def tick(self, now_ns: int) -> str:
        return ""

    def result(self, late_p99_ns: int) -> LoadResult:
        """The sums. Writes the answers' file."""
        load = self._load
        self._kept.write(load.answers_file)
        (start_ns, before, used_s), (end_ns, after, used_then_s) = self._marks[:2]
        measured = after - before
        times_ns = (
            [each for each in self._times_ns if each <= ANSWER_BOUND_S * _NS] if load.rate_per_s else []
        )
        due = int(load.measured_s * load.rate_per_s)
        return LoadResult(
            sent=self._sent,
            answered=self._answered,
            approved=self._approved,
            declined=self._answered - self._approved - self._shed,
            shed=self._shed,
            lost=self._sent - self._answered,
            points=self._points,
            per_s=measured * _NS / max(end_ns - start_ns, 1),
            processor_us=1e6 * (used_then_s - used_s) / max(measured, 1),
            latency=latency_of(times_ns) if times_ns else None,
            answered_share=len(times_ns) / max(due, 1) if load.rate_per_s else 1.0,
            send_late_p99_ms=late_p99_ns / 1e6,
        )
