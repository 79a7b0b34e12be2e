"""Store-and-forward: order, window, waits, dead letters, and that its changes tell all of it."""

import itertools

import pytest
from hypothesis import settings, strategies
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from switch.upstream.saf_types import Bury, Item, Remove, Revive
from switch.upstream.store_and_forward import QueuePlan, StoreAndForward
from tests.amounts import many
from tests.switch.upstream.queue_content import Content, advice, reversal

PLAN = QueuePlan(
    depth_max=20,
    window=3,
    attempts_max=4,
    first_wait_s=1.0,
    longest_wait_s=5.0,
    done_codes_of_advices=frozenset({"00", "21"}),
    done_codes_of_reversals=frozenset({"00"}),
    retry_codes=frozenset({"91", "96"}),
)


def queue_of(*items: Item, plan: QueuePlan = PLAN, chance: float = 1.0) -> StoreAndForward:
    return StoreAndForward(plan, items, lambda: chance)


def numbers(items: list[Item]) -> list[int]:
    return [item.number for item in items]


def test_a_window_over_terminals_and_one_at_a_time_within_each() -> None:
    names = ["A", "A", "B", "B", "C", "D"]
    queue = queue_of(*(advice(number, order) for number, order in enumerate(names, 1)))
    assert numbers(queue.due(0.0)) == [1, 3, 5]
    assert queue.due(0.0) == []
    assert queue.wake_s == float("inf")
    queue.answered(1, "00", 1.0)
    assert numbers(queue.due(1.0)) == [6]
    queue.answered(3, "00", 1.0)
    assert numbers(queue.due(1.0)) == [2]


def test_waits_double_up_to_a_bound_and_are_jittered() -> None:
    for chance, expected in ((1.0, [1.0, 2.0, 4.0]), (0.0, [0.5, 1.0, 2.0])):
        queue = queue_of(advice(1), chance=chance)
        waits = []
        for _ in range(3):
            queue.due(0.0)
            queue.failed(1, "link lost", 0.0)
            waits.append(queue.wake_s)
            assert queue.due(waits[-1] - 0.01) == []
            queue.due(waits[-1])
            queue.put_back(1, 0.0)
        assert waits == expected
    plan = PLAN._replace(attempts_max=100)
    queue = queue_of(advice(1), plan=plan)
    for _ in range(60):
        (item,) = queue.due(1000.0)
        queue.failed(item.number, "link lost", 0.0)
    assert queue.wake_s == 5.0


@pytest.mark.parametrize(
    ("code", "advices", "reversals"),
    [
        ("00", "done", "done"),
        ("21", "done", "dead"),
        ("91", "rests", "rests"),
        ("14", "dead", "dead"),
        ("94", "dead", "rests"),
    ],
)
def test_what_the_partners_codes_mean(code: str, advices: str, reversals: str) -> None:
    for item, expected in ((advice(1), advices), (reversal(1), reversals)):
        queue = queue_of(item)
        queue.due(0.0)
        changes = queue.answered(1, code, 0.0)
        found = "done" if changes == [Remove(1)] else "dead" if queue.dead() else "rests"
        assert found == expected
        if found == "dead":
            assert changes == [Bury(1, 1, f"refused with code {code}")]


def test_too_many_attempts_make_a_dead_letter_and_the_next_one_goes() -> None:
    queue = queue_of(advice(1), advice(2))
    for _ in range(PLAN.attempts_max - 1):
        assert numbers(queue.due(100.0)) == [1]
        queue.failed(1, "no reply in time", 0.0)
    queue.due(100.0)
    assert queue.answered(1, "91", 0.0) == [Bury(1, 4, "attempts used up: code 91")]
    assert numbers(queue.due(100.0)) == [2]
    assert numbers(list(queue.dead())) == [1]
    assert queue.revive(1) == [Revive(1)]
    queue.answered(2, "00", 100.0)
    (item,) = queue.due(100.0)
    assert (item.number, item.attempts) == (1, 0)
    queue.answered(1, "14", 100.0)
    assert queue.discard(1) == [Remove(1)]
    with pytest.raises(KeyError):
        queue.discard(1)
    with pytest.raises(KeyError):
        queue.revive(1)


def test_dead_letters_are_told_page_by_page() -> None:
    queue = queue_of(*(advice(number, f"T{number}") for number in range(1, 5)))
    queue.due(0.0)
    for number in (3, 1, 4, 2):
        queue.answered(number, "14", 0.0)
    assert numbers(queue.dead()) == [1, 2, 3, 4]
    assert numbers(queue.dead(limit=3)) == [1, 2, 3]
    assert numbers(queue.dead(after=3, limit=3)) == [4]
    assert queue.dead_depth == 4


def test_a_revived_item_goes_in_its_place_among_those_of_its_terminal() -> None:
    queue = queue_of(*(advice(number, "A") for number in range(1, 6)))
    for _ in range(2):
        (item,) = queue.due(0.0)
        queue.answered(item.number, "14", 0.0)
    assert numbers(queue.due(0.0)) == [3]
    queue.revive(2)
    assert queue.due(100.0) == [], "one of a terminal at a time"
    queue.failed(3, "no reply in time", 0.0)
    queue.revive(1)
    assert numbers(queue.due(0.0)) == [1], "it needn't wait for the rest of the one behind it"
    assert queue.answered_late(3, "00", 0.0) == [Remove(3)]
    for number in (1, 2, 4, 5):
        queue.answered(number, "00", 0.0)
        queue.due(0.0)
    assert queue.depth == 0


def test_dead_letters_and_reserved_places_count_against_the_depth() -> None:
    queue = queue_of(*(advice(number, f"T{number}") for number in range(18)))
    queue.due(0.0)
    queue.answered(0, "14", 0.0)
    assert queue.reserve()
    assert queue.reserve()
    assert not queue.reserve()
    queue.add(advice(100))
    assert not queue.reserve()
    queue.release()
    assert queue.reserve()


def test_age_is_that_of_the_oldest_living_item() -> None:
    queue = queue_of(advice(1, "A", 1000), advice(2, "B", 4000))
    assert queue.age_ms(10_000) == 9000
    queue.due(0.0)
    queue.answered(1, "14", 0.0)
    assert queue.age_ms(10_000) == 6000
    queue.answered(2, "00", 0.0)
    assert queue.age_ms(10_000) == 0


def test_a_good_late_answer_spares_the_next_attempt() -> None:
    queue = queue_of(advice(1), advice(2))
    queue.due(0.0)
    queue.failed(1, "no reply in time", 0.0)
    assert queue.answered_late(1, "91", 0.1) == []
    assert queue.answered_late(1, "00", 0.1) == [Remove(1)]
    assert queue.answered_late(1, "00", 0.1) == []
    assert numbers(queue.due(0.1)) == [2]
    assert queue.answered_late(2, "00", 0.1) == [], "one that is under way waits for its own answer"


class QueueMachine(RuleBasedStateMachine):
    """Anything may happen to items; the changes are replayed into a model of the file."""

    def __init__(self) -> None:
        super().__init__()
        self.queue = queue_of()
        self.content = Content()
        self.now_s = 0.0
        self.numbers = itertools.count(1)
        self.under_way: dict[int, Item] = {}

    @rule(order=strategies.sampled_from("ABCDE"), is_advice=strategies.booleans())
    def store(self, order: str, is_advice: bool) -> None:
        if not self.queue.reserve():
            assert len(self.content.items) == PLAN.depth_max
            return
        number = next(self.numbers)
        item = advice(number, order) if is_advice else reversal(number, order)
        self.content.items[number] = item
        self.queue.add(item)

    @rule(seconds=strategies.sampled_from([0.0, 0.7, 2.0, 10.0]))
    def send(self, seconds: float) -> None:
        self.now_s += seconds
        for item in self.queue.due(self.now_s):
            assert item.number not in self.under_way
            assert item.number == min(each.number for each in self.living() if each.order == item.order)
            self.under_way[item.number] = item

    @precondition(lambda self: self.under_way)
    @rule(data=strategies.data(), code=strategies.sampled_from(["00", "00", "91", "14", "lost", "full"]))
    def end(self, data: strategies.DataObject, code: str) -> None:
        number = data.draw(strategies.sampled_from(sorted(self.under_way)))
        del self.under_way[number]
        if code == "lost":
            self.content.apply(self.queue.failed(number, "link lost", self.now_s))
        elif code == "full":
            self.queue.put_back(number, self.now_s)
        else:
            self.content.apply(self.queue.answered(number, code, self.now_s))

    @precondition(lambda self: self.content.items)
    @rule(data=strategies.data(), code=strategies.sampled_from(["00", "91"]))
    def answer_late(self, data: strategies.DataObject, code: str) -> None:
        number = data.draw(strategies.sampled_from(sorted(self.content.items)))
        item = self.content.items[number]
        rests = item.attempts and not item.dead_reason and number not in self.under_way
        changes = self.queue.answered_late(number, code, self.now_s) if item.attempts else []
        assert changes == ([Remove(number)] if rests and code == "00" else [])
        self.content.apply(changes)

    @precondition(lambda self: self.queue.dead())
    @rule(data=strategies.data(), gives_up=strategies.booleans())
    def operate(self, data: strategies.DataObject, gives_up: bool) -> None:
        number = data.draw(strategies.sampled_from(numbers(list(self.queue.dead()))))
        self.content.apply(self.queue.discard(number) if gives_up else self.queue.revive(number))

    @rule()
    def restart(self) -> None:
        self.queue = queue_of(*self.content.loaded().items)
        self.under_way.clear()

    @invariant()
    def holds(self) -> None:
        assert self.queue.under_way == len(self.under_way) <= PLAN.window
        orders = [item.order for item in self.under_way.values()]
        assert len(set(orders)) == len(orders)
        assert self.queue.depth == len(self.living())
        assert list(self.queue.dead()) == [item for item in self.content.loaded().items if item.dead_reason]
        assert self.queue.dead_depth == len(self.queue.dead())

    def living(self) -> list[Item]:
        return [item for item in self.content.items.values() if not item.dead_reason]

    def teardown(self) -> None:
        for number in list(self.under_way):
            self.content.apply(self.queue.answered(number, "00", self.now_s))
        for _ in range(PLAN.depth_max):
            self.now_s += 100.0
            for item in self.queue.due(self.now_s):
                self.content.apply(self.queue.answered(item.number, "00", self.now_s))
        assert self.queue.depth == 0
        assert all(item.dead_reason for item in self.content.items.values())


QueueMachine.TestCase.settings = settings(max_examples=many(150), stateful_step_count=40, deadline=None)
TestQueueMachine = QueueMachine.TestCase
