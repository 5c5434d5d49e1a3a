"""The Rasa side of `nlu`: each component here only carries messages to and from a pure part."""
