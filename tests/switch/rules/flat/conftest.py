"""Where the flat evaluator wasn't built there is nothing to compare."""

from tests.switch.rules.flat.evaluators import HAS_FLAT

collect_ignore_glob = [] if HAS_FLAT else ["test_flat_*.py"]
