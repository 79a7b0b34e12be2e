"""Evaluation of a rule table: pure, integers only."""

from switch.rules.evaluator.core import Evaluator, evaluate, evaluator_of, explain
from switch.rules.evaluator.traces import Trace, Verdict

__all__ = ["Evaluator", "Trace", "Verdict", "evaluate", "evaluator_of", "explain"]
