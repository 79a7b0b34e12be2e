"""Where the terminals of `vafa terminal` stand: at a private switch with its club, or at another one."""
