"""Points to cash: members ask, the switch debits, a second person approves, the bank pays in batches."""
