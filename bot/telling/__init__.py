"""What the shop says leaves: news worded and parts sent, and what became of them."""
