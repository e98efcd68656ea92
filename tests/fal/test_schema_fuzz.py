"""No JSON makes the readers of schemas fail: they read what they understand, or say that they do not."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reelroom.fal.documents import entry_of, read_document, read_entry
from reelroom.fal.errors import NotUnderstood

NAMES = ["A", "B", "C"]
KEYS = [
    "type", "enum", "const", "default", "title", "nullable", "anyOf", "allOf", "oneOf", "items", "properties",
    "required", "x-fal-order-properties", "minimum", "maximum", "exclusiveMinimum", "multipleOf", "minLength",
    "maxItems", "x-fal", "ui", "_fal_ui_field", "upload", "limits", "label", "format", "url", "file_size",
    "image_url",
]  # fmt: skip
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=8),
    st.sampled_from(["string", "integer", "number", "array", "object", "null", "image", "uri", "a"]),
)  # fmt: skip
NODES = st.recursive(
    SCALARS
    | st.builds(lambda name: {"$ref": f"#/components/schemas/{name}"}, st.sampled_from([*NAMES, "Gone"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=25,
)


def document(components: dict[str, Any]) -> str:
    def body(name: str) -> dict[str, Any]:
        return {"content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}}

    return json.dumps(
        {
            "paths": {
                "/a/b": {"post": {"requestBody": body("A")}},
                "/a/b/requests/{request_id}": {"get": {"responses": {"200": body("B")}}},
            },
            "components": {"schemas": components},
        }
    )


@settings(deadline=None, max_examples=300)
@given(st.dictionaries(st.sampled_from(NAMES), NODES))
def test_any_components_are_read_or_refused_with_a_sentence(components: dict[str, Any]) -> None:
    try:
        schema = read_document(document(components))
    except NotUnderstood:
        return
    for field in schema.fields:
        assert field.shape.words()
        assert len(field.shape.offers()) < 5_000
    json.dumps(entry_of(schema), allow_nan=False)


@settings(deadline=None, max_examples=200)
@given(NODES)
def test_any_line_is_read(node: Any) -> None:
    read_entry({"input": node, "output": node})
    read_entry({"input": {"properties": {"a": node}}, "output": {"path": "video.url", "fields": node}})


@settings(deadline=None, max_examples=100)
@given(st.text())
def test_any_text_is_read_or_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(NotUnderstood):
        read_document(text)


def test_references_that_fan_out_are_cut_off() -> None:
    fan = {
        "type": "object",
        "properties": {f"f{number}": {"$ref": "#/components/schemas/A"} for number in range(200)},
    }
    # 200 fields in 200 fields, six deep: without the bound on nodes this would not end.
    assert len(read_document(document({"A": fan})).fields) == 200
