"""Photos and documents in a conversation: what is taken in, how it is kept, who may see it."""
