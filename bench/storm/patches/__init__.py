"""What a storm puts into the processes it starts, and no product has: bugs to be found, and a clock that jumps."""
