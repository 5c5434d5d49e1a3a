"""Who buys: customers, how channels know them, where they live."""
