"""The warehouse desk, made for a phone in one hand and a scanner in the other."""
