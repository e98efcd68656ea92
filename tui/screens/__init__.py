"""The screens: each arranges widgets, and turns their wishes into calls of the studio."""
