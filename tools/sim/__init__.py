"""Scripts and the certification pack on the command line: who we are, where the peer is, what is printed."""
