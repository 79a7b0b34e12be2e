from collections.abc import Iterable

class FlatPostings:
    def __init__(self, wanted: Iterable[Iterable[int] | None], words: int, with_sets: bool) -> None: ...
