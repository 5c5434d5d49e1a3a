"""The conversations with customers, as staff read them."""
