from switch.rules.evaluator.compiled import CompiledRule

class Candidates:
    def __init__(self, compiled: tuple[CompiledRule, ...]) -> None: ...
