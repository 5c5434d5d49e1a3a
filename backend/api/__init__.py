"""The OMS over HTTP: one file per noun."""
