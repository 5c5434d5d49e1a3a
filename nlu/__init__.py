"""What the customer means: the pipeline's own parts, pure Python first, Rasa only in `nlu.components`."""
