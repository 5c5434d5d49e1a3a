"""Those who get a part of an order ready for us."""
