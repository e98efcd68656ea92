"""What can go wrong between a clip's file and its poster, in people's words.

PosterError
├── MissingPoster
└── NotDecodable
"""


class PosterError(Exception):
    """There is no poster to show, and the text says why."""


class MissingPoster(PosterError):
    """None was made yet, or the cache was emptied."""


class NotDecodable(PosterError):
    """The file holds no picture that can be decoded here."""
