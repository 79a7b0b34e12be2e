from switch.rules.flat.counter_source import CounterSource
from switch.rules.outcome import CounterView

class PlainCounters(CounterSource):
    def __init__(self, view: CounterView) -> None: ...
