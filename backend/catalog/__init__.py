"""What is for sale, and what the words for it mean."""
