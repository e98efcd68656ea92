"""What a request costs, against FAL's own words: each figure was worked out by hand from the text above it.

The texts are those of FAL's model pages, as copies of 2026-08-27 or without a date have them; nothing here is
read from the file of prices.
"""

from decimal import Decimal
from typing import Any

import pytest

from reelroom.fal.canonical import Canonical
from reelroom.fal.catalogue import Catalogue, Model, arrange
from reelroom.fal.prices import estimate
from reelroom.fal.translate import preview

CATALOGUE = Catalogue.load()
FILE = "https://v3.fal.media/files/x"
LORA = [{"path": FILE}]
BY_720P_SIZE = {"video_size": {"width": 1280, "height": 720}}

CASES: tuple[tuple[str, dict[str, Any], str], ...] = (
    # Veo 3.1: $0.20 a second without audio or $0.40 with it at 720p and 1080p; $0.40 and $0.60 at 4k.
    ("fal-ai/veo3.1", {}, "3.20"),
    ("fal-ai/veo3.1", {"generate_audio": False}, "1.60"),
    ("fal-ai/veo3.1", {"resolution": "1080p", "duration": "4s"}, "1.60"),
    ("fal-ai/veo3.1", {"resolution": "4k"}, "4.80"),
    ("fal-ai/veo3.1/image-to-video", {"resolution": "4k", "generate_audio": False, "duration": "6s"}, "2.40"),
    ("fal-ai/veo3.1/first-last-frame-to-video", {}, "3.20"),
    # Its extension of 7 s: "For every second … charged $0.20 (audio off) or $0.40 (audio on)."
    ("fal-ai/veo3.1/extend-video", {}, "2.80"),
    ("fal-ai/veo3.1/extend-video", {"generate_audio": False}, "1.40"),
    # Veo 3.1 Fast: $0.10 without audio, $0.15 with it; 4k of the image variant $0.30 and $0.35.
    ("fal-ai/veo3.1/fast", {}, "1.20"),
    ("fal-ai/veo3.1/fast", {"generate_audio": False, "resolution": "1080p"}, "0.80"),
    ("fal-ai/veo3.1/fast/image-to-video", {"resolution": "4k"}, "2.80"),
    # Veo 3.1 Lite: $0.03 and $0.05 at 720p, $0.05 and $0.08 at 1080p.
    ("fal-ai/veo3.1/lite", {"resolution": "1080p"}, "0.64"),
    ("fal-ai/veo3.1/lite", {"resolution": "720p", "generate_audio": False}, "0.24"),
    # Kling 3 Pro: "charged $0.112 (audio off) or $0.168 (audio on), if voice control is used … $0.196. For
    # example, a 5s video with audio on and voice control will cost $0.98."
    ("fal-ai/kling-video/v3/pro/text-to-video", {"duration": "15"}, "2.52"),
    ("fal-ai/kling-video/v3/pro/text-to-video", {"duration": "15", "generate_audio": False}, "1.68"),
    ("fal-ai/kling-video/v3/pro/image-to-video", {"elements": [{"voice_id": "v"}]}, "0.98"),
    # Kling 3 Standard: $0.084 audio off, $0.126 audio on.
    ("fal-ai/kling-video/v3/standard/text-to-video", {"duration": "10"}, "1.26"),
    ("fal-ai/kling-video/v3/standard/image-to-video", {"generate_audio": False}, "0.42"),
    # Kling 3 Turbo Pro: $0.14 a second. Kling O3 Pro references: $0.112 and $0.14.
    ("fal-ai/kling-video/v3/turbo/pro/text-to-video", {"duration": 3}, "0.42"),
    ("fal-ai/kling-video/o3/pro/reference-to-video", {"generate_audio": True, "duration": "5"}, "0.70"),
    # Kling 2.6 Pro image: $0.07 audio off, $0.14 audio on, $0.168 with voice control.
    ("fal-ai/kling-video/v2.6/pro/image-to-video", {"voice_ids": ["v"]}, "0.84"),
    ("fal-ai/kling-video/v2.6/pro/image-to-video", {"voice_ids": ["v"], "generate_audio": False}, "0.35"),
    # Kling 2.5 Turbo Pro, by the video: $0.35 for 5 s, then $0.07 a second.
    ("fal-ai/kling-video/v2.5-turbo/pro/text-to-video", {}, "0.35"),
    ("fal-ai/kling-video/v2.5-turbo/pro/text-to-video", {"duration": 10}, "0.70"),
    # Hailuo 2.3, by the video: Pro $0.49; Standard $0.28 for 6 s, $0.56 for 10 s.
    ("fal-ai/minimax/hailuo-2.3/pro/text-to-video", {}, "0.49"),
    ("fal-ai/minimax/hailuo-2.3/standard/text-to-video", {}, "0.28"),
    ("fal-ai/minimax/hailuo-2.3/standard/image-to-video", {"duration": "10"}, "0.56"),
    # Kling video to audio: $0.035 a video.
    ("fal-ai/kling-video/video-to-audio", {}, "0.035"),
    # MiniMax H3: $0.05 at 480P, $0.06 at 768P, $0.13 at 2K, $0.16 at 4K. H3 Max: $0.05 and $0.08.
    ("minimax/h3/image-to-video", {"resolution": "4K", "duration": 5}, "0.80"),
    ("minimax/h3-max/text-to-video", {"resolution": "480p", "duration": 15}, "0.75"),
    # Wan 3.0: $0.05, $0.10, $0.20 a second. Wan 2.7: $0.10 at 720p, $0.15 at 1080p.
    ("alibaba/wan-3.0/text-to-video", {"resolution": "480p", "duration": 5}, "0.25"),
    ("alibaba/wan-3.0/text-to-video", {"resolution": "1080p", "duration": 5}, "1.00"),
    ("fal-ai/wan/v2.7/text-to-video", {"resolution": "720p", "duration": 5}, "0.50"),
    # Happy Horse references: "For every second of 720p … $0.14. For 1080p video … $0.28."
    ("alibaba/happy-horse/reference-to-video", {"resolution": "720p", "duration": 10}, "1.40"),
    ("alibaba/happy-horse/reference-to-video", {"duration": 3}, "0.84"),
    # Gemini Omni Flash: $0.03 at 360p, $0.10 at 720p, $0.15 at 1080p, $0.30 at 4k.
    ("google/gemini-omni-flash/v1.1/text-to-video", {"resolution": "4k", "duration": 8}, "2.40"),
    # LTX 2.5 image, fast: $0.09, $0.13, $0.19, $0.30. LTX 2.3: $0.08, $0.16, $0.32.
    ("lightricks/ltx-2.5/image-to-video/fast", {"resolution": "1440p", "duration": 6}, "1.14"),
    ("fal-ai/ltx-2.3/text-to-video", {"resolution": "2160p", "duration": 10}, "3.20"),
    # Luma Ray 3.2, by the video: 540p $0.50, 720p $1, 1080p $2 for 5 s; twice that for 10 s.
    ("luma/agent/ray/v3.2/text-to-video", {"resolution": "1080p", "duration": 10}, "4.00"),
    # Pika 2.2: $0.20 at 720p, $0.45 at 1080p, for 5 s.
    ("fal-ai/pika/v2.2/text-to-video", {"resolution": "1080p"}, "0.45"),
    # PixVerse 6: 360p $0.025 or $0.035 with audio … 1080p $0.09 or $0.115 a second.
    ("fal-ai/pixverse/v6/text-to-video", {"resolution": "360p", "duration": 8}, "0.20"),
    (
        "fal-ai/pixverse/v6/text-to-video",
        {"generate_audio_switch": True, "resolution": "1080p", "duration": 1},
        "0.115",
    ),
    # Grok Imagine: $0.07 a second at 720p, and $0.002 for the picture that is put in; v1.5: $0.14 and $0.01.
    ("xai/grok-imagine-video/image-to-video", {"duration": 10}, "0.702"),
    ("xai/grok-imagine-video/v1.5/image-to-video", {"duration": 5, "resolution": "720p"}, "0.71"),
    # Seedance 2.0: "For every second of 720p … $0.3034"; 4k $0.008 per 1000 tokens, of height x width x
    # seconds x 24 / 1024: 3840 x 2160 x 5 x 24 / 1024 = 972,000.
    ("bytedance/seedance-2.0/text-to-video", {"duration": 10}, "3.034"),
    ("bytedance/seedance-2.0/text-to-video", {"duration": 5, "resolution": "4k"}, "7.776"),
    # Seedance 2.5: $0.473 a second at 720p; 1080p $0.0234 per 1000 tokens: 1920 x 1080 x 4 x 24 / 1024 are
    # 194,400.
    ("bytedance/seedance-2.5/image-to-video", {"duration": 4}, "1.892"),
    ("bytedance/seedance-2.5/image-to-video", {"duration": 4, "resolution": "1080p"}, "4.54896"),
    # Seedance 1.5 Pro: "Each 720p 5 second video with audio costs roughly $0.26. For other resolutions, 1
    # million video tokens with audio costs $2.4. Without audio, $1.2": 1280 x 720 x 24 x 10 / 1024 are
    # 216,000, and 1080p for 5 s 243,000.
    ("fal-ai/bytedance/seedance/v1.5/pro/image-to-video", {}, "0.26"),
    ("fal-ai/bytedance/seedance/v1.5/pro/image-to-video", {"duration": "10"}, "0.5184"),
    ("fal-ai/bytedance/seedance/v1.5/pro/image-to-video", {"generate_audio": False}, "0.1296"),
    ("fal-ai/bytedance/seedance/v1.5/pro/image-to-video", {"resolution": "1080p"}, "0.5832"),
    # LTX-2 19B: "$0.002 per megapixel of generated video data (width x height x frames), rounded up. … 121
    # frames long at 1280 x 720, … ≈112 MP, and your request will cost $0.224."
    ("fal-ai/ltx-2-19b/text-to-video/lora", {"loras": LORA, **BY_720P_SIZE}, "0.224"),
    # landscape_4_3 is 1024 x 768: 121 frames are 95.2 MP, and 241 are 189.6.
    ("fal-ai/ltx-2-19b/text-to-video/lora", {"loras": LORA}, "0.192"),
    ("fal-ai/ltx-2-19b/text-to-video/lora", {"loras": LORA, "num_frames": 241}, "0.380"),
    # "$0.0008 per megapixel … and your request will cost $0.0896."
    ("fal-ai/ltx-2-19b/distilled/image-to-video", BY_720P_SIZE, "0.0896"),
    # LTX-2.3 22B: "$0.001605 per megapixel"; distilled "$0.001205 … $0.1344" (its own 112 x 0.0012).
    ("fal-ai/ltx-2.3-22b/text-to-video", BY_720P_SIZE, "0.17976"),
    ("fal-ai/ltx-2.3-22b/distilled/image-to-video", BY_720P_SIZE, "0.13496"),
    # LTX-2.3 Quality, extend: "$0.0024075 per megapixel …, num_frames = 121, ≈112 MP, … $0.270."
    ("fal-ai/ltx-2.3-quality/extend-video", {"resolution": {"width": 1280, "height": 720}}, "0.26964"),
    # LTX-2 19B, clip to clip: "$0.001 per megapixel … $0.112", where the length is not that of the clip.
    (
        "fal-ai/ltx-2-19b/distilled/video-to-video/lora",
        {"loras": LORA, "match_video_length": False, **BY_720P_SIZE},
        "0.112",
    ),
)

UNKNOWN: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("bytedance/seedance-2.0/text-to-video", {}, "the length is FAL's own choice: auto"),
    (
        "bytedance/seedance-2.0/text-to-video",
        {"duration": 5, "resolution": "480p"},
        "no page tells its pixels",
    ),
    ("fal-ai/bytedance/seedance/v1.5/pro/image-to-video", {"resolution": "480p"}, "no page tells its pixels"),
    ("fal-ai/kling-video/o3/pro/video-to-video/edit", {}, "by the second of the clip that is put in"),
    ("fal-ai/pika/v2.2/text-to-video", {"duration": 10}, "the page has 5 s alone"),
    ("luma/agent/ray/v3.2/image-to-video", {}, "no page was read"),
    ("topaz/upscale/video/precision", {}, "by 10 seconds of the clip that is put in"),
    ("fal-ai/bytedance-upscaler/upscale/video", {}, "by the second of the clip that is put in"),
    ("fal-ai/hunyuan-video-v1.5/text-to-video", {}, "it says no frame rate"),
    ("fal-ai/sync-lipsync/v2", {}, "by the second of the sound that is put in"),
    ("fal-ai/seedvr/upscale/video", {}, "no page was read"),
    (
        "fal-ai/kling-video/v3/pro/text-to-video",
        {"multi_prompt": [{"prompt": "a", "duration": "5"}]},
        "each shot has its own length",
    ),
    ("fal-ai/ltx-2-19b/distilled/image-to-video", {}, "the size is that of the picture"),
    (
        "fal-ai/ltx-2-19b/distilled/video-to-video/lora",
        {"loras": LORA, **BY_720P_SIZE},
        "the length is that of the clip that is put in",
    ),
    ("fal-ai/mmaudio-v2", {}, "no page was read"),
)


def ready(model: Model, settings: dict[str, Any]) -> dict[str, object]:
    needed: dict[str, object] = {"prompt": "x"} if model.accepts("prompt") else {}
    for name in model.required:
        field = model.schema.field(name)
        if name in model.uploads:
            needed[name] = [FILE] if field is not None and field.shape.type == "array" else FILE
    return arrange(model, {**needed, **settings})


@pytest.mark.parametrize(("endpoint", "settings", "usd"), CASES)
def test_a_price_is_what_fals_page_says(endpoint: str, settings: dict[str, Any], usd: str) -> None:
    model = CATALOGUE.find(endpoint)
    price = estimate(model, ready(model, settings))
    assert isinstance(price, Decimal)
    assert price == Decimal(usd)


def test_the_table_has_the_cases_that_were_asked_for() -> None:
    assert len(CASES) >= 40
    units = {CATALOGUE.find(endpoint).price.unit for endpoint, *_ in CASES}
    assert {"second", "video", "megapixel"} <= units


@pytest.mark.parametrize(("endpoint", "settings", "_why"), UNKNOWN)
def test_what_is_not_known_has_no_price(endpoint: str, settings: dict[str, Any], _why: str) -> None:
    model = CATALOGUE.find(endpoint)
    assert estimate(model, ready(model, settings)) is None


@pytest.mark.parametrize("duration", ["auto", "", "-5", "0", "nan", "inf", "ten", [], {}, True, "9" * 400])
def test_an_odd_duration_has_no_price(duration: object) -> None:
    for model in CATALOGUE.featured:
        if model.accepts("duration") and model.price.unit == "second":
            assert estimate(model, {"duration": duration}) is None, model.short
        estimate(model, {"duration": duration})


@pytest.mark.parametrize(
    "size", ["auto", "", "x", {}, {"width": "wide", "height": 2}, {"width": -1, "height": 2}, 5]
)
def test_an_odd_size_has_no_price(size: object) -> None:
    model = CATALOGUE.find("fal-ai/ltx-2.3-22b/text-to-video")
    assert estimate(model, {"video_size": size}) is None


def test_no_price_is_zero_or_negative() -> None:
    for model in CATALOGUE.models:
        price = estimate(model, {})
        assert price is None or price > 0, model.endpoint
        assert all(row.usd > 0 for row in model.price.table)


def test_a_price_is_that_of_what_is_sent_and_not_of_what_was_asked() -> None:
    kling = CATALOGUE.find("fal-ai/kling-video/v2.5-turbo/pro/text-to-video")
    made = preview(kling, Canonical(prompt="x", duration="8"))
    assert made.input is not None
    assert estimate(kling, made.input) == Decimal("0.70")
    ltx = CATALOGUE.find("fal-ai/ltx-2.3-22b/text-to-video")
    made = preview(ltx, Canonical(prompt="x", duration="5", aspect="16:9", resolution="720p"))
    assert made.input is not None
    assert estimate(ltx, made.input) == Decimal("0.17976")
