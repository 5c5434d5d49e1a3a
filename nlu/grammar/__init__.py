"""The parts of the order-line grammar; `nlu.order_lines` is its door."""
