"""Values in the form that a shape takes, and the sentences about those that do not fit."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reelroom.fal.arrange import arrange
from reelroom.fal.catalogue import Catalogue, Model
from reelroom.fal.errors import BadValue
from reelroom.fal.fitting import Misfit, fit
from reelroom.fal.schema import Field, Range, Schema, Shape

URL = "https://v3.fal.media/files/x.png"
SIZE = Shape(
    "object",
    fields=(
        Field("width", "Width", Shape("integer", range=Range(0, 4096, low_open=True)), required=True),
        Field("height", "Height", Shape("integer"), required=True, default=512),
    ),
)


def model(shape: Shape, **more: Any) -> Model:
    schema = Schema((Field("field_x", "X", shape, **more),))
    return Model("a/b", "Model B", "model-b", read=lambda: schema)


def sentence(shape: Shape, value: object) -> str:
    with pytest.raises(BadValue) as caught:
        arrange(model(shape), {"field_x": value})
    assert caught.value.field == "field_x"
    return str(caught.value)


@pytest.mark.parametrize(
    ("shape", "given", "sent"),
    [
        (Shape("integer"), "12", 12),
        (Shape("integer"), 12.0, 12),
        (Shape("integer"), "5s", 5),
        (Shape("integer"), "-3", -3),
        (Shape("number"), "0.7", 0.7),
        (Shape("number"), ".5", 0.5),
        (Shape("number"), "1e-4", 0.0001),
        (Shape("number"), 2, 2),
        (Shape("number", range=Range(0, 1, step=0.1)), 0.3, 0.3),
        (Shape("boolean"), "Yes", True),
        (Shape("boolean"), "off", False),
        (Shape("string"), 2024, "2024"),
        (Shape("string"), True, "true"),
        (Shape("string", upload="image"), f" {URL} ", URL),
        (Shape("string", upload="image"), "data:image/png;base64,AA==", "data:image/png;base64,AA=="),
        (Shape("array", items=Shape("string", upload="image")), URL, [URL]),
        (Shape("array", items=Shape("integer")), "[1, 2]", [1, 2]),
        (Shape("array", items=Shape("integer")), ("1", 2.0), [1, 2]),
        (Shape("array"), [{"a": 1}], [{"a": 1}]),
        (SIZE, '{"width": "640"}', {"width": 640}),
        (SIZE, {"width": 640, "depth": "new"}, {"width": 640, "depth": "new"}),
        (Shape(variants=(SIZE, Shape(choices=("auto",)))), "AUTO", "auto"),
        (Shape(variants=(SIZE, Shape(choices=("auto",)))), {"width": 8}, {"width": 8}),
        (Shape(choices=(1, 2)), "2", 2),
        (Shape(choices=(True, False)), True, True),
        (Shape("array", items=Shape("integer", nullable=True)), [1, None], [1, None]),
        (Shape(), {"any": ["thing"]}, {"any": ["thing"]}),
    ],
)
def test_a_value_takes_the_form_of_its_shape(shape: Shape, given: object, sent: object) -> None:
    fitted = fit(shape, given, "x")
    assert (fitted, type(fitted)) == (sent, type(sent))


@pytest.mark.parametrize(
    ("shape", "given", "said"),
    [
        (Shape("integer"), "many", "field_x many is not offered by Model B: a whole number"),
        (Shape("integer"), 2.5, "field_x 2.5 is not offered by Model B: a whole number"),
        (Shape("integer"), True, "field_x True is not offered by Model B: a whole number"),
        (Shape("integer"), 10**30, "is not offered by Model B: a whole number"),
        (Shape("integer", range=Range(1, 50)), 51, "field_x 51 is not offered by Model B: 1 to 50"),
        (Shape("number"), "nan", "field_x nan is not offered by Model B: a number"),
        (Shape("array"), '[{"a": NaN}]', 'field_x [{"a": NaN}] is not offered by Model B: a list'),
        (Shape("object"), '{"a": -1e999}', 'field_x {"a": -1e999} is not offered by Model B: an object'),
        (Shape("number"), float("inf"), "field_x inf is not offered by Model B: a number"),
        (Shape("number", range=Range(0, low_open=True)), 0, "0 is not offered by Model B: more than 0"),
        (Shape("number", range=Range(0, 1, step=0.1)), 0.35, "0 to 1 in steps of 0.1"),
        (Shape("boolean"), "perhaps", "field_x perhaps is not offered by Model B: true or false"),
        (Shape("boolean"), 1, "field_x 1 is not offered by Model B: true or false"),
        (Shape("string"), ["a"], "field_x ['a'] is not offered by Model B: a text"),
        (Shape("string", longest=3), "four", "the field x has 4 characters; Model B takes 3 at most"),
        (Shape("string", shortest=3), "no", "the field x has 2 characters; Model B takes 3 at least"),
        (Shape("string", upload="image"), "a.jpg", "a.jpg is not offered by Model B: the URL of an image"),
        (Shape("string", upload="video"), "file:///etc/passwd", "the URL of a video"),
        (Shape("string", upload="audio"), "https://", "the URL of an audio file"),
        (Shape("array", items=Shape("integer")), "1", "Model B: a list, each a whole number"),
        (Shape("array", items=Shape("integer")), "[1,", "field_x [1, is not offered by Model B"),
        (Shape("array", items=Shape("integer")), [1, "x"], "field_x[1] x is not offered by Model B"),
        (Shape("array", most=1), [1, 2], "the field x has 2 entries; Model B takes 1 at most"),
        (Shape("array", fewest=2), [1], "the field x has 1 entry; Model B takes 2 at least"),
        (SIZE, "big", "field_x big is not offered by Model B: an object with width, height"),
        (SIZE, {"width": 0}, "field_x.width 0 is not offered by Model B: more than 0, up to 4096"),
        (SIZE, {"height": 5}, "field_x needs width"),
        (SIZE, "{" * 100_000, "is not offered by Model B: an object with width, height"),
        (Shape(variants=(SIZE, Shape(choices=("auto",)))), "wide", "an object with width, height or auto"),
        (Shape(variants=(SIZE, Shape(choices=("auto",)))), {"width": -1}, "field_x.width -1 is not offered"),
        (Shape(choices=(1, 2)), True, "field_x True is not offered by Model B: 1 or 2"),
        (Shape(choices=("a", "b")), ["a"], "is not offered by Model B: a or b"),
        (Shape(choices=("a", "b")), "\x1b[2J", "field_x ␛[2J is not offered by Model B: a or b"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told_with_what_does(shape: Shape, given: object, said: str) -> None:
    assert said in sentence(shape, given)


def test_a_name_that_nobody_declared_passes_and_a_slip_does_not() -> None:
    made = model(Shape("integer"))
    assert arrange(made, {"quite_another": "5"}) == {"quite_another": "5"}
    with pytest.raises(BadValue, match=r"Model B has no field field_y; the nearest is field_x"):
        arrange(made, {"field_y": 5})


def test_a_required_field_is_asked_for_unless_fal_has_a_default() -> None:
    with pytest.raises(BadValue, match=r"Model B needs field_x, the URL of its image"):
        arrange(model(Shape("string", upload="image"), required=True), {})
    assert arrange(model(Shape("string"), required=True, default_omitted=True), {}) == {}
    assert arrange(model(Shape("string"), required=True, default="a"), {"field_x": " "}) == {"field_x": "a"}


def test_a_model_whose_fields_nobody_knows_takes_everything() -> None:
    unknown = Model("a/b", "a/b", "a/b", known=False)
    assert arrange(unknown, {"prompt": "x", "duration": "8"}) == {"prompt": "x", "duration": "8"}


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
MODELS = Catalogue.load().models


@settings(deadline=None, max_examples=300)
@given(st.sampled_from(MODELS), st.data())
def test_any_value_fits_or_is_a_misfit(one: Model, data: st.DataObject) -> None:
    field = data.draw(st.sampled_from(one.schema.fields))
    try:
        fitted = fit(field.shape, data.draw(VALUES), field.name)
    except Misfit:
        return
    # What was fitted once fits as it is.
    assert fit(field.shape, fitted, field.name) == fitted
