"""Sale, redemption, inquiry and reversal, and the journal that survives a power cut."""
