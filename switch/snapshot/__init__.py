"""Images of the state: made of a journal's sealed segments beside the switch, and what it starts from."""
