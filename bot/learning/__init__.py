"""Learning: messages of which the assistant was not sure, and what people say they mean."""
