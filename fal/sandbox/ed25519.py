"""Signatures by Ed25519 (RFC 8032) in plain integers, a few milliseconds each, for practice webhooks only.

Nothing here is fit for a secret that matters: it takes other times for other keys.
"""

import hashlib
from typing import Final

PRIME: Final = 2**255 - 19
ORDER: Final = 2**252 + 27742317777372353535851937790883648493
CURVE: Final = -121665 * pow(121666, -1, PRIME) % PRIME
_BASE_X: Final = 15112221349535400772501151409588531511454012693041857206046113283949847762202
_BASE_Y: Final = 4 * pow(5, -1, PRIME) % PRIME

Point = tuple[int, int, int, int]
"""Extended coordinates: x = X/Z, y = Y/Z, xy = T/Z."""


def public_key(seed: bytes) -> bytes:
    """The 32 bytes of the public key to a secret of 32 bytes."""
    return _packed(_times(_scalar(seed), _base()))


def sign(seed: bytes, message: bytes) -> bytes:
    """The 64 bytes of a signature."""
    own = public_key(seed)
    nonce = _hashed(hashlib.sha512(seed).digest()[32:] + message)
    front = _packed(_times(nonce, _base()))
    back = (nonce + _hashed(front + own + message) * _scalar(seed)) % ORDER
    return front + back.to_bytes(32, "little")


def _base() -> Point:
    return _BASE_X, _BASE_Y, 1, _BASE_X * _BASE_Y % PRIME


def _scalar(seed: bytes) -> int:
    number = int.from_bytes(hashlib.sha512(seed).digest()[:32], "little")
    return number & ((1 << 254) - 8) | (1 << 254)


def _hashed(data: bytes) -> int:
    return int.from_bytes(hashlib.sha512(data).digest(), "little") % ORDER


def _plus(one: Point, two: Point) -> Point:
    x1, y1, z1, t1 = one
    x2, y2, z2, t2 = two
    a, b = (y1 - x1) * (y2 - x2) % PRIME, (y1 + x1) * (y2 + x2) % PRIME
    c, d = 2 * t1 * t2 * CURVE % PRIME, 2 * z1 * z2 % PRIME
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % PRIME, g * h % PRIME, f * g % PRIME, e * h % PRIME


def _times(number: int, point: Point) -> Point:
    total: Point = (0, 1, 1, 0)
    while number:
        if number & 1:
            total = _plus(total, point)
        point = _plus(point, point)
        number >>= 1
    return total


def _packed(point: Point) -> bytes:
    inverse = pow(point[2], -1, PRIME)
    x, y = point[0] * inverse % PRIME, point[1] * inverse % PRIME
    return (y | (x & 1) << 255).to_bytes(32, "little")
