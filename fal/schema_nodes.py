"""From JSON Schema as FAL writes it to shapes: references, wrappers, unions, nulls; all with bounds."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from .clean import clean
from .schema import ANY_NUMBER, NO_LIMITS, Field, Number, Shape, Upload
from .schema_facets import (
    LIMITS,
    choices_of,
    count_of,
    is_sound,
    label_of,
    limits_of,
    range_of,
    type_of,
    unit_of,
    upload_by_name,
    upload_hint,
)

DEEPEST: Final = 6
"""Objects in objects, and references to references, that are followed."""
MOST_NODES: Final = 4_000
"""Nodes of one document that are read: references fan out faster than any document is long."""
MOST_FIELDS: Final = 300
LONGEST_NAME = 200

_REF = "#/components/schemas/"
_MOST_BRANCHES = 50
_KEYS: Final = frozenset((
    *("type", "enum", "const", "format", "default", "default_omitted", "nullable", "items"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    *("minLength", "maxLength", "minItems", "maxItems"),
    *("properties", "required", "x-fal-order-properties"),
    *("upload", "_fal_ui_field", "ui", "x-fal", "limits", *LIMITS),
))  # fmt: skip

Node = Mapping[str, Any]


class Nodes:
    """Reads the nodes of one document; `components` are the schemas that its references name.

    What cannot be understood is left out: a shape that is not known takes anything, and FAL judges it.
    """

    def __init__(self, components: Node) -> None:
        self._components = components
        self._left = MOST_NODES

    def flat(self, node: object, seen: tuple[str, ...] = ()) -> Node:
        """A node with `$ref`, `allOf` and unions of one put into it; what the node itself says wins.

        A union that is left stands under `anyOf`. A reference to nothing, or to itself, says nothing.
        """
        self._left -= 1
        if not isinstance(node, dict) or self._left < 0 or len(seen) > DEEPEST:
            return {}
        union = _union_of(node)
        kept = [branch for branch in union if not _is_null(branch)]
        parts = [self._referred(node.get("$ref"), seen)]
        inner = _list(node.get("allOf")) + (kept if len(kept) == 1 else [])
        parts += [self.flat(part, (*seen, "")) for part in inner]
        own = _own(node)
        if isinstance(own.get("type"), list):
            del own["type"]
        if len(kept) > 1:
            own["anyOf"] = kept
        if len(kept) < len(union) or None in _list(node.get("enum")):
            own["nullable"] = True
        return _merged([*parts, own])

    def fields(self, flat: Node, depth: int = 0) -> tuple[Field, ...]:
        """The fields of an object, in the order of display that it names."""
        properties = _mapping(flat.get("properties"))
        required = set(_texts(flat.get("required")))
        ordered = [name for name in _texts(flat.get("x-fal-order-properties")) if name in properties]
        names = [name for name in dict.fromkeys([*ordered, *properties]) if _is_name(name)]
        return tuple(
            self._field(name, properties[name], required=name in required, depth=depth)
            for name in names[:MOST_FIELDS]
            if isinstance(properties[name], dict)
        )

    def shape(self, flat: Node, depth: int = 0) -> Shape:
        """What a value may be that this flat node describes."""
        if self._left < 0 or depth > DEEPEST:
            return Shape()
        nullable = flat.get("nullable") is True
        upload, limits = upload_hint(flat), limits_of(flat)
        if "anyOf" in flat:
            variants = [self.shape(self.flat(branch), depth + 1) for branch in flat["anyOf"]]
            return replace(_union(variants), nullable=nullable, upload=upload, limits=limits)
        kind = type_of(flat.get("type"), otherwise="object" if "properties" in flat else "any")
        choices = choices_of(flat)
        listed = kind == "array"
        return Shape(
            type=kind,
            choices=choices,
            range=range_of(flat) if kind in ("integer", "number") and not choices else ANY_NUMBER,
            shortest=count_of(flat.get("minLength")),
            longest=count_of(flat.get("maxLength")),
            fewest=count_of(flat.get("minItems")),
            most=count_of(flat.get("maxItems")),
            # A hint on a list is about its entries.
            items=self._items(flat, depth, upload, limits) if listed else None,
            fields=self.fields(flat, depth + 1) if kind == "object" else (),
            nullable=nullable,
            upload=None if listed else upload,
            limits=NO_LIMITS if listed else limits,
        )

    def _items(self, flat: Node, depth: int, upload: Upload | None, limits: Mapping[str, Number]) -> Shape:
        return _holding(self.shape(self.flat(flat.get("items")), depth + 1), upload, limits)

    def _field(self, name: str, node: Node, *, required: bool, depth: int) -> Field:
        flat = self.flat(node)
        default = flat.get("default")
        known = default is not None and is_sound(default)
        shape = _by_name(name, flat, self.shape(flat, depth))
        # A component's title is the name of a type; only the field's own is about the field.
        label, title = (_text(node.get(key)).strip() for key in ("label", "title"))
        return Field(
            name=name,
            label=clean((label or label_of(name, title)).strip(), limit=80),
            shape=shape,
            required=required,
            default=default if known else None,
            default_omitted=flat.get("default_omitted") is True or (default is not None and not known),
            unit=unit_of(name) if shape.type in ("integer", "number") or shape.choices else None,
        )

    def _referred(self, ref: object, seen: tuple[str, ...]) -> Node:
        if not isinstance(ref, str) or not ref.startswith(_REF) or ref in seen:
            return {}
        return self.flat(self._components.get(ref[len(_REF) :]), (*seen, ref))


def _own(node: Node) -> dict[str, Any]:
    """What of a node is understood: one with a million keys costs no more than its few that are."""
    return {
        key: node[key] for key in (node if len(node) < len(_KEYS) else _KEYS) if key in _KEYS and key in node
    }


def _union_of(node: Node) -> list[Any]:
    kinds = node.get("type")
    if isinstance(kinds, list):
        return [{**_own(node), "type": kind} for kind in kinds[:10]]
    return (_list(node.get("anyOf")) + _list(node.get("oneOf")))[:_MOST_BRANCHES]


def _merged(parts: Iterable[Node]) -> dict[str, Any]:
    """Later parts win, but the properties and the required names of all are collected."""
    whole: dict[str, Any] = {}
    for part in filter(None, parts):
        properties = {**_mapping(whole.get("properties")), **_mapping(part.get("properties"))}
        required = [*_texts(whole.get("required")), *_texts(part.get("required"))]
        whole.update(part)
        if properties:
            whole["properties"] = properties
        if required:
            whole["required"] = required
    return whole


def _union(variants: list[Shape]) -> Shape:
    """A union of nothing but choices is one list of choices."""
    if all(variant.choices for variant in variants):
        kinds = {variant.type for variant in variants}
        choices = tuple(choice for variant in variants for choice in variant.choices)
        return Shape(kinds.pop() if len(kinds) == 1 else "any", choices=choices)
    return Shape(variants=tuple(variants))


def _holding(shape: Shape, upload: Upload | None, limits: Mapping[str, Number]) -> Shape:
    if upload is None and not limits:
        return shape
    return replace(shape, upload=shape.upload or upload, limits=shape.limits or limits)


def _by_name(name: str, flat: Node, shape: Shape) -> Shape:
    """The shape with the upload that its name alone tells of, where nothing else did; no URL has a length."""
    if shape.variants:
        # FAL puts the hint into a branch as often as on the whole.
        told = next((one for one in shape.variants if one.upload), None)
        return _holding(shape, told.upload, told.limits) if told else shape
    holder = shape.items or shape
    if holder.type != "string" or holder.choices:
        return shape
    upload = holder.upload or upload_by_name(name, flat)
    if upload is None or (upload == holder.upload and holder.longest is holder.shortest is None):
        return shape
    held = replace(holder, upload=upload, shortest=None, longest=None)
    return held if shape.items is None else replace(shape, items=held)


def _is_null(branch: object) -> bool:
    if not isinstance(branch, dict):
        return False
    return branch.get("type") == "null" or branch.get("enum") == [None] or branch.get("const", ...) is None


def _is_name(name: object) -> bool:
    """A name that can be typed, shown and sent as it is."""
    return isinstance(name, str) and 0 < len(name) <= LONGEST_NAME and clean(name).strip() == name


def _mapping(value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        return {}
    return value if len(value) <= MOST_FIELDS else dict(list(value.items())[:MOST_FIELDS])


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: object) -> list[str]:
    return [one for one in _list(value) if isinstance(one, str)]


def _list(value: object) -> list[Any]:
    return value[:MOST_FIELDS] if isinstance(value, list) else []
