"""What `vafa card` does: issue, read and verify the club's cards, in a PC/SC reader or virtual ones."""
