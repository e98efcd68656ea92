"""What follows from a draft, without a screen."""

from dataclasses import replace
from decimal import Decimal

import pytest

from reelroom.fal.catalogue import Catalogue
from reelroom.fal.prices import estimate
from reelroom.tui.widgets.draft import Draft
from reelroom.tui.widgets.form import Form
from reelroom.tui.widgets.offers import Choice, choices, label, offered
from reelroom.tui.widgets.send_bar import Bill

CATALOGUE = Catalogue.load()
MODELS = offered(CATALOGUE)


def ends(*names: str) -> tuple[str, ...]:
    return tuple(CATALOGUE.find(name).endpoint for name in names)


def form(*names: str, **settings: str) -> Form:
    return Form(MODELS, Draft(models=ends(*names), **settings))


def bill(it: Form, letters: int = 10, *, tried: bool = False) -> Bill:
    return it.bill(letters, sandbox=False, sending=False, tried=tried)


def test_only_models_that_need_nothing_but_words_are_offered() -> None:
    assert MODELS
    assert {model.task for model in MODELS} == {"text-to-video"}
    assert not any(field in model.uploads for model in MODELS for field in model.required)


@pytest.mark.parametrize(
    "draft",
    [
        Draft(),
        Draft(prompt="a\nfox “in” snow 狐", models=("a/b", "c/d"), length="5", seed="12a", copies="99"),
    ],
)
def test_a_draft_comes_back_as_it_was(draft: Draft) -> None:
    assert Draft.from_json(draft.to_json()) == draft


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "{",
        "[]",
        "7",
        '"x"',
        "[" * 50_000,
        '{"prompt": 7, "models": "x", "seed": [], "length": null}',
    ],
)
def test_broken_text_is_an_empty_draft(text: str | None) -> None:
    assert Draft.from_json(text) == Draft()


def test_what_can_be_read_of_a_kept_draft_is_kept_and_made_safe() -> None:
    text = '{"prompt": "a\\u001b[2Jb\\nc", "models": ["a/b", 7, "a/b"], "size": "720p", "later": 1}'
    assert Draft.from_json(text) == Draft(prompt="a␛[2Jb\nc", models=("a/b",), size="720p")


def test_the_choices_are_those_of_the_ticked_models_with_their_own_default_first() -> None:
    it = form("kling-2.5-turbo-pro", "veo-3.1-fast")
    assert [choice.value for choice in choices(it.offering, "length")] == ["", "4", "5", "6", "8", "10"]
    assert [choice.value for choice in choices(it.offering, "size")] == ["", "720p", "1080p", "4k"]
    assert choices(it.offering, "shape")[1] == Choice("16:9", "16:9")


def test_without_a_tick_all_models_choices_count() -> None:
    lengths = [choice.value for choice in choices(form().offering, "length")]
    assert lengths[0] == ""
    assert "30" in lengths
    assert "auto" not in lengths


def test_a_setting_that_no_ticked_model_has_is_idle() -> None:
    assert form("kling-2.5-turbo-pro").idle == {"size", "seed"}
    assert form("kling-2.5-turbo-pro", "veo-3.1-fast").idle == frozenset()


def test_the_model_that_refuses_a_value_is_named_and_the_others_go() -> None:
    it = form("kling-2.5-turbo-pro", "veo-3.1-fast", length="5")
    assert it.bad == {"length"}
    assert it.sentence.startswith("Veo 3.1 Fast has no 5 s. It has 4s, 6s or 8s")
    assert dict(it.refusing) == {ends("veo-3.1-fast")[0]: "no 5 s"}
    assert [order.model for order in it.orders("a fox")] == ["Kling 2.5 Turbo Pro"]
    found = bill(it)
    assert (found.what, found.reason, found.ready) == ("1 of 2 can be sent", "Veo 3.1 Fast waits", True)


def test_several_models_that_refuse_are_named_in_one_sentence() -> None:
    it = form("kling-2.5-turbo-pro", "veo-3.1-fast", "hailuo-2.3-standard", length="5")
    assert it.sentence == "Veo 3.1 Fast and Hailuo 2.3 Standard have no 5 s."


def test_the_total_is_that_of_the_very_orders() -> None:
    it = form("kling-2.5-turbo-pro", "veo-3.1-fast", length="", copies="3")
    made = it.orders("a fox")
    found = bill(it)
    assert len(made) == found.clips == 6
    assert found.known == sum((order.estimate or Decimal(0) for order in made), Decimal(0))
    assert all(order.estimate == estimate(CATALOGUE.find(order.endpoint), order.input) for order in made)


def test_an_unknown_price_is_counted_and_never_nothing() -> None:
    it = form("seedance-2.0", "kling-2.5-turbo-pro")
    found = bill(it)
    assert (found.clips, found.unknown, found.known) == (2, 1, Decimal("0.35"))


@pytest.mark.parametrize("copies", ["0", "9", "12", "-1", "x", "1.5", "²", "9" * 400])
def test_copies_go_from_one_to_eight(copies: str) -> None:
    it = form("veo-3.1-fast", copies=copies)
    assert it.sentence == "Copies go from 1 to 8."
    assert not bill(it).ready
    assert it.orders("a fox") == ()


@pytest.mark.parametrize("seed", ["x", "12a", "-3", "1.5", "٣", "9" * 400])
def test_a_seed_that_is_no_number_says_so(seed: str) -> None:
    it = form("veo-3.1-fast", seed=seed)
    assert it.bad == {"seed"}
    assert it.sentence == "A seed is a whole number, or empty for a random one."
    assert not bill(it).ready


def test_a_seed_that_no_ticked_model_takes_stands_in_nobodys_way() -> None:
    it = form("kling-2.5-turbo-pro", seed="not a number")
    assert it.bad == frozenset()
    assert [order.seed for order in it.orders("a fox")] == [None]


def test_a_seed_beyond_what_a_model_takes_is_known_before_it_is_sent() -> None:
    it = form("wan-3.0", "veo-3.1-fast", seed=str(2**31 - 1), copies="2")
    assert it.bad == {"seed"}
    assert "Wan 3.0" in it.sentence
    assert {order.model for order in it.orders("a fox")} == {"Veo 3.1 Fast"}


def test_a_seed_in_threes_is_a_number() -> None:
    assert [order.seed for order in form("pika-2.2", seed="318 442 907").orders("a fox")] == [318442907]


def test_the_tightest_ticked_model_limits_the_letters() -> None:
    it = form("veo-3.1-fast", "hailuo-2.3-standard", "kling-2.5-turbo-pro")
    assert it.limit == (2000, "Hailuo 2.3 Standard")
    assert bill(it, 2000).models == 3
    long = bill(it, 2001)
    assert (long.models, long.reason) == (2, "Hailuo 2.3 Standard waits")
    assert [order.model for order in it.orders("x" * 2501)] == ["Veo 3.1 Fast"]


@pytest.mark.parametrize(
    ("names", "letters", "reason"),
    [
        ((), 0, "Type a prompt, and tick a model."),
        (("veo-3.1-fast",), 0, "Type a prompt first."),
        ((), 5, "Tick a model first: space does."),
    ],
)
def test_what_is_missing_is_said(names: tuple[str, ...], letters: int, reason: str) -> None:
    found = bill(form(*names), letters)
    assert (found.reason, found.ready, found.bad) == (reason, False, False)
    assert bill(form(*names), letters, tried=True).bad


def test_a_model_that_is_no_longer_offered_stays_in_the_draft_and_is_not_sent() -> None:
    it = Form(MODELS, Draft(models=("gone/for/good", *ends("veo-3.1-fast"))))
    assert [model.name for model in it.ticked] == ["Veo 3.1 Fast"]
    assert replace(it.draft).models[0] == "gone/for/good"


def test_values_are_shown_with_their_units() -> None:
    assert label("length", "5") == "5 s"
    assert label("length", "") == "auto"
    assert label("seed", "318442907") == "318 442 907"
    assert label("seed", "") == "random"
    assert label("copies", "") == "1"
