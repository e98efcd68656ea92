"""What keeps the sandbox from serving, in people's words."""


class CannotServe(Exception):
    """The sandbox cannot start: the port is taken, the folder is not usable, or another one runs there."""


class NotAccepted(ValueError):
    """A value that the sandbox does not take; `str()` is a sentence that names it."""
