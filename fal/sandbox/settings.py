"""What no one outside FAL knows for certain, or a test wants otherwise: each a value that can be set."""

from dataclasses import dataclass

from .forms import choice, flag, number, perhaps, taken, whole
from .requests import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How this FAL is. Seconds, unless a name says otherwise; docs/unverified.md says which are open."""

    away_s: float = taken(0.0, number(0, 3600))
    """For how long, from when the scenario is set, connections are refused and broken off."""
    status_404_s: float = taken(0.0, number())
    """How long after a submit its status is not found yet."""
    early_result: str = taken("json", choice("json", "text"))
    missing_result: str = taken("detail", choice("detail", "status"))
    cancel_in_line: str = taken("ok", choice("ok", "requested"))
    """Whether a cancel in line answers 200 OK, or 202 like one at work."""
    cancelled_result: int = taken(499, whole(400, 599))
    full_queue: str = taken("request_error", choice("request_error", "model_error", "text", "empty"))
    """The body of the 429 for `fal_max_queue_length`."""
    unknown_endpoints: str = taken("accepted", choice("accepted", "missing"))
    """Whether an endpoint that the facts do not have is taken with any input, or answers 404."""
    retry_header: str = taken("needs_retry", choice("needs_retry", "retryable", "both", "none"))
    status_errors: bool = taken(default=True, form=flag())
    """Whether a status names the error; some endpoints leave it to the result."""
    log_window_s: float | None = taken(None, perhaps(number()))
    """How far back the logs of one status reach; all the way, if null."""
    stream_comment_s: float = taken(15.0, number(0.01))
    stream_tick_s: float = taken(0.2, number(0.01))
    """How often a status stream looks for news."""
    result_kept_s: float | None = taken(None, perhaps(number()))
    """Seconds after its end until a result is not found any more (an hour at FAL, for unstored payloads)."""
    large_result_kept_s: float | None = taken(None, perhaps(number()))
    """The same for results of 10 KB and more (six minutes at FAL)."""
    media_kept_s: float | None = taken(None, perhaps(number()))
    """Seconds after its end until a request's media links are dead, unless the submit said otherwise."""
    media_gone: int = taken(404, whole(400, 599))
    media_ranges: bool = taken(default=True, form=flag())
    media_etag: bool = taken(default=True, form=flag())
    media_length: bool = taken(default=True, form=flag())
    listing: str = taken("on", choice("on", "off", "forbidden"))
    """Whether FAL's listing of requests answers, shows nothing, or is not for this key."""
    listing_lag_s: float = taken(0.0, number())
    """Seconds from a request's end (or submit, if unfinished ones are shown) until it is listed."""
    listing_unfinished: bool = taken(default=False, form=flag())
    listing_payloads: bool = taken(default=True, form=flag())
    """Whether what a listed request held can be had with it."""
    platform_key: bool = taken(default=False, form=flag())
    """Whether an account's questions need a key, as they do at FAL; any key will do."""
    platform_per_minute: int | None = taken(None, perhaps(whole(1, 100_000)))
    """Questions to the platform API that one minute allows; no limit, if null."""
    upload_token_s: float = taken(3600.0, number())
    """Seconds that a token for uploads holds."""
    upload_largest: int = taken(4 * 2**30, whole(1, 2**40))
    """Bytes of one upload, or of one part of it."""
    webhook_tries: int = taken(3, whole(0, 31))
    webhook_wait_s: float = taken(1.0, number())


def listed(request: Request, settings: Settings, now: float) -> bool:
    """Whether FAL's listing of requests shows this one by now."""
    if settings.listing != "on" or not request.plan.listed:
        return False
    since = request.ended_at
    if since is None and settings.listing_unfinished:
        since = request.submitted_at
    return since is not None and now - since >= settings.listing_lag_s
