"""Personal data encrypted at rest.

A master keyring (a file) wraps the keys of each programme (rows); those seal single fields and blind the
values that are searched for. Deleting a programme's keys erases its sealed data, in one statement.

From the file inwards: `master_keyring`, `programme_keys` with `key_table`, `field_cipher` on `envelope`,
`sealed_field` for models, `reencryption` for rotation.
"""
