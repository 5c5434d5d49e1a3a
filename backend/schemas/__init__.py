"""What travels over the OMS's HTTP API: one file per noun, shared by the server and its typed client."""
