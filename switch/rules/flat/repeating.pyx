# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Requests decided again and again from flat memory alone, to measure how long that takes."""

from libc.stdlib cimport calloc, free

from switch.rules.flat.counter_source cimport CounterSource
from switch.rules.flat.decision cimport NOT_MINE, FlatFacts, FlatOutcome
from switch.rules.flat.evaluator cimport FlatEvaluator
from switch.rules.flat.plain_values cimport fill_facts


cdef class Repeating:
    """Made from an evaluator and the facts of requests, all of which must be the flat evaluator's."""

    cdef FlatEvaluator _evaluator
    cdef CounterSource _counters
    cdef FlatFacts* _facts
    cdef FlatOutcome* _outcome
    cdef Py_ssize_t _count
    cdef Py_ssize_t _next

    def __cinit__(self, FlatEvaluator evaluator, requests):
        self._evaluator = evaluator
        self._counters = CounterSource()
        self._count = len(requests)
        self._next = 0
        if self._count == 0:
            raise ValueError("there must be a request")
        self._facts = <FlatFacts*> calloc(self._count, sizeof(FlatFacts))
        self._outcome = <FlatOutcome*> calloc(1, sizeof(FlatOutcome))
        if self._facts == NULL or self._outcome == NULL:
            raise MemoryError
        for place, facts in enumerate(requests):
            if not fill_facts(facts, &self._facts[<Py_ssize_t> place]):
                raise ValueError("a request isn't one for the flat evaluator")

    def __dealloc__(self):
        free(self._facts)
        free(self._outcome)

    def decide(self, int count):
        """Decides so many requests in turn, with counters of nobody; returns how many grants that came to.

        Raises ValueError where the plain evaluator must decide.
        """
        cdef long grants = 0
        for _ in range(count):
            if self._evaluator.decide(&self._facts[self._next], self._counters, self._outcome) == NOT_MINE:
                raise ValueError("a request isn't one for the flat evaluator")
            grants += self._outcome.grant_count
            self._next = (self._next + 1) % self._count
        return grants
