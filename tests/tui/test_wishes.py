"""From a wish to orders, as the form and the command line share it."""

import pytest

from reelroom.fal.catalogue import Catalogue, Model
from reelroom.fal.errors import BadValue
from reelroom.fal.prices import estimate
from reelroom.tui.wishes import fitting, orders

CATALOGUE = Catalogue.load()


def model(name: str) -> Model:
    return CATALOGUE.find(name)


def test_a_setting_that_the_model_does_not_have_is_left_out() -> None:
    kling = model("kling-2.5-turbo-pro")
    assert not kling.accepts("resolution")
    assert fitting(kling, {"resolution": "720p", "duration": "5", "aspect_ratio": ""}) == {"duration": "5"}


def test_a_fixed_seed_counts_up_over_the_copies() -> None:
    made = orders(model("pika-2.2"), "a fox", {}, seed=41, copies=3)
    assert [order.seed for order in made] == [41, 42, 43]
    assert [order.input["seed"] for order in made] == [41, 42, 43]


def test_random_seeds_are_explicit_and_differ() -> None:
    made = orders(model("veo-3.1-fast"), "a fox", {}, copies=8)
    assert len({order.input["seed"] for order in made}) == 8
    assert all(isinstance(order.seed, int) for order in made)


def test_a_model_without_a_seed_is_never_sent_one() -> None:
    kling = model("kling-2.5-turbo-pro")
    (order,) = orders(kling, "a fox", {}, seed=7)
    assert "seed" not in order.input
    assert order.seed is None


def test_the_value_has_the_form_that_the_model_lists_and_the_price_is_that_of_the_input() -> None:
    veo = model("veo-3.1-fast")
    (order,) = orders(veo, "a fox", {"duration": "6"})
    assert order.input["duration"] == "6s"
    assert order.estimate == estimate(veo, order.input)


def test_a_value_that_is_not_offered_is_refused() -> None:
    with pytest.raises(BadValue, match=r"Veo 3\.1 Fast"):
        orders(model("veo-3.1-fast"), "a fox", {"duration": "5"})
