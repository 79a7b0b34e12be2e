"""What the sub-commands of `vafa rules` share: sales as people write them, a club that is played through, and
how decisions are told."""
