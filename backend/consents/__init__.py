"""Consents: which privacy policy a person accepted, when, where and in which words; whether they want advertising."""
