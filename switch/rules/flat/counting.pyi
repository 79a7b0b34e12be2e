from switch.rules.flat.moments import Moments
from switch.rules.table import RuleTable

class Counting:
    def __init__(self, table: RuleTable, moments: Moments) -> None: ...
