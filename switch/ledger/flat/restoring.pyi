from array import array

from switch.ledger.flat.records import FlatRecords
from switch.ledger.record_columns import CardColumns, MemberColumns

def restore_cards(records: FlatRecords, columns: CardColumns) -> None: ...
def restore_members(records: FlatRecords, columns: MemberColumns) -> None: ...
def restore_purchases(
    records: FlatRecords, numbers: array[int], times_s: array[int], *, of_households: bool
) -> None: ...
