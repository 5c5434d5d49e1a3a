"""What customers say comes in: stored first, then its files fetched and its voice heard."""
