"""Public bodies that take part in the programme, what their members get, and credit of banks."""
