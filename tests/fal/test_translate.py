"""One form, every model: what is sent is what FAL takes, and what is not sent is said."""

import random
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from reelroom.fal.canonical import LABELS, Canonical
from reelroom.fal.catalogue import Catalogue, Model
from reelroom.fal.sandbox.checks import Checks
from reelroom.fal.sandbox.documents import Documents
from reelroom.fal.sandbox.facts import Facts
from reelroom.fal.schema import Shape
from reelroom.fal.translate import Preview, preview

FILES = "https://v3.fal.media/files/"
EVERYTHING = Canonical(
    prompt="a red fox",
    negative="blur",
    first=f"{FILES}a.png",
    last=f"{FILES}b.png",
    references=(f"{FILES}c.png", f"{FILES}d.png"),
    video=f"{FILES}e.mp4",
    audio=f"{FILES}f.mp3",
    aspect="16:9",
    resolution="720p",
    duration="8",
    sound=True,
    seed=7,
)
GRID = (
    ("16:9", "720p", "8", True),
    ("9:16", "1080p", "5", False),
    ("21:9", "4k", "2.5", None),
    ("auto", "540p", "auto", True),
    ("1:1", None, "60", None),
    (None, "480p", "10s", False),
    ("landscape_4_3", "medium", "0.04", None),
)
ENDPOINTS = 551
CATALOGUE = Catalogue.load()


@pytest.fixture(scope="module")
def checks() -> Checks:
    return Checks(Documents(Facts()))


def filler(shape: Shape) -> Any:
    """Anything that a required field of a model's own takes."""
    if shape.choices:
        return shape.choices[0]
    if shape.variants:
        return filler(shape.variants[0])
    if shape.type == "array":
        return [filler(shape.items or Shape("string"))] * max(1, shape.fewest or 0)
    if shape.type == "object":
        return {field.name: filler(field.shape) for field in shape.fields if field.required}
    if shape.type in ("integer", "number"):
        return shape.range.low if shape.range.low is not None else 1
    return True if shape.type == "boolean" else f"{FILES}x" if shape.upload else "words"


def without(wish: Canonical, made: Preview) -> Canonical:
    """The form without what the model does not support."""
    empty: dict[str, Any] = {one.field: () if one.field == "references" else None for one in made.unfit}
    return replace(wish, **empty)


def of_its_own(model: Model, made: Preview) -> Mapping[str, object]:
    """What the model cannot do without, and the form has not."""
    held = {name for one in made.conversions for name in one.names}
    return {
        field.name: filler(field.shape)
        for field in model.schema.fields
        if field.required and field.default is None and not field.default_omitted and field.name not in held
    }


@pytest.mark.parametrize(("aspect", "resolution", "duration", "sound"), GRID)
def test_what_is_sent_to_any_model_passes_fals_own_check_and_what_is_not_is_said(
    checks: Checks, aspect: str | None, resolution: str | None, duration: str, sound: bool | None
) -> None:
    wish = replace(EVERYTHING, aspect=aspect, resolution=resolution, duration=duration, sound=sound)
    given = [name for name in LABELS if getattr(wish, name) not in (None, ())]
    sendable = 0
    for model in CATALOGUE.models:
        made = preview(model, wish)
        assert [one.field for one in made.conversions] == given, model.endpoint
        for one in made.conversions:
            assert one.words.startswith(LABELS[one.field]), (model.endpoint, one)
            assert (one.how in ("not supported", "left out")) == (not one.names), (model.endpoint, one)
            assert all(model.accepts(name) for name in one.names), (model.endpoint, one)
        if made.unfit:
            assert made.input is None
            assert all(one.words in made.refusal for one in made.unfit), model.endpoint
        fit = preview(model, without(wish, made))
        assert not fit.unfit, model.endpoint
        if fit.input is None:
            # The one thing that is left to miss is a field of the model's own, and it is named.
            assert model.accepts(fit.field), (model.endpoint, fit.refusal)
            assert fit.refusal.startswith(f"{model.name} needs {fit.field}"), fit.refusal
            fit = preview(model, without(wish, made), of_its_own(model, fit))
        assert fit.input is not None, (model.endpoint, fit.refusal)
        refused = checks.failure(model.endpoint, fit.input)
        assert refused is None, (model.endpoint, fit.input, refused)
        sendable += 1
    assert sendable == ENDPOINTS


def test_one_value_alone_is_never_refused_without_its_name(checks: Checks) -> None:
    dice = random.Random(6)
    values: dict[str, tuple[Any, ...]] = {
        "prompt": ("x", "x" * 9_000),
        "negative": ("x" * 9_000,),
        "aspect": ("16:9", "2.39:1", "0:0", "wide", "1920x1080"),
        "resolution": ("720p", "0p", "2K", "99999", "high"),
        "duration": ("8", "8 s", "-1", "nan", "1e99", "4s", "999999"),
        "references": ((f"{FILES}a.png",), (f"{FILES}a.png",) * 30),
        "seed": (0, 2**31 - 1, 2**53),
    }
    for model in dice.sample(CATALOGUE.models, 150):
        for name, choices in values.items():
            wish = replace(Canonical(prompt="x"), **{name: dice.choice(choices)})
            made = preview(model, wish)
            if made.input is None:
                assert LABELS[next(iter(made.unfit)).field] in made.refusal if made.unfit else made.field
            else:
                assert checks.failure(model.endpoint, made.input) is None, (model.endpoint, wish)


@pytest.mark.parametrize(
    ("model", "field", "value", "name", "sent", "how"),
    [
        ("fal-ai/veo3.1", "duration", "8", "duration", "8s", "converted"),
        ("fal-ai/veo3.1", "duration", "8s", "duration", "8s", "kept"),
        ("fal-ai/veo3.1", "duration", "5", "duration", "4s", "rounded"),
        ("fal-ai/kling-video/v2.5-turbo/pro/text-to-video", "duration", "8", "duration", "10", "rounded"),
        ("fal-ai/kling-video/v2.5-turbo/pro/text-to-video", "duration", "7.5", "duration", "5", "rounded"),
        ("fal-ai/kling-video/v3/pro/text-to-video", "duration", "8", "duration", "8", "kept"),
        ("alibaba/happy-horse/text-to-video", "duration", "8", "duration", 8, "kept"),
        ("alibaba/happy-horse/text-to-video", "duration", "60", "duration", 15, "rounded"),
        ("fal-ai/ltx-2-19b/text-to-video", "duration", "5", "num_frames", 121, "converted"),
        ("fal-ai/ltx-2-19b/text-to-video", "duration", "60", "num_frames", 481, "rounded"),
        ("fal-ai/wan/v2.2-a14b/text-to-video", "duration", "5", "num_frames", 81, "converted"),
        ("fal-ai/veo3.1", "resolution", "720", "resolution", "720p", "converted"),
        ("fal-ai/veo3.1", "resolution", "2160p", "resolution", "4k", "converted"),
        ("minimax/h3-max/text-to-video", "resolution", "720p", "resolution", "768P", "rounded"),
        ("fal-ai/veo3.1", "aspect", "9:16", "aspect_ratio", "9:16", "kept"),
        ("fal-ai/veo3.1", "aspect", "21:9", "aspect_ratio", "16:9", "rounded"),
        ("fal-ai/veo3.1", "aspect", "1080x1920", "aspect_ratio", "9:16", "converted"),
        ("fal-ai/ltx-2-19b/text-to-video", "aspect", "16:9", "video_size", "landscape_16_9", "converted"),
        ("fal-ai/ltx-2-19b/text-to-video", "aspect", "3:4", "video_size", "portrait_4_3", "converted"),
        ("moonvalley/marey/t2v", "aspect", "16:9", "dimensions", "1920x1080", "converted"),
        ("fal-ai/veo3.1", "sound", False, "generate_audio", False, "kept"),
        ("fal-ai/pixverse/v6/text-to-video", "sound", True, "generate_audio_switch", True, "kept"),
        ("fal-ai/vidu/q3/text-to-video", "sound", False, "audio", False, "kept"),
        ("veed/fabric-1.0/text", "prompt", "hello", "text", "hello", "converted"),
        ("fal-ai/veo3.1/reference-to-video", "first", "u", "image_urls", ["u"], "kept"),
        ("fal-ai/veo3.1/first-last-frame-to-video", "last", "u", "last_frame_url", "u", "kept"),
        ("fal-ai/kling-video/v3/pro/image-to-video", "last", "u", "end_image_url", "u", "kept"),
        ("fal-ai/kling-video/v2.5-turbo/pro/image-to-video", "last", "u", "tail_image_url", "u", "kept"),
        ("fal-ai/ltx-video-v095/extend", "video", "u", "video", {"video_url": "u"}, "kept"),
        ("fal-ai/sync-lipsync/v2", "audio", "u", "audio_url", "u", "kept"),
    ],
)
def test_a_value_is_sent_in_the_words_of_the_model(
    model: str, field: str, value: Any, name: str, sent: Any, how: str
) -> None:
    asked = f"{FILES}u" if value == "u" else value
    wish = replace(Canonical(prompt="x"), **{field: asked})
    (one,) = [one for one in preview(CATALOGUE.find(model), wish).conversions if one.field == field]
    expected = {"u": f"{FILES}u"}.get(sent, sent) if isinstance(sent, str) else sent
    if sent == ["u"]:
        expected = [f"{FILES}u"]
    if sent == {"video_url": "u"}:
        expected = {"video_url": f"{FILES}u"}
    assert (one.names[0], one.sent, one.how) == (name, expected, how)


@pytest.mark.parametrize(
    ("model", "wish", "words"),
    [
        (
            "fal-ai/kling-video/v2.5-turbo/pro/text-to-video",
            Canonical(prompt="x", duration="8"),
            "duration 8 → 10 (it offers 5 or 10)",
        ),
        ("fal-ai/veo3.1", Canonical(prompt="x", aspect="1:1"), "aspect 1:1: it offers 16:9 or 9:16"),
        (
            "fal-ai/kling-video/v3/pro/image-to-video",
            Canonical(prompt="x", aspect="16:9"),
            "aspect 16:9: it has no choice of shape",
        ),
        (
            "fal-ai/ltx-2-19b/text-to-video",
            Canonical(prompt="x", duration="5"),
            "duration 5 → 121 frames at 25 a second",
        ),
        ("fal-ai/film/video", Canonical(duration="2"), "duration 2: its num_frames is no length of a clip"),
        ("xai/grok-imagine-video/text-to-video", Canonical(prompt="x", seed=7), "seed: it takes none"),
        ("fal-ai/sync-lipsync/v2", Canonical(prompt="x"), "prompt: it takes none"),
    ],
)
def test_each_conversion_is_a_sentence(model: str, wish: Canonical, words: str) -> None:
    assert words in [one.words for one in preview(CATALOGUE.find(model), wish).conversions]


def test_a_shape_and_a_size_meet_in_one_field() -> None:
    wish = Canonical(prompt="x", aspect="9:16", resolution="720p")
    made = preview(CATALOGUE.find("fal-ai/ltx-2-19b/text-to-video"), wish)
    assert made.input is not None
    assert made.input["video_size"] == {"width": 720, "height": 1280}
    assert [one.words for one in made.changed] == ["aspect 9:16 → 720×1280", "resolution 720p → 720×1280"]


def test_a_first_picture_and_references_meet_in_one_list() -> None:
    wish = Canonical(prompt="x", first=f"{FILES}a.png", references=(f"{FILES}b.png", f"{FILES}c.png"))
    made = preview(CATALOGUE.find("fal-ai/veo3.1/reference-to-video"), wish)
    assert made.input is not None
    assert made.input["image_urls"] == [f"{FILES}a.png", f"{FILES}b.png", f"{FILES}c.png"]


def test_a_field_of_the_models_own_wins_over_the_form() -> None:
    veo = CATALOGUE.find("fal-ai/veo3.1")
    made = preview(veo, Canonical(prompt="x", duration="8"), {"duration": "4", "auto_fix": False})
    assert made.input is not None
    assert (made.input["duration"], made.input["auto_fix"]) == ("4s", False)
    assert [one.field for one in made.conversions] == ["prompt"]


def test_frames_are_counted_at_the_rate_that_is_set() -> None:
    wan = CATALOGUE.find("fal-ai/wan/v2.2-a14b/text-to-video")
    made = preview(wan, Canonical(prompt="x", duration="5"), {"frames_per_second": 24})
    assert made.input is not None
    assert made.input["num_frames"] == 121


def test_a_model_of_unknown_fields_takes_the_prompt_and_says_that_no_more_is_known() -> None:
    unknown = Model("acme/new", "acme/new", "acme/new", known=False)
    assert preview(unknown, Canonical(prompt="x")).input == {"prompt": "x"}
    made = preview(unknown, Canonical(prompt="x", duration="8", first=f"{FILES}a.png"))
    assert made.refusal == (
        "acme/new: first image: its fields are not known here; duration 8: its fields are not known here"
    )


def test_what_is_wrong_in_a_models_own_field_is_said_with_its_name() -> None:
    made = preview(CATALOGUE.find("fal-ai/veo3.1"), Canonical(prompt="x"), {"safety_tolerance": "9"})
    assert made.input is None
    assert made.field == "safety_tolerance"
