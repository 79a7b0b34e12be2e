"""The ledger's stores on flat memory: the same as the plain ones, which are the definition, in C columns."""
