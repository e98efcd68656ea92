import argparse
from decimal import Decimal

import pytest

from reelroom.fal.catalogue import Catalogue
from reelroom.tui.cli.attachments import Attachments
from reelroom.tui.cli.ending import Code, Stop
from reelroom.tui.cli.money import ask_before_spending
from reelroom.tui.cli.orders import Plan, read_plan, read_value
from reelroom.tui.cli.parser import parse
from reelroom.tui.cli.preview import told
from reelroom.tui.cli.terminal import Terminal
from reelroom.tui.standing import would_ask
from reelroom.tui.studio.orders import Order
from tests.tui.cli.script import HAILUO, KLING
from tests.tui.cli.streams import Streams

WITH_SEED = "fal-ai/wan/v2.7/text-to-video"


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue.load()


def args(*given: str) -> argparse.Namespace:
    return parse(["generate", *given], "0")


def orders(catalogue: Catalogue, *given: str) -> list[Order]:
    return planned(catalogue, *given).orders


def planned(catalogue: Catalogue, *given: str) -> Plan:
    asked = args(*given)
    plan = read_plan(asked, catalogue, Attachments())
    plan.demand(skip=asked.skip_unfit)
    return plan


def refusal(catalogue: Catalogue, *given: str) -> str:
    with pytest.raises(Stop) as caught:
        orders(catalogue, *given)
    assert caught.value.code is Code.USAGE
    return str(caught.value)


def test_one_order_for_each_model_with_its_price(catalogue: Catalogue) -> None:
    kling, hailuo = orders(catalogue, "a red fox", "-m", KLING, "-m", "hailuo-2.3-pro")
    assert (kling.endpoint, kling.model, kling.prompt) == (KLING, "Kling 2.5 Turbo Pro", "a red fox")
    assert kling.input["prompt"] == "a red fox"
    assert (kling.estimate, hailuo.estimate) == (Decimal("0.35"), Decimal("0.49"))


def test_a_model_named_twice_is_ordered_once(catalogue: Catalogue) -> None:
    assert len(orders(catalogue, "a fox", "-m", KLING, "-m", "kling-2.5-turbo-pro")) == 1


def test_a_random_seed_marks_a_request_where_the_model_takes_one(catalogue: Catalogue) -> None:
    assert catalogue.find(WITH_SEED).accepts("seed")
    first, second = orders(catalogue, "a fox", "-m", WITH_SEED, "--count", "2")
    assert isinstance(first.seed, int)
    assert first.input["seed"] == first.seed
    assert first.seed != second.seed


def test_no_seed_is_added_to_a_model_that_declares_none(catalogue: Catalogue) -> None:
    assert not catalogue.find(HAILUO).accepts("seed")
    for given in ([], ["--seed", "7"]):
        (order,) = orders(catalogue, "a fox", "-m", HAILUO, *given)
        assert order.seed is None
        assert "seed" not in order.input
    (said,) = told(planned(catalogue, "a fox", "-m", HAILUO, "--seed", "7"))
    assert said == "Hailuo 2.3 Pro: seed: it takes none."
    assert list(told(planned(catalogue, "a fox", "-m", HAILUO))) == []


def test_a_seed_that_was_set_as_a_field_is_sent_as_it_was_given(catalogue: Catalogue) -> None:
    (order,) = orders(catalogue, "a fox", "-m", HAILUO, "--set", "seed=7")
    assert order.input["seed"] == 7 == order.seed


def test_a_given_seed_counts_up(catalogue: Catalogue) -> None:
    three = orders(catalogue, "a fox", "-m", WITH_SEED, "--seed", "41", "--count", "3")
    assert [order.seed for order in three] == [41, 42, 43]
    assert [
        order.input["seed"] for order in orders(catalogue, "a fox", "-m", WITH_SEED, "--set", "seed=9")
    ] == [9]


def test_a_field_is_for_all_models_or_for_the_one_named(catalogue: Catalogue) -> None:
    kling, hailuo = orders(
        catalogue, "a fox", "-m", KLING, "-m", HAILUO,
        "--set", f"{KLING}:duration=10", "--set", "prompt_optimizer=false",
    )  # fmt: skip
    assert kling.input["duration"] == "10"
    assert kling.estimate == Decimal("0.70")
    assert "duration" not in hailuo.input
    assert hailuo.input["prompt_optimizer"] is False


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5", 5),
        ("0.5", 0.5),
        ("true", True),
        ("null", None),
        ('"5"', "5"),
        ("5s", "5s"),
        ("[1, 2]", [1, 2]),
        ('{"a": "b\\u202ec"}', {"a": "b<U+202E>c"}),
        ("NaN", "NaN"),
        ("a=b", "a=b"),
        ("\x1b[2J", "␛[2J"),
        ("[" * 100_000, "[" * 100_000),
        ('"\\ud800"', "?"),
    ],
)
def test_a_value_is_json_if_it_is_json_and_else_a_cleaned_text(text: str, value: object) -> None:
    assert read_value(text) == value


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([], "What should the clip show?"),
        (["  "], "What should the clip show?"),
        (["a fox"], "Which model?"),
        (["a fox", "-m", "klinng-2.5-turbo-pro"], "Near it: kling-2.5-turbo-pro"),
        (["a fox", "-m", "fal-ai/nobody/knows"], "There is no model"),
        (["a fox", "-m", KLING, "--set", "duration"], "[MODEL:]KEY=VALUE"),
        (["a fox", "-m", KLING, "--set", "=5"], "[MODEL:]KEY=VALUE"),
        (
            ["a fox", "-m", KLING, "--set", "duration=7"],
            "Duration 7 is not offered by Kling 2.5 Turbo Pro: 5 or 10",
        ),
        (["a fox", "-m", KLING, "--set", f"{HAILUO}:x=1"], "which no -m asks for"),
        (["a fox", "-m", KLING, "--set", "prompt=other"], "The prompt is the first argument"),
        (["a fox", "-m", KLING, "--set", "sync_mode=true"], "Sync_mode true is never sent"),
        (["a fox", "-m", KLING, "--set", "cfg_scale=1e999"], "too large"),
        (["a fox", "-m", "kling-3-pro-image"], "needs"),
        (["x" * 3000, "-m", KLING], "characters"),
    ],
)
def test_what_cannot_be_sent_is_a_sentence_before_anything_starts(
    catalogue: Catalogue, given: list[str], said: str
) -> None:
    assert said in refusal(catalogue, *given)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--seed", "abc"], "a whole number"),
        (["--count", "0"], "from 1 to 100"),
        (["--patience", "nan"], "a number from 0"),
        (["--budget", "much"], "such as 2.50"),
        (["--frames", "3"], "--frames"),
        (["more words"], "more words"),
        (["\x1b]52;c;aGk=\x07"], "␛]52"),
    ],
)
def test_an_option_that_is_not_taken_is_named(given: list[str], said: str) -> None:
    with pytest.raises(Stop) as caught:
        args("a fox", "-m", KLING, *given)
    assert caught.value.code is Code.USAGE
    assert said in str(caught.value)
    assert "\x1b" not in str(caught.value)


def test_the_prompt_may_stand_after_the_models_and_is_cleaned(catalogue: Catalogue) -> None:
    (order,) = orders(catalogue, "-m", KLING, "a\x1b[2J fox\nin two lines")
    assert order.prompt == "a␛[2J fox\nin two lines" == order.input["prompt"]


def test_a_run_asks_above_the_amount_or_when_a_price_is_unknown() -> None:
    assert not would_ask([Decimal(2), Decimal(3)], Decimal(5))
    assert would_ask([Decimal(2), Decimal("3.01")], Decimal(5))
    assert would_ask([None], Decimal(5))
    assert not would_ask([], Decimal(0))


def test_without_a_terminal_a_run_that_asks_is_refused_unless_it_was_answered() -> None:
    streams = Streams()
    ask_before_spending([None], Decimal(5), streams.terminal, yes=True)
    with pytest.raises(Stop, match="nobody is here to answer") as caught:
        ask_before_spending([None], Decimal(5), streams.terminal, yes=False)
    assert caught.value.code is Code.MONEY


@pytest.mark.parametrize(("answer", "goes_on"), [("y\n", True), ("YES\n", True), ("n\n", False), ("", False)])
def test_on_a_terminal_only_yes_spends(answer: str, goes_on: bool) -> None:
    streams = Streams(typed=answer, terminal=True)
    if goes_on:
        ask_before_spending([Decimal(9)], Decimal(5), streams.terminal, yes=False)
    else:
        with pytest.raises(Stop, match=r"Nothing was sent\."):
            ask_before_spending([Decimal(9)], Decimal(5), streams.terminal, yes=False)
    assert "1 job for ≈$9.00. Send?" in streams.said
    assert isinstance(streams.terminal, Terminal)


EVERY = ("--duration", "8", "--aspect", "16:9", "--resolution", "720p", "--no-sound")


def test_what_is_asked_of_all_models_reaches_each_in_its_own_words(catalogue: Catalogue) -> None:
    veo, wan = orders(catalogue, "a fox", "-m", "veo-3.1", "-m", "alibaba/wan-3.0/text-to-video", *EVERY)
    assert (veo.input["duration"], veo.input["resolution"]) == ("8s", "720p")
    assert (veo.input["aspect_ratio"], veo.input["generate_audio"]) == ("16:9", False)
    assert (wan.input["duration"], wan.input["audio"]) == (8, False)
    assert veo.estimate == Decimal("1.60")


def test_each_conversion_is_said_in_one_line_for_each_model(catalogue: Catalogue) -> None:
    plan = planned(
        catalogue, "a fox", "-m", KLING, "-m", "veo-3.1", "--duration", "7.5", "--negative", "blur"
    )
    assert list(told(plan)) == [
        "Kling 2.5 Turbo Pro: duration 7.5 → 5 (it offers 5 or 10).",
        "Veo 3.1: duration 7.5 → 8s (it offers 4s, 6s or 8s).",
    ]


def test_a_value_that_a_model_does_not_support_refuses_the_run_and_names_it(catalogue: Catalogue) -> None:
    said = refusal(catalogue, "a fox", "-m", KLING, "-m", HAILUO, "--resolution", "720p", "--sound")
    assert said == (
        "Kling 2.5 Turbo Pro: resolution 720p: it has no choice of size;"
        " sound on: it has no switch for sound."
        " Hailuo 2.3 Pro: resolution 720p: it has no choice of size; sound on: it has no switch for sound."
        " Nothing was sent."
    )


def test_a_model_that_does_not_fit_is_left_out_where_that_is_asked_for(catalogue: Catalogue) -> None:
    given = ["a fox", "-m", KLING, "-m", "veo-3.1", "--resolution", "720p"]
    assert "Kling 2.5 Turbo Pro" in refusal(catalogue, *given)
    plan = planned(catalogue, *given, "--skip-unfit")
    assert [order.model for order in plan.orders] == ["Veo 3.1"]
    assert list(told(plan)) == ["Left out: Kling 2.5 Turbo Pro: resolution 720p: it has no choice of size."]
    alone = refusal(catalogue, "a fox", "-m", KLING, "--resolution", "720p", "--skip-unfit")
    assert alone.startswith("Kling 2.5 Turbo Pro: resolution 720p")


def test_a_slip_in_a_field_of_its_own_is_refused_and_never_skipped(catalogue: Catalogue) -> None:
    given = ["a fox", "-m", KLING, "-m", HAILUO, "--set", f"{KLING}:duration=7", "--skip-unfit"]
    assert refusal(catalogue, *given).startswith("Duration 7 is not offered by Kling")


def test_a_models_own_field_wins_over_what_is_asked_of_all(catalogue: Catalogue) -> None:
    kling, veo = orders(
        catalogue, "a fox", "-m", KLING, "-m", "veo-3.1", "--duration", "8", "--set", f"{KLING}:duration=5"
    )
    assert (kling.input["duration"], veo.input["duration"]) == ("5", "8s")
