"""What FAL is: its wire protocol, a client, the model catalogue; `sandbox` is its local stand-in."""
