"""The public pages of the blog: small, without scripts, Persian first; and its feeds."""
