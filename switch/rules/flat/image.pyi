from switch.rules.evaluator.compiled import CompiledRule
from switch.rules.flat.candidates import Candidates
from switch.rules.flat.counting import Counting
from switch.rules.table import RuleTable

class Image:
    def __init__(
        self,
        table: RuleTable,
        compiled: tuple[CompiledRule, ...],
        candidates: Candidates,
        counting: Counting,
    ) -> None: ...
