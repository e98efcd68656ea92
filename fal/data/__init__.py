"""Facts about FAL that ship with the program."""
