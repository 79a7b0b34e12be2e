"""Types of events that earn, as data of the programme."""
