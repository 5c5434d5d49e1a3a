"""Rules of this house that a general linter does not know, over every tracked file: `make check`."""
