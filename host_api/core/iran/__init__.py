"""Numbers of Iran: a module reads each kind into its canonical form; `schema_types` has them for schemas."""
