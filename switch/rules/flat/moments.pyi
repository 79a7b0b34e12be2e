from switch.rules.evaluator.schedule import Schedule
from switch.rules.local_time import LocalClock
from switch.rules.table import Calendar

class Moments:
    def __init__(self, schedule: Schedule, clock: LocalClock, calendar: Calendar, words: int) -> None: ...
