from switch.rules.flat.counting import Counting
from switch.rules.table import DeclaredCounter, TableRule

def amount_bounds(rule: TableRule) -> tuple[int, int] | None: ...

class Conditions:
    def __init__(self, counting: Counting, declared: tuple[DeclaredCounter, ...]) -> None: ...
