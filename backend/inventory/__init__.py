"""Where goods lie, how they move, and what is promised to whom."""
