"""The engine: takes orders, follows jobs to the end, saves what they made. Knows no screen."""
