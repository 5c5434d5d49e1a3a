"""How fast Comanda is, measured from outside on the real processes."""
