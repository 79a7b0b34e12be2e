"""What came back of sales, and how long it is known."""

from hypothesis import given, settings
from hypothesis import strategies as st

from switch.ledger.returns import NOT_RETURNED, Returned, Returns
from tests.amounts import many

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("day"), st.integers(1, 4), st.integers(0, 6)),
        st.tuples(st.just("back"), st.integers(0, 30), st.integers(1, 9)),
        st.tuples(st.just("undo"), st.integers(0, 30), st.just(0)),
    ),
    max_size=60,
)


@given(STEPS)
@settings(max_examples=many(200), deadline=None)
def test_returns_are_known_as_long_as_their_sales_are_young(steps: list[tuple[str, int, int]]) -> None:
    """Sales happen at every position; `days` is on which."""
    returns, plain = Returns(), dict[int, Returned]()
    day, oldest = 100, 0
    days = {0: 0}
    returns.advance(day, 1, 6)
    for position, (step, number, amount) in enumerate(steps, start=1):
        if step == "day":
            day += number
            returns.advance(day, position, amount)
            oldest = max(oldest, day - amount)
        days[position] = day
        sale = max(position - number, 0)
        if step == "back":
            returns.add(sale, amount, [(0, amount)], [(1, amount)])
            plain[sale] = plain.get(sale, NOT_RETURNED).plus(amount, [(0, amount)], [(1, amount)])
        elif step == "undo":
            returns.undo(sale)
            plain[sale] = plain.get(sale, NOT_RETURNED)._replace(is_undone=True)
        plain = {sale: returned for sale, returned in plain.items() if sale and days[sale] >= oldest}
        assert returns == plain
        known = [sale for sale in days if sale and days[sale] >= oldest]
        assert all((sale in known) == (sale >= returns.floor) for sale in days)


def test_a_return_that_is_taken_back_leaves_nothing() -> None:
    returns = Returns()
    returns.advance(100, 1, 5)
    fresh = returns.digest()
    returns.add(1, 300, [(1, 300)], [(0, 7)])
    assert returns[1] == Returned(300, (0, 300), (7,))
    assert returns.digest() != fresh
    returns.add(1, -300, [(1, -300)], [(0, -7)])
    assert returns == {}
    assert returns.digest() == fresh
