"""A cipher with keys of its own, for tests of workers that need no vault."""

import os

from host_api.core.clock import utc_now
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.encryption.master_keyring import MasterKeyring
from host_api.core.encryption.programme_keys import KeyPurpose, ProgrammeKeys, new_key
from host_api.core.programmes import FIRST_PROGRAMME


def _cipher() -> FieldCipher:
    masters = MasterKeyring.new(os.urandom)
    keys = ProgrammeKeys(masters, utc_now)
    keys.install(
        new_key(masters, FIRST_PROGRAMME, purpose, 1, active_from=utc_now()) for purpose in KeyPurpose
    )
    return FieldCipher(keys)


CIPHER = _cipher()
