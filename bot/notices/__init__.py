"""Notices: facts of the OMS that become messages to the customer."""
