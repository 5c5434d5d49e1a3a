"""Each guard that must hold is taken away once, and a test must notice: `make mutants`."""
