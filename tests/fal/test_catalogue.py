from collections import Counter

import pytest

from reelroom.fal.catalogue import BadValue, Catalogue, Model, UnknownModel, arrange
from reelroom.fal.policy import endpoint_path
from reelroom.fal.schema import Shape

CATALOGUE = Catalogue.load()
KLING = CATALOGUE.find("kling-2.5-turbo-pro")
URL = "https://v3.fal.media/files/x.png"


def least(shape: Shape) -> object:
    """Something that the shape takes."""
    if shape.offers() or shape.variants:
        return shape.offers()[0] if shape.offers() else least(shape.variants[0])
    match shape.type:
        case "array":
            return [least(shape.items or Shape())] * (shape.fewest or 1)
        case "object":
            return {field.name: least(field.shape) for field in shape.fields if field.required}
        case "boolean":
            return True
        case "integer" | "number":
            return shape.range.low if shape.range.low is not None else 1
    return URL if shape.upload else "x" * (shape.shortest or 1)


def ready(model: Model, /, **settings: object) -> dict[str, object]:
    """The least input that the model takes, and these settings."""
    needed = {
        field.name: least(field.shape)
        for field in model.schema.fields
        if field.required and field.default is None
    }
    return arrange(model, {**needed, **settings})


# Finding


def test_names_are_unique_across_the_catalogue() -> None:
    names = Counter(
        name.lower() for one in CATALOGUE.models for name in {one.short, one.endpoint, one.name.lower()}
    )
    assert [name for name, times in names.items() if times > 1] == []
    assert len(CATALOGUE.models) == 551
    assert len(CATALOGUE.featured) == 62
    assert CATALOGUE.models[:62] == CATALOGUE.featured


def test_short_names_are_easy_to_type_and_endpoints_can_be_sent() -> None:
    for model in CATALOGUE.models:
        assert set(model.short) <= set("abcdefghijklmnopqrstuvwxyz0123456789.-")
        assert endpoint_path(model.endpoint) == model.endpoint


@pytest.mark.parametrize(
    "name",
    [
        "kling-2.5-turbo-pro",
        "KLING-2.5-Turbo-Pro",
        "Kling 2.5 Turbo Pro",
        "  kling 2.5  turbo pro ",
        "fal-ai/kling-video/v2.5-turbo/pro/text-to-video",
        "FAL-AI/kling-video/v2.5-turbo/pro/text-to-video",
    ],
)
def test_a_model_is_found_by_any_of_its_names(name: str) -> None:
    assert CATALOGUE.find(name) is KLING


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("kling-2.5", "kling-2.5-turbo-pro"),
        ("kling 2.5 turbo por", "kling-2.5-turbo-pro"),
        ("hailuo", "hailuo-2.3-pro"),
        ("fal-ai/veo3.2", "veo-3.1"),
    ],
)
def test_an_unknown_name_is_told_what_is_near_it(name: str, near: str) -> None:
    with pytest.raises(UnknownModel) as caught:
        CATALOGUE.find(name)
    assert near in caught.value.near
    assert near in str(caught.value)
    assert len(caught.value.near) <= 3


@pytest.mark.parametrize("name", ["", "zzzzzzzz", "\x1b[2J", "x" * 5_000])
def test_a_name_with_nothing_near_it_is_told_where_to_look(name: str) -> None:
    with pytest.raises(UnknownModel, match="reelroom models") as caught:
        CATALOGUE.find(name)
    assert "\x1b" not in str(caught.value)
    assert len(str(caught.value)) < 300


def test_every_word_of_a_search_counts() -> None:
    assert [model.short for model in CATALOGUE.search("kling TURBO 2.5")] == [
        "kling-2.5-turbo-pro",
        "kling-2.5-turbo-pro-image",
        "kling-2.5-turbo-standard-image",
    ]
    assert CATALOGUE.search() == list(CATALOGUE.models)
    assert {model.task for model in CATALOGUE.search(task="upscale")} == {"upscale"}
    assert CATALOGUE.search("no such thing") == []


def test_a_model_knows_its_fields() -> None:
    assert not KLING.accepts("seed")
    assert KLING.accepts("negative_prompt")
    assert CATALOGUE.find("veo-3.1").accepts("seed")
    assert CATALOGUE.find("wan-3.0").accepts("seed")
    assert KLING.offers("duration") == ("5", "10")
    assert CATALOGUE.find("minimax-h3-max").offers("duration") == tuple(range(5, 16))
    assert CATALOGUE.find("hailuo-2.3-pro").offers("duration") == ()


def test_the_facts_agree_with_each_other() -> None:
    for model in CATALOGUE.models:
        assert set(model.required) | set(model.uploads) | set(model.defaults) <= set(model.fields), (
            model.short
        )
        for name, default in model.defaults.items():
            if name != "sync_mode":
                assert ready(model, **{name: default})[name] == default, (model.short, name)
        assert model.price.audio_field is None or model.accepts(model.price.audio_field)


# Arranging


@pytest.mark.parametrize("given", ["5", 5, 5.0, "5s", " 5 ", "5.0"])
def test_a_duration_takes_the_form_that_the_model_lists(given: object) -> None:
    assert ready(KLING, duration=given)["duration"] == "5"
    assert ready(CATALOGUE.find("wan-2.7"), duration=given)["duration"] == 5
    assert ready(CATALOGUE.find("luma-ray-3.2"), duration=given)["duration"] == "5s"
    assert ready(CATALOGUE.find("pixverse-v6"), duration=given)["duration"] == 5


@pytest.mark.parametrize(
    ("model", "field", "given", "sent"),
    [
        ("minimax-h3-max", "resolution", "768p", "768P"),
        ("veo-3.1", "resolution", "1080", "1080p"),
        ("veo-3.1", "resolution", "4K", "4k"),
        ("wan-3.0", "aspect_ratio", "Adaptive", "adaptive"),
        ("flux-3-video", "duration", "AUTO", "auto"),
        ("flux-3-video", "duration", "7", 7),
        ("bytedance-upscaler", "target_resolution", "4K", "4k"),
        ("veo-3.1", "generate_audio", "no", False),
        ("veo-3.1", "generate_audio", True, True),
        ("kling-2.5-turbo-pro", "cfg_scale", "0.7", 0.7),
        ("hunyuan-video-1.5", "num_inference_steps", "20", 20),
        ("hunyuan-video-1.5", "num_frames", "100", 100),
        ("veo-3.1", "seed", "12345", 12345),
        ("veo-3.1", "safety_tolerance", "4", "4"),
        ("kling-2.5-turbo-pro", "nobody_knows_this", "5", "5"),
    ],
)
def test_a_setting_takes_the_form_that_the_model_lists(
    model: str, field: str, given: object, sent: object
) -> None:
    value = ready(CATALOGUE.find(model), **{field: given})[field]
    assert (value, type(value)) == (sent, type(sent))


@pytest.mark.parametrize(
    ("model", "settings", "sentence"),
    [
        ("kling-2.5-turbo-pro", {"duration": 8}, "duration 8 is not offered by Kling 2.5 Turbo Pro: 5 or 10"),
        ("veo-3.1", {"duration": "5"}, "duration 5 is not offered by Veo 3.1: 4s, 6s or 8s"),
        ("kling-3-pro", {"duration": 16}, "duration 16 is not offered by Kling 3 Pro: 3 to 15"),
        ("seedance-2.0", {"duration": 3}, "duration 3 is not offered by Seedance 2.0: auto or 4 to 15"),
        ("pixverse-v6", {"duration": 0}, "duration 0 is not offered by PixVerse V6: 1 to 15"),
        ("pixverse-v6", {"duration": 2.5}, "duration 2.5 is not offered by PixVerse V6: 1 to 15"),
        ("pixverse-v6", {"duration": True}, "duration True is not offered by PixVerse V6: 1 to 15"),
        ("veo-3.1", {"aspect_ratio": "1:1"}, "aspect_ratio 1:1 is not offered by Veo 3.1: 16:9 or 9:16"),
        (
            "veo-3.1",
            {"resolution": "\x1b[2J"},
            "resolution ␛[2J is not offered by Veo 3.1: 720p, 1080p or 4k",
        ),
        (
            "kling-2.5-turbo-pro",
            {"cfg_scale": "high"},
            "cfg_scale high is not offered by Kling 2.5 Turbo Pro: 0 to 1",
        ),
        ("veo-3.1", {"seed": "lucky"}, "seed lucky is not offered by Veo 3.1: a whole number"),
        ("wan-3.0", {"seed": -1}, "seed -1 is not offered by Wan 3.0: 0 to 2147483647"),
        ("kling-2.5-turbo-pro", {"prompt": ""}, "Kling 2.5 Turbo Pro needs prompt"),
        ("kling-2.5-turbo-pro", {"prompt": None}, "Kling 2.5 Turbo Pro needs prompt"),
        ("veo-3.1-image", {"image_url": " "}, "Veo 3.1 Image needs image_url, the URL of its image"),
        (
            "veo-3.1",
            {"sync_mode": "true"},
            "sync_mode true is never sent: FAL would keep no record of the request",
        ),
    ],
)
def test_what_is_not_offered_is_told_with_what_is(
    model: str, settings: dict[str, object], sentence: str
) -> None:
    with pytest.raises(BadValue) as caught:
        ready(CATALOGUE.find(model), **settings)
    assert str(caught.value) == sentence
    assert caught.value.field in settings


def test_texts_have_the_length_that_the_model_takes() -> None:
    assert ready(KLING, prompt="ü" * 2500)["prompt"]
    with pytest.raises(
        BadValue, match=r"the prompt has 2501 characters; Kling 2.5 Turbo Pro takes 2500 at most"
    ):
        ready(KLING, prompt="ü" * 2501)
    with pytest.raises(BadValue, match="the negative prompt has 2501 characters"):
        ready(KLING, negative_prompt="x" * 2501)


def test_a_required_field_with_a_default_gets_it() -> None:
    model = CATALOGUE.find("minimax-h3-max")
    assert arrange(model, {"prompt": "x"}) == {"prompt": "x", "prompt_expansion_mode": "balanced"}


def test_sync_mode_is_switched_off_where_fal_would_switch_it_on() -> None:
    eager = [model for model in CATALOGUE.models if model.defaults.get("sync_mode") is True]
    assert eager != []
    assert {ready(model)["sync_mode"] for model in eager} == {False}
    assert "sync_mode" not in ready(CATALOGUE.find("fal-ai/ltx-2-19b/image-to-video"))


def test_a_setting_that_is_none_is_not_sent() -> None:
    assert arrange(KLING, {"prompt": "x", "duration": None, "seed": None}) == {"prompt": "x"}
