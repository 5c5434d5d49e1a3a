"""The money desk: proofs of payment to look at, refunds to decide about."""
