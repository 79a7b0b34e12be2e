"""Domain events: what happened in a programme, written with the change itself and kept in order."""
