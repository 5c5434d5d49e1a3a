"""What customers want but have not ordered yet."""
