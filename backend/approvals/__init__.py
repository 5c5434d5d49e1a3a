"""Acts above the limit of whoever does them, until a second person says yes or no."""
