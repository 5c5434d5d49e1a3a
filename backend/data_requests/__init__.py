"""What staff asks for of all that is kept of one person: a look at it, a copy to hand out, its erasure."""
