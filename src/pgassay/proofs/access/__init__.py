"""Who reaches what: tried out by several personas on rows of two users, before and after the change."""
