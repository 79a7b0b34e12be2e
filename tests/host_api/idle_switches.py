"""What works with switches, where no programme has one."""

from host_api.core.database import Database
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.ledger.outcomes import OutcomeBoard
from host_api.core.switches.switches import Switches


def idle_switches(database: Database) -> Switches:
    return Switches(database, {}, OutcomeBoard(database), handlers={}, projectors=tuple, cipher=_no_cipher)


def _no_cipher() -> FieldCipher:
    raise AssertionError("nothing is sent")
