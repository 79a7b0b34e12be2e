"""Keys of the terminal: sessions, transactions, PIN blocks."""
