from switch.rules.flat.counter_source cimport CounterSource
from switch.rules.flat.decision cimport FlatFacts, FlatOutcome
from switch.rules.flat.work cimport Work


cdef class PlainCounters(CounterSource):
    """Counters of a `CounterView`."""

    cdef object _view
    cdef object _fault

    # Raises what the view raised.
    cdef int check(self) except -1


# False for facts that the flat evaluator can't look at.
cdef bint fill_facts(object facts, FlatFacts* into) except -1
cdef object outcome_of(Work work, FlatOutcome* outcome)
