"""Backups: everything that one Comanda keeps, as a folder with a manifest, and back again."""
