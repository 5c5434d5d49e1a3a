"""Reminders of what is to be paid, and customers' promises to pay."""
