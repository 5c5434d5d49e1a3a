"""What becomes of a customer's message: its turn, the assistant asked, and how it ends."""
