"""The load over links: connect, sign on, prepare, run closed or open, read what came back."""

import time
from typing import NamedTuple

from tools.bench.load.answers_file import write_answers
from tools.bench.load.links import LinkSet, LoadLink
from tools.bench.load.percentiles import latency_of, nearest_rank
from tools.bench.load.plan import LinkLoad, LoadResult
from tools.bench.load.processor import process_s
from tools.bench.load.purchases import PurchaseMaker
from tools.bench.load.replies import Answer, ReplyFault, ReplyReader

# An open loop's request that is answered later than this has failed its caller.
ANSWER_BOUND_S = 2.0
# Requests on their way on one link of an open loop; the others wait in the load, and their time runs. On all
# links together they are some 100 ms of the highest rate, so this holds back only what has failed already.
WINDOW = 256
# Consecutive arrivals of an open loop that share a link, as a concentrator hands them on.
BURST = 16

_NS = 1_000_000_000


class Measured(NamedTuple):
    """The measured time: from when to when (monotonic), replies in it, the switch's processor seconds."""

    start_ns: int
    end_ns: int
    answered: int
    processor_s: float


class Schedule:
    """When the requests of an open loop are due, and on which link: bursts go round the links."""

    def __init__(self, rate_per_s: int, links: int) -> None:
        self._rate_per_s = rate_per_s
        self._links = links

    def due(self, elapsed_ns: int) -> int:
        """How many requests are due since the start."""
        return elapsed_ns * self._rate_per_s // _NS

    def due_ns(self, link: int, index: int) -> int:
        """Nanoseconds after the start at which a link's request of an index is due."""
        burst, place = divmod(index, BURST)
        number = (burst * self._links + link) * BURST + place
        return (number + 1) * _NS // self._rate_per_s

    def share(self, link: int, due: int) -> int:
        """How many of so many due requests are the link's."""
        rounds, rest = divmod(due, BURST * self._links)
        return rounds * BURST + min(max(rest - link * BURST, 0), BURST)

    def links_between(self, before: int, due: int) -> list[int]:
        """Links on which something became due between two moments."""
        first, last = before // BURST, -(-due // BURST)
        return [burst % self._links for burst in range(first, min(last, first + self._links))]


def run_links(plan: LinkLoad) -> LoadResult:
    """Do it. Raises LoadFault, ReplyFault or OSError."""
    terminals = range(plan.terminals)
    links = [LoadLink(number, plan.address, terminals[number :: plan.links]) for number in range(plan.links)]
    links_set = LinkSet(links)
    try:
        for link in links:
            link.sign_on(plan.transmitted_s)
        for link in links:
            link.expect_signed_on()
        maker = PurchaseMaker(plan.cards, plan.transmitted_s, plan.seed)
        for link in links:
            link.prepare(maker, -(-plan.messages // plan.links))
        if plan.rate_per_s:
            return _open_loop(plan, links_set)
        return _closed_loop(plan, links_set)
    finally:
        links_set.close()


def _closed_loop(plan: LinkLoad, links: LinkSet) -> LoadResult:
    total = sum(link.prepared for link in links.links)
    used_s = process_s(plan.process_id)
    start_ns = time.monotonic_ns()
    warm_ns = start_ns + int(plan.warm_up_s * _NS)
    end_ns = warm_ns + int(plan.measured_s * _NS)
    answered, answered_warm, is_warm = 0, 0, False
    for link in links.links:
        link.allowed = min(plan.in_flight, link.prepared)
        links.flush(link)
    now_ns = start_ns
    while now_ns < end_ns and answered < total:
        for link, count in links.turn(_until(end_ns, now_ns)):
            answered += count
            if link.allowed < link.prepared:
                link.allowed = min(link.allowed + count, link.prepared)
                links.flush(link)
        now_ns = time.monotonic_ns()
        if not is_warm and now_ns >= warm_ns:
            is_warm, start_ns, answered_warm, used_s = True, now_ns, answered, process_s(plan.process_id)
    measured = Measured(start_ns, now_ns, answered - answered_warm, process_s(plan.process_id) - used_s)
    _drain(links, plan.drain_timeout_s)
    return _result(plan, links, measured, None)


def _open_loop(plan: LinkLoad, links: LinkSet) -> LoadResult:
    schedule = Schedule(plan.rate_per_s, len(links.links))
    total = min(
        int((plan.warm_up_s + plan.measured_s) * plan.rate_per_s),
        sum(link.prepared for link in links.links) - BURST * len(links.links),
    )
    used_s = process_s(plan.process_id)
    start_ns = time.monotonic_ns()
    due, answered = 0, 0
    late_ns: list[int] = []
    while due < total:
        elapsed_ns = time.monotonic_ns() - start_ns
        before, due = due, min(schedule.due(elapsed_ns), total)
        if due > before:
            late_ns.append(elapsed_ns - (before + 1) * _NS // plan.rate_per_s)
            for number in schedule.links_between(before, due):
                _allow(links, links.links[number], schedule.share(number, due))
        for link, count in links.turn(0):
            answered += count
            _allow(links, link, schedule.share(link.number, due))
    scheduled_end_ns = time.monotonic_ns()
    measured = Measured(start_ns, scheduled_end_ns, answered, process_s(plan.process_id) - used_s)
    # What isn't sent by then could only be answered too late.
    stop_ns = scheduled_end_ns + int(ANSWER_BOUND_S * _NS)
    while (now_ns := time.monotonic_ns()) < stop_ns and answered < total:
        for link, count in links.turn(_until(stop_ns, now_ns)):
            answered += count
            _allow(links, link, schedule.share(link.number, total))
    for link in links.links:
        link.allowed = link.frames_sent
    _drain(links, plan.drain_timeout_s)
    result = _result(plan, links, measured, (schedule, start_ns, total))
    late_ns.sort()
    return result.model_copy(update={"send_late_p99_ms": nearest_rank(late_ns, 0.99) / 1e6})


def _allow(links: LinkSet, link: LoadLink, due: int) -> None:
    allowed = min(due, link.answered + WINDOW)
    if allowed > link.allowed:
        link.allowed = allowed
        links.flush(link)


def _drain(links: LinkSet, timeout_s: float) -> None:
    """Wait until everything sent is answered, so that nothing is in doubt when it is compared."""
    stop_ns = time.monotonic_ns() + int(timeout_s * _NS)
    while any(link.answered < link.allowed for link in links.links):
        now_ns = time.monotonic_ns()
        if now_ns >= stop_ns:
            return
        links.turn(_until(stop_ns, now_ns))


def _until(end_ns: int, now_ns: int) -> float:
    return max((end_ns - now_ns) / _NS, 0.0)


def _result(
    plan: LinkLoad, links: LinkSet, measured: Measured, opened: tuple[Schedule, int, int] | None
) -> LoadResult:
    reader = ReplyReader()
    answers: list[Answer] = []
    times_ns: list[int] = []
    for link in links.links:
        seen = bytearray(link.prepared + 1)
        for answer in reader.answers(link.chunks, link.macs()):
            answers.append(answer)
            if not 0 < answer.stan <= link.frames_sent or seen[answer.stan]:
                raise ReplyFault(f"a reply with STAN {answer.stan} that isn't waited for")
            seen[answer.stan] = 1
            if opened is not None and not answer.is_shed:
                schedule, start_ns, _ = opened
                time_ns = answer.at_ns - start_ns - schedule.due_ns(link.number, answer.stan - 1)
                if time_ns <= ANSWER_BOUND_S * _NS:
                    times_ns.append(time_ns)
    write_answers(plan.answers_file, answers)
    sent = sum(link.frames_sent for link in links.links)
    return LoadResult(
        sent=sent,
        answered=len(answers),
        approved=sum(answer.code == "00" for answer in answers),
        declined=sum(answer.code != "00" and not answer.is_shed for answer in answers),
        shed=sum(answer.is_shed for answer in answers),
        lost=sent - len(answers),
        points=sum(answer.points for answer in answers),
        per_s=measured.answered * _NS / max(measured.end_ns - measured.start_ns, 1),
        processor_us=1e6 * measured.processor_s / max(measured.answered, 1),
        latency=latency_of(times_ns) if times_ns else None,
        answered_share=1.0 if opened is None else len(times_ns) / opened[2],
    )
