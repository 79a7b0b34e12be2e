"""Double-entry ledger and the records it serves, as a fold of the journal. No I/O."""
