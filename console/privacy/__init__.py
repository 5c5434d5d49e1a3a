"""What is kept of one person: looked at, handed out, erased; for admins."""
