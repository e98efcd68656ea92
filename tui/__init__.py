"""What a person sees and runs: the command line, the studio on screen, and the engine between them."""
