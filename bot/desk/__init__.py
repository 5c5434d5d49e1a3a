"""What staff do with conversations, and what they see of them."""
