"""One transaction's whole story out of the journal, and the search for it."""
