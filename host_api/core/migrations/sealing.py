"""Keys for migrations that seal what was plain, or the reverse."""

import sqlalchemy as sa
from alembic import op

from host_api.core.clock import utc_now
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.encryption.master_keyring import MasterKeyring
from host_api.core.encryption.programme_keys import KeyPurpose, ProgrammeKeys, WrappedKey, new_key
from host_api.core.tables import UtcDateTime

# Under this name whoever migrates hands the master keys over.
MASTERS = "masters"

_KEYS = sa.table(
    "programme_keys",
    sa.column("programme_id", sa.BigInteger()),
    sa.column("purpose", sa.String()),
    sa.column("number", sa.Integer()),
    sa.column("active_from", UtcDateTime()),
    sa.column("wrapped", sa.LargeBinary()),
)


def cipher_for(programme_ids: set[int]) -> FieldCipher:
    """Seals and opens for these programmes, which get their first keys where they have none.

    Raises:
        RuntimeError: whoever migrates has no master keys.
    """
    config = op.get_context().config
    masters = None if config is None else config.attributes.get(MASTERS)
    if not isinstance(masters, MasterKeyring):
        raise RuntimeError("personal data is to be sealed or opened, which needs the master keys")
    connection = op.get_bind()
    stored = [
        WrappedKey(row.programme_id, KeyPurpose(row.purpose), row.number, row.active_from, row.wrapped)
        for row in connection.execute(sa.select(_KEYS))
    ]
    held = {(key.programme_id, key.purpose) for key in stored}
    for programme_id in sorted(programme_ids):
        for purpose in KeyPurpose:
            if (programme_id, purpose) not in held:
                key = new_key(masters, programme_id, purpose, 1, active_from=utc_now())
                stored.append(key)
                connection.execute(
                    _KEYS.insert().values(
                        programme_id=programme_id,
                        purpose=purpose.value,
                        number=key.number,
                        active_from=key.active_from,
                        wrapped=key.wrapped,
                    )
                )
    keys = ProgrammeKeys(masters, utc_now)
    keys.install(stored)
    return FieldCipher(keys)
