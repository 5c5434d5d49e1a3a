"""Payment proofs: what customers send to show that they paid, until finance decides."""
