"""What must not break (`cases.yml`), which test shows it, and the figure that it printed last: `make faults`."""
