"""Dead letters of a running switch, as its operations port tells them."""
