"""Whole documents: FAL's OpenAPI of one endpoint, and the lines that the catalogue keeps of all of them."""

import json
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from .clean import clean
from .errors import NotUnderstood
from .schema import Field, Number, Output, Schema, Shape
from .schema_nodes import MOST_FIELDS, Node, Nodes

LONGEST_DOCUMENT: Final = 2 * 2**20
"""Characters of a document that is read; FAL's are some 10 to 100 thousand."""

_FILE_KEYS = frozenset({"content_type", "file_name", "file_size"})


def read_document(text: str) -> Schema:
    """The schema in an OpenAPI document of FAL's queue API. Raises NotUnderstood where it holds no input.

    The input is what the POST takes and the output what the GET of a result gives; names tell nothing.
    """
    document = _mapping(read_json(text))
    components = _mapping(_mapping(document.get("components")).get("schemas"))
    nodes = Nodes(components)
    operations = list(_operations(document))
    bodies = (
        _json_schema(_mapping(operation.get("requestBody")))
        for _path, method, operation in operations
        if method == "post" and "requestBody" in operation
    )
    input_ = next((flat for body in bodies if (flat := nodes.flat(body))), None)
    if input_ is None:
        raise NotUnderstood("FAL's description of this endpoint names no input.")
    results = (
        _json_schema(_mapping(_mapping(operation.get("responses")).get("200")))
        for path, method, operation in operations
        if method == "get" and "/requests/" in path and path.rstrip("/").endswith(("}", "/response"))
    )
    output = next((read for result in results if (read := _output(nodes, nodes.flat(result)))), None)
    return Schema(nodes.fields(input_), output)


def read_json(text: str) -> object:
    """JSON of a bounded size; raises NotUnderstood for anything else, however deep or odd it is."""
    if len(text) > LONGEST_DOCUMENT:
        raise NotUnderstood(f"FAL's description is longer than {LONGEST_DOCUMENT:,} characters.")
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotUnderstood("FAL's description of this endpoint is no JSON.") from error
    return value


def read_entry(entry: Mapping[str, Any]) -> Schema:
    """The schema in one line of the catalogue, as `entry_of` writes it."""
    nodes = Nodes({})
    fields = nodes.fields(nodes.flat(entry.get("input")))
    output = _mapping(entry.get("output"))
    if not isinstance(output.get("path"), str):
        return Schema(fields)
    told = _mapping(output.get("fields"))
    return Schema(
        fields,
        Output(
            kind=clean(str(output.get("kind")), limit=40),
            path=output["path"],
            required=output.get("required") is True,
            fields=MappingProxyType({str(name): str(kind) for name, kind in told.items()}),
            file_fields=tuple(map(str, output.get("file_fields") or ())),
        ),
    )


def entry_of(schema: Schema) -> dict[str, Any]:
    """The `input` and `output` of a line of the catalogue; `read_entry` gives the schema back."""
    output = schema.output
    entry: dict[str, Any] = {"input": {"type": "object", **_object(schema.fields)}, "output": None}
    if output is not None:
        entry["output"] = {
            "kind": output.kind,
            "path": output.path,
            "required": output.required,
            "fields": dict(output.fields),
            "file_fields": list(output.file_fields),
        }
    return entry


def _object(fields: tuple[Field, ...]) -> dict[str, Any]:
    return {
        "properties": {field.name: _property(field) for field in fields},
        "required": [field.name for field in fields if field.required],
    }


def _property(field: Field) -> dict[str, Any]:
    written = {"label": field.label, **_node(field.shape)}
    if field.default is not None:
        written["default"] = field.default
    if field.default_omitted:
        written["default_omitted"] = True
    return written


def _node(shape: Shape) -> dict[str, Any]:
    ends = shape.range
    bounds: dict[str, Number | None] = {
        "exclusiveMinimum" if ends.low_open else "minimum": ends.low,
        "exclusiveMaximum" if ends.high_open else "maximum": ends.high,
        "multipleOf": ends.step,
        "minLength": shape.shortest,
        "maxLength": shape.longest,
        "minItems": shape.fewest,
        "maxItems": shape.most,
    }
    written: dict[str, Any] = {
        "type": None if shape.type == "any" else shape.type,
        "enum": list(shape.choices) or None,
        **bounds,
        "items": None if shape.items is None else _node(shape.items),
        "anyOf": [_node(variant) for variant in shape.variants] or None,
        "upload": shape.upload,
        "limits": dict(shape.limits) or None,
        "nullable": shape.nullable or None,
    }
    if shape.fields:
        written |= _object(shape.fields)
    return {key: value for key, value in written.items() if value is not None}


def _operations(document: Node) -> Iterator[tuple[str, str, Node]]:
    for path, methods in list(_mapping(document.get("paths")).items())[:MOST_FIELDS]:
        for method, operation in list(_mapping(methods).items())[:20]:
            if isinstance(operation, Mapping):
                yield path, method.lower(), operation


def _json_schema(body: Node) -> object:
    return _mapping(_mapping(body.get("content")).get("application/json")).get("schema")


def _output(nodes: Nodes, flat: Node) -> Output | None:
    """The output whose main media is the first file that is a video by its name, else the first file."""
    properties = {name: nodes.flat(node) for name, node in _mapping(flat.get("properties")).items()}
    kinds = {name: _kind(nodes, node) for name, node in properties.items()}
    files = sorted((name for name, kind in kinds.items() if kind.startswith("file")), key=_rank)
    if not files:
        return None
    main = files[0]
    listed = kinds[main] == "file[]"
    node = nodes.flat(properties[main].get("items")) if listed else properties[main]
    required = flat.get("required", ())
    order = [name for name in flat.get("x-fal-order-properties", ()) if name in kinds]
    inner = _mapping(node.get("properties"))
    return Output(
        kind="videos" if listed else "video",
        path=f"{main}[0].url" if listed else f"{main}.url",
        required=main in required and not properties[main].get("nullable"),
        fields=MappingProxyType({name: kinds[name] for name in dict.fromkeys([*order, *kinds])}),
        file_fields=tuple(dict.fromkeys([*node.get("x-fal-order-properties", ()), *inner])),
    )


def _kind(nodes: Nodes, flat: Node) -> str:
    if _is_file(flat):
        return "file"
    if flat.get("type") == "array":
        return "file[]" if _is_file(nodes.flat(flat.get("items"))) else "array"
    if any(_is_file(nodes.flat(branch)) for branch in flat.get("anyOf", ())):
        return "file"
    return clean(str(flat.get("type", "any")), limit=20)


def _is_file(flat: Node) -> bool:
    properties = _mapping(flat.get("properties"))
    return "url" in properties and bool(_FILE_KEYS & properties.keys())


def _rank(name: str) -> tuple[bool, bool, bool]:
    return (name != "video", name != "videos", "video" not in name)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
