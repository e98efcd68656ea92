"""FAL's documents and our lines become the same typed fields, in every form that a field is written in."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reelroom.fal.documents import LONGEST_DOCUMENT, entry_of, read_document, read_entry
from reelroom.fal.errors import NotUnderstood
from reelroom.fal.schema import NO_LIMITS, Field, Range, Schema, Shape

SAMPLES = sorted((Path(__file__).parent / "data").glob("*.json"))
LINES = Path(__file__).parent.parent.parent / "fal" / "data" / "endpoints.jsonl"
ENTRIES = {entry["endpoint_id"]: entry for entry in map(json.loads, LINES.read_text().splitlines())}
INPUT = "#/components/schemas/Input"


def document(properties: dict[str, Any], *, components: dict[str, Any] | None = None, **rest: Any) -> str:
    """A queue document with this input, as FAL lays it out."""
    body = {"content": {"application/json": {"schema": {"$ref": INPUT}}}}
    return json.dumps(
        {
            "openapi": "3.0.4",
            "paths": {"/a/b": {"post": {"requestBody": body}}},
            "components": {
                "schemas": {
                    "Input": {"type": "object", "properties": properties, **rest},
                    **(components or {}),
                }
            },
        }
    )


def field(node: Any, name: str = "x", **components: Any) -> Field:
    """The field that one node becomes."""
    (read,) = read_document(document({name: node}, components=components)).fields
    return read


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def told(shape: Shape) -> Shape:
    """A shape without what the samples leave out or add: nulls, and limits where FAL gives hints instead."""
    return replace(
        shape,
        nullable=False,
        limits=NO_LIMITS,
        items=None if shape.items is None else told(shape.items),
        fields=tuple(replace(inner, shape=told(inner.shape)) for inner in shape.fields),
        variants=tuple(map(told, shape.variants)),
    )


# Whole documents


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_document_and_our_line_of_the_same_endpoint_say_the_same(path: Path) -> None:
    read = read_document(path.read_text("utf-8"))
    line = read_entry(ENTRIES[path.stem.replace("__", "/")])
    names = [one.name for one in read.fields if one.name != "trace"]
    assert names == [one.name for one in line.fields]
    for one in line.fields:
        other = read.field(one.name)
        assert other is not None
        assert (other.label, other.required, other.default, other.unit) == (
            (one.label, one.required, one.default, one.unit)
        )
        if one.name != "video_size":  # its component says more about width and height
            assert told(other.shape) == told(one.shape)
    assert read.output is not None
    assert line.output is not None
    assert (read.output.path, read.output.required, read.output.kind) == (
        (line.output.path, line.output.required, line.output.kind)
    )
    assert dict(read.output.fields) == dict(line.output.fields)


def test_there_are_ten_documents() -> None:
    assert len(SAMPLES) == 10


@pytest.mark.parametrize("endpoint", ENTRIES)
def test_every_line_is_read_whole_and_written_back(endpoint: str) -> None:
    entry = ENTRIES[endpoint]
    schema = read_entry(entry)
    assert [one.name for one in schema.fields] == list(entry["input"]["properties"])
    assert [one.name for one in schema.fields if one.required] == [
        name for name in entry["input"]["properties"] if name in entry["input"]["required"]
    ]
    for one in schema.fields:
        node = entry["input"]["properties"][one.name]
        assert one.label == node["label"]
        assert one.default == node.get("default")
        assert one.upload == node.get("upload", node.get("items", {}).get("upload"))
        assert dict(one.limits) == node.get("limits", node.get("items", {}).get("limits", {}))
    assert schema.output is not None
    assert schema.output.path == entry["output"]["path"]
    assert read_entry(json.loads(json.dumps(entry_of(schema)))) == schema


def test_the_limits_of_an_upload_stand_in_x_fal() -> None:
    schema = read_document(
        (SAMPLES[0].parent / "fal-ai__kling-video__v3__pro__image-to-video.json").read_text()
    )
    for name in ("start_image_url", "end_image_url"):
        image = schema.field(name)
        assert image is not None
        assert image.limits["max_file_size"] == 10 * 2**20
        assert "timeout" not in image.limits


# Forms of one field


@pytest.mark.parametrize(
    ("node", "shape"),
    [
        ({"type": "string"}, Shape("string")),
        ({"type": "string", "minLength": 1, "maxLength": 9}, Shape("string", shortest=1, longest=9)),
        ({"type": "string", "enum": ["5", "10"]}, Shape("string", choices=("5", "10"))),
        ({"type": "string", "enum": ["5", None]}, Shape("string", choices=("5",), nullable=True)),
        ({"const": "auto"}, Shape(choices=("auto",))),
        ({"type": "integer", "minimum": 4, "maximum": 15}, Shape("integer", range=Range(4, 15))),
        ({"type": "number", "exclusiveMinimum": 0}, Shape("number", range=Range(0, low_open=True))),
        (
            {"type": "number", "minimum": 0, "exclusiveMinimum": True, "maximum": 1},
            Shape("number", range=Range(0, 1, low_open=True)),
        ),
        (
            {"type": "number", "minimum": 2, "exclusiveMinimum": 1, "exclusiveMaximum": 3},
            Shape("number", range=Range(2, 3, high_open=True)),
        ),
        ({"type": "integer", "multipleOf": 8}, Shape("integer", range=Range(step=8))),
        ({"type": "boolean"}, Shape("boolean")),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, Shape("integer", nullable=True)),
        ({"oneOf": [{"type": "null"}, {"type": "integer"}]}, Shape("integer", nullable=True)),
        ({"type": ["integer", "null"], "minimum": 1}, Shape("integer", range=Range(1), nullable=True)),
        ({"type": "integer", "nullable": True}, Shape("integer", nullable=True)),
        ({"type": ["integer", "string"]}, Shape(variants=(Shape("integer"), Shape("string")))),
        (
            {"anyOf": [{"const": "auto", "type": "string"}, {"type": "integer", "enum": [5, 6]}]},
            Shape(choices=("auto", 5, 6)),
        ),
        (
            {
                "anyOf": [
                    {"enum": ["auto"]},
                    {"type": "integer", "minimum": 4, "maximum": 15},
                    {"type": "null"},
                ]
            },
            Shape(variants=(Shape(choices=("auto",)), Shape("integer", range=Range(4, 15))), nullable=True),
        ),
        ({"allOf": [ref("Mode")], "default": "b"}, Shape("string", choices=("a", "b"))),
        (ref("Mode"), Shape("string", choices=("a", "b"))),
        (
            {"anyOf": [{"allOf": [ref("Mode")]}, {"type": "null"}]},
            Shape("string", choices=("a", "b"), nullable=True),
        ),
        ({"allOf": [{"type": "integer"}, {"minimum": 3}]}, Shape("integer", range=Range(3))),
        (ref("Gone"), Shape()),
        (ref("Loop"), Shape()),
        (ref("Ping"), Shape()),
        ({"allOf": [ref("Gone")], "type": "integer"}, Shape("integer")),
        ({"$ref": "https://example.com/elsewhere.json"}, Shape()),
        (
            {"type": "array", "items": {"type": "integer"}, "minItems": 1, "maxItems": 4},
            Shape("array", items=Shape("integer"), fewest=1, most=4),
        ),
        ({"type": "array", "items": ref("Gone")}, Shape("array", items=Shape())),
        ({"type": "tuple"}, Shape()),
        ({}, Shape()),
    ],
)
def test_each_form_of_a_field_is_understood(node: dict[str, Any], shape: Shape) -> None:
    components = {
        "Mode": {"type": "string", "enum": ["a", "b"], "title": "ModeEnum"},
        "Loop": ref("Loop"),
        "Ping": {"allOf": [ref("Pong")]},
        "Pong": {"anyOf": [ref("Ping"), {"type": "null"}]},
    }
    assert replace(field(node, **components).shape, nullable=shape.nullable) == shape
    if "Ping" not in str(node):
        assert field(node, **components).shape.nullable == shape.nullable


@pytest.mark.parametrize(
    "node",
    [
        {"type": "string", "upload": "image"},
        {"type": "string", "_fal_ui_field": "image"},
        {"type": "string", "ui": {"field": "image", "important": True}},
        {"anyOf": [{"type": "string", "_fal_ui_field": "image"}, {"type": "null"}]},
        {"anyOf": [{"type": "string"}, {"type": "null"}], "_fal_ui_field": "image"},
        {"anyOf": [{"type": "string", "ui": {"field": "image"}}, {"type": "null"}]},
        {"type": "array", "items": {"type": "string", "_fal_ui_field": "image"}},
        {"type": "array", "items": {"type": "string"}, "ui": {"field": "image"}},
        {
            "anyOf": [
                {"type": "array", "items": {"type": "string", "ui": {"field": "image"}}},
                {"type": "null"},
            ]
        },
    ],
)
def test_an_upload_is_told_by_a_hint_in_any_place(node: dict[str, Any]) -> None:
    assert field(node, "cover").upload == "image"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("image_url", "image"),
        ("first_frame_url", "image"),
        ("mask_url", "image"),
        ("mask_video_url", "video"),
        ("driven_audio_url", "audio"),
        ("reference_image_urls", "image"),
        ("training_data_url", "file"),
        ("webhook_url", None),
        ("prompt", None),
        ("url", None),
    ],
)
def test_a_plain_text_is_an_upload_by_its_name(name: str, kind: str | None) -> None:
    assert field({"type": "string"}, name).upload == kind
    assert field({"type": "array", "items": {"type": "string"}}, name).upload == kind


def test_a_uri_is_an_upload_and_its_length_is_none_of_a_data_uri() -> None:
    read = field({"type": "string", "format": "uri", "maxLength": 2083}, "cover_picture")
    assert read.upload == "image"
    assert read.shape.longest is None


def test_names_and_hints_agree_wherever_our_lines_have_both() -> None:
    def uploads(fields: tuple[Field, ...]) -> Iterator[tuple[str, str]]:
        for one in fields:
            if one.upload is not None and one.name.endswith(("_url", "_urls")):
                yield one.name, one.upload
            yield from uploads(one.holder.fields)

    pairs = {pair for entry in ENTRIES.values() for pair in uploads(read_entry(entry).fields)}
    assert len(pairs) > 40
    assert {(name, field({"type": "string"}, name).upload) for name, _kind in pairs} == pairs


@pytest.mark.parametrize(
    "node",
    [
        {"type": "string", "x-fal": {"max_file_size": 10, "min_width": 300, "timeout": 20}},
        {"type": "string", "max_file_size": 10, "min_width": 300},
        {"anyOf": [{"type": "string", "x-fal": {"max_file_size": 10, "min_width": 300}}, {"type": "null"}]},
        {"type": "array", "items": {"type": "string"}, "x-fal": {"max_file_size": 10, "min_width": 300}},
        {"type": "array", "items": {"type": "string", "limits": {"max_file_size": 10, "min_width": 300}}},
    ],
)
def test_limits_are_read_in_the_new_and_in_the_older_form(node: dict[str, Any]) -> None:
    assert dict(field(node, "image_url").limits) == {"max_file_size": 10, "min_width": 300}


def test_limits_that_are_no_numbers_are_left_out() -> None:
    limits = {"max_file_size": "10 MB", "max_width": True, "max_height": float("1e300"), "min_fps": 24}
    assert dict(field({"type": "string", "x-fal": limits}, "video_url").limits) == {"min_fps": 24}


def test_the_order_of_display_is_fals_with_what_it_forgot_behind() -> None:
    text = document(
        {"c": {}, "a": {}, "b": {}},
        **{"x-fal-order-properties": ["b", "gone", "a", "b", 7]},
    )
    assert [one.name for one in read_document(text).fields] == ["b", "a", "c"]


def test_a_field_may_be_required_and_have_a_default() -> None:
    (read,) = read_document(document({"mode": {"type": "string", "default": "a"}}, required=["mode"])).fields
    assert (read.required, read.default) == (True, "a")


def test_a_default_that_cannot_be_shown_as_it_is_counts_as_not_known() -> None:
    for default in ("\x1b[2J", ["x" * 20_000], {"a": "\u202e"}):
        read = field({"type": "string", "default": default})
        assert read.default is None
        assert read.default_omitted


def test_nested_fields_have_names_defaults_and_an_order() -> None:
    size = {
        "type": "object",
        "properties": {"h": {"type": "integer", "default": 5}, "w": {"type": "integer"}},
        "required": ["w"],
        "x-fal-order-properties": ["w", "h"],
    }
    width, height = field(ref("Size"), Size=size).shape.fields
    assert (width.name, width.required, height.default) == ("w", True, 5)


def test_a_component_that_holds_itself_ends_somewhere() -> None:
    node = {"type": "object", "properties": {"a": ref("Node"), "b": ref("Node"), "c": ref("Node")}}
    shape = field(ref("Node"), Node=node).shape
    depth = 0
    while shape.fields:
        shape, depth = shape.fields[0].shape, depth + 1
    assert 0 < depth <= 8


@pytest.mark.parametrize("choice", ["\x1b]0;x\x07", "x" * 201, {"a": 1}, [1], 1e300])
def test_choices_that_cannot_be_shown_as_they_are_sent_are_left_to_fal(choice: object) -> None:
    assert field({"type": "string", "enum": ["a", choice]}).shape.choices == ()


def test_names_that_nobody_can_type_are_left_out() -> None:
    read = read_document(document({"a\x1b[2J": {}, "": {}, "x" * 201: {}, "ok": {}, "odd": 7}))
    assert [one.name for one in read.fields] == ["ok"]


def test_a_label_is_fals_title_only_where_it_says_more_than_the_name() -> None:
    assert field({"title": "Image Url"}, "image_url").label == "Image"
    assert field({"title": "Cfg Scale"}, "cfg_scale").label == "CFG scale"
    assert field({"title": "How closely to follow"}, "cfg_scale").label == "How closely to follow"
    assert field({"title": "\x1b[2J"}, "cfg_scale").label == "␛[2J"
    assert field({}, "x" * 200).label == "X" + "x" * 78 + "…"
    assert field({}, "seed _").label == "Seed"


# What is accepted, in words


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        (Shape("string", choices=("5", "10")), "5 or 10"),
        (Shape("string", choices=("4s", "6s", "8s")), "4s, 6s or 8s"),
        (Shape(choices=("auto", 4, 5, 6, 7)), "auto or 4 to 7"),
        (Shape(choices=("a",) * 24), ", ".join("a" * 23) + " or a"),
        (Shape(choices=("a",) * 1026), ", ".join("a" * 23) + " or one of 1,003 others"),
        (Shape("integer", range=Range(1, 50)), "1 to 50"),
        (Shape("integer"), "a whole number"),
        (Shape("number"), "a number"),
        (Shape("number", range=Range(0, low_open=True)), "more than 0"),
        (Shape("number", range=Range(high=1, high_open=True)), "less than 1"),
        (Shape("number", range=Range(0, 1, low_open=True)), "more than 0, up to 1"),
        (Shape("number", range=Range(0, 1, high_open=True)), "0 to less than 1"),
        (Shape("integer", range=Range(8, step=8)), "8 or more in steps of 8"),
        (Shape("integer", range=Range(high=9)), "9 or less"),
        (Shape("boolean"), "true or false"),
        (Shape("string", longest=100), "a text of at most 100 characters"),
        (Shape("string", upload="image"), "the URL of an image"),
        (Shape("string", upload="video"), "the URL of a video"),
        (Shape("array", items=Shape("string", upload="image"), most=4),
         "a list of at most 4 entries, each the URL of an image"),
        (Shape("array", fewest=1, most=1), "a list of 1 entry"),
        (Shape("array", fewest=2), "a list of at least 2 entries"),
        (Shape("object"), "an object"),
        (Shape("object", fields=(Field("w", "W", Shape()), Field("h", "H", Shape()))), "an object with w, h"),
        (Shape(variants=(Shape(choices=("auto",)), Shape("integer", range=Range(4, 15)))), "auto or 4 to 15"),
        (Shape(), "anything"),
    ],
)  # fmt: skip
def test_what_is_accepted_is_said_in_words(shape: Shape, words: str) -> None:
    assert shape.words() == words


def test_a_long_range_offers_no_list() -> None:
    assert Shape("integer", range=Range(1, 3)).offers() == (1, 2, 3)
    assert Shape("integer", range=Range(0, 2**31)).offers() == ()
    assert Shape(variants=(Shape(choices=("auto",)), Shape("integer", range=Range(4, 5)))).offers() == (
        "auto",
        4,
        5,
    )


# What is no document


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{}",
        "<html>",
        '{"paths": []}',
        '{"paths": {"/a": null}}',
        '{"paths": {"/a": {"post": {"requestBody": {"content": {"application/json": {"schema": {}}}}}}}}',
        "[" * 100_000,
        '{"a":' * 50_000,
        f'{{"a": {"9" * 5000}}}',
        " " * (LONGEST_DOCUMENT + 1),
    ],
)
def test_what_is_no_document_is_said_to_be_none(text: str) -> None:
    with pytest.raises(NotUnderstood, match="FAL's description"):
        read_document(text)


def test_an_endpoint_without_media_has_no_output() -> None:
    assert read_document(document({"a": {}})).output is None
    assert read_entry({"input": {"properties": {}}}) == Schema()
