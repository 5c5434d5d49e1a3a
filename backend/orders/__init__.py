"""What was agreed with customers, kept as it was agreed."""
