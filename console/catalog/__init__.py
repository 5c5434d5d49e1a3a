"""What the shop sells, as a file."""
