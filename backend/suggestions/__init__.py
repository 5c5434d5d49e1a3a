"""What goes well with what, offered once and measured."""
