"""The storm: people and providers that never stop, faults while they work, and a history that must be explained."""
