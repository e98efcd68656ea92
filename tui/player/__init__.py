"""A clip in motion on a bare terminal: its clock, its keys, the way to the terminal, the lines around it."""
