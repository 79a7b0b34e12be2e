"""What the sub-commands of `vafa message` share: where messages come from and how they are printed."""
