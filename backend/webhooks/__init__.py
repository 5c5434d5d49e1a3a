"""Telling others what happened: signed webhooks to subscribers."""
