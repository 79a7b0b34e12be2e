"""Steps that flows share: each asks for one thing, and brings the table of the state in which it waits."""
