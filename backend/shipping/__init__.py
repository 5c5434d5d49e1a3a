"""How parcels travel: zones, rates, carriers, tracking."""
