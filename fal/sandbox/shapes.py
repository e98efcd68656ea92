"""The forms that a result can have: templates with `$file`, `$url`, `$data`, `$size` and `$seed`."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

SHAPES: Final[Mapping[str, object]] = MappingProxyType(
    {
        "video": {"video": "$file"},
        "list": {"video": ["$file", "$file"]},
        "videos": {"videos": ["$file", "$file", "$file"]},
        "null": {"video": None},
        "empty": {"videos": []},
        "nothing": {},
        "missing_url": {"video": {"content_type": "video/mp4", "file_name": "output.mp4"}},
        "null_url": {"video": {"url": None, "content_type": "video/mp4"}},
        "bare_url": {"video": {"url": "$url"}},
        "plain_url": {"video_url": "$url"},
        "nulls": {"video": {"url": "$url", "content_type": None, "file_name": None, "file_size": None}},
        "wrong_type": {"video": {"url": "$url", "content_type": "image/png", "file_name": "output.png"}},
        "wrong_size": {"video": {"url": "$url", "content_type": "video/mp4", "file_size": 1}},
        "data_uri": {"video": {"url": "$data", "content_type": "video/mp4", "file_size": "$size"}},
        "nested": {"output": {"clips": [{"result": {"video": "$file"}}]}},
        "array": ["$file"],
        "text": {"output": "A clip of what was asked for, in words only."},
        "blank": {"video": "$file", "has_nsfw_concepts": [True]},
        "companions": {
            "video": "$file",
            "seed": "$seed",
            "actual_prompt": "much the same",
            "timings": {"inference": 1.5},
        },
    }
)


def fill(template: object, values: Mapping[str, Callable[[], object]]) -> object:
    """The template with each `$name` in the place of a value; values are made only where they are named."""
    if isinstance(template, str) and template in values:
        return values[template]()
    if isinstance(template, Mapping):
        return {str(name): fill(value, values) for name, value in template.items()}
    if isinstance(template, list | tuple):
        return [fill(value, values) for value in template]
    return template
