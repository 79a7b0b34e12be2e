"""Cards before they have a holder: orders, branches' stocks, counting."""
