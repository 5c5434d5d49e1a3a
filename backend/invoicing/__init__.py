"""What customers are billed: immutable documents with gapless numbers, and the notes that correct them."""
