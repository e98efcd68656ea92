"""FAL's OpenAPI document of an endpoint, from the facts, in all the forms that FAL writes fields in."""

import re
import zlib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from .facts import Entry, Facts

Schema = dict[str, Any]
REF = "#/components/schemas/"
_RULES = ("type", "enum", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
_SIZES = ("minLength", "maxLength", "minItems", "maxItems")
_FILE = ("url", "content_type", "file_name", "file_size", "file_data")
_IMAGE = ("url", "content_type", "file_name", "file_size", "width", "height")
_WHOLE = {"file_size", "width", "height", "num_frames", "frame_count"}
_PARTIAL = {"fps", "duration", "bitrate"}
_NESTED = {"audio", "format", "resolution"}


class Documents:
    """The documents of all known endpoints, made on demand; the last few are kept."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.document = lru_cache(maxsize=8)(self._made)

    def _made(self, endpoint: str) -> Schema | None:
        entry = self.facts.entry(endpoint)
        return None if entry is None else document(entry)


def document(entry: Entry) -> Schema:
    """The document of one endpoint, as FAL serves it under `queue/openapi.json`."""
    writer = _Writer(entry["endpoint_id"])
    input_ = writer.put(f"{writer.base}Input", writer.record(entry["input"]))
    output = writer.put(f"{writer.base}Output", writer.output(entry["output"]))
    writer.put("QueueStatus", _queue_status())
    return {
        "openapi": "3.0.4",
        "info": _info(entry),
        "components": {
            "securitySchemes": {
                "apiKeyAuth": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Authorization",
                    "description": "Fal Key",
                }
            },
            "schemas": _shuffled(writer.components),
        },
        "paths": _paths(entry["endpoint_id"], input_, output),
        "servers": [{"url": "https://queue.fal.run"}],
        "security": [{"apiKeyAuth": []}],
    }


def input_name(made: Schema) -> str:
    """The component that a document's submit takes, found by following it as a client does."""
    posts = [path["post"] for path in made["paths"].values() if "post" in path]
    reference: str = posts[0]["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    return reference.removeprefix(REF)


class _Writer:
    """Collects the components of one document. The form of a field follows from its name and endpoint."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint
        self.base = _pascal(endpoint.partition("/")[2])
        self.components: dict[str, Schema] = {}

    def put(self, name: str, schema: Schema) -> Schema:
        """Keep a component under its name, or a longer one where another bears it; a reference to it."""
        while self.components.get(name, schema) != schema:
            name += "Item"
        self.components[name] = schema
        return {"$ref": REF + name}

    def record(self, facts: Mapping[str, Any]) -> Schema:
        """An object with named fields."""
        fields = {name: self._field(name, field) for name, field in facts["properties"].items()}
        schema: Schema = {
            "type": "object",
            "properties": _shuffled(fields),
            "x-fal-order-properties": list(fields),
        }
        return schema | ({"required": list(facts["required"])} if facts.get("required") else {})

    def _field(self, name: str, facts: Mapping[str, Any]) -> Schema:
        value = self._value(name, facts)
        if facts.get("nullable"):
            value = {"anyOf": [value, {"type": "null"}]}
        elif "$ref" in value:
            value = {"allOf": [value]}
        about = {"title": name.replace("_", " ").title(), "description": f"{facts.get('label', name)}."}
        return value | about | ({"default": facts["default"]} if "default" in facts else {})

    def _value(self, name: str, facts: Mapping[str, Any]) -> Schema:
        """What a value may be, without its title and default."""
        if "anyOf" in facts:
            return {"anyOf": [self._value(name, branch) for branch in facts["anyOf"]]}
        if "properties" in facts:
            size = set(facts["properties"]) == {"width", "height"}
            return self.put("ImageSize" if size else self.base + _pascal(name), self.record(facts))
        schema: Schema = {rule: facts[rule] for rule in (*_RULES, *_SIZES) if rule in facts}
        if len(schema.get("enum", ())) == 1:
            schema["const"] = schema.pop("enum")[0]
        elif "enum" in schema and self._dice(name) % 5 == 0:
            return self.put(_pascal(name) + "Enum", schema)
        if "items" in facts:
            schema["items"] = self._value(name, facts["items"])
        return schema | self._upload(name, facts)

    def _upload(self, name: str, facts: Mapping[str, Any]) -> Schema:
        """The hint that a text is the URL of a file, and the limits of that file."""
        limits = {"x-fal": facts["limits"] | {"timeout": 20}} if "limits" in facts else {}
        kind = facts.get("upload")
        if kind is None:
            return limits
        form = self._dice(name) % 3
        if form == 0 and name.endswith(f"{kind}_url"):
            return limits | {"format": "uri"}
        return limits | ({"ui": {"field": kind}} if form == 1 else {"_fal_ui_field": kind})

    def output(self, facts: Mapping[str, Any]) -> Schema:
        """The object that a result is."""
        main = re.split(r"[.\[]", facts["path"])[0]
        names = sorted(facts["fields"], key=lambda name: (name != main, name))
        fields = {name: self._output_field(name, facts, main=name == main) for name in names}
        required = [name for name in names if (name == main and facts["required"]) or name == "seed"]
        schema: Schema = {
            "type": "object",
            "properties": _shuffled(fields),
            "x-fal-order-properties": names,
        }
        return schema | ({"required": required} if required else {})

    def _output_field(self, name: str, facts: Mapping[str, Any], *, main: bool) -> Schema:
        kind = facts["fields"][name]
        about = {"title": name.replace("_", " ").title(), "description": f"{name.replace('_', ' ')}."}
        many = kind in {"file[]", "array"} and (main or kind == "file[]")
        if kind != "file" and not many:
            return about | ({} if kind == "any" else {"type": kind})
        file = self.put(*_file(facts["file_fields"] if main else _IMAGE if "image" in name else _FILE))
        if many:
            return {"type": "array", "items": file} | about
        optional = main and not facts["required"]
        return ({"anyOf": [file, {"type": "null"}]} if optional else {"allOf": [file]}) | about

    def _dice(self, name: str) -> int:
        return zlib.crc32(f"{self._endpoint} {name}".encode())


def _file(declared: Iterable[str]) -> tuple[str, Schema]:
    """FAL's kind of file that has these fields, under FAL's name for it."""
    # Of a file whose URL alone is known, the usual rest is likely; a file of FAL's has never only that.
    told = list(declared)
    names = told if "url" in told and len(told) > 1 else list(_FILE)
    name = "Video" if "codec" in names else "VideoFile" if "fps" in names else "File"
    fields = {field: {"title": field.replace("_", " ").title()} | _file_field(field) for field in names}
    schema = {"type": "object", "properties": _shuffled(fields), "x-fal-order-properties": names}
    return "Image" if names == list(_IMAGE) else name, schema | {"required": ["url"]}


def _file_field(name: str) -> Schema:
    kind = "integer" if name in _WHOLE else "number" if name in _PARTIAL else "string"
    if name in _NESTED:
        return {"type": "object"}
    return {"type": kind} | ({"format": "binary"} if name == "file_data" else {})


def _shuffled(named: Mapping[str, Schema]) -> dict[str, Schema]:
    """In an order that means nothing, as in FAL's documents; what order there is, the list of names says."""
    return {name: named[name] for name in sorted(named, key=lambda name: zlib.crc32(name.encode()))}


def _pascal(text: str) -> str:
    return "".join(word[:1].upper() + word[1:] for word in re.findall(r"[0-9A-Za-z]+", text.replace(".", "")))


def _info(entry: Entry) -> Schema:
    endpoint = entry["endpoint_id"]
    page = f"https://fal.ai/models/{endpoint}"
    return {
        "title": f"Queue OpenAPI for {endpoint}",
        "version": "1.0.0",
        "description": f"The OpenAPI schema for the {endpoint} queue.",
        "x-fal-metadata": {
            "endpointId": endpoint,
            "category": category(entry),
            "thumbnailUrl": "https://v3.fal.media/files/sandbox/thumbnail.jpg",
            "playgroundUrl": page,
            "documentationUrl": f"{page}/api",
        },
    }


def category(entry: Entry) -> str:
    """FAL's word for what an endpoint does; guessed from the task where it is not known."""
    known = entry["category"]
    if known and known != "unknown":
        return str(known)
    return {"text-to-video": "text-to-video", "image-to-video": "image-to-video"}.get(
        entry["task"], "video-to-video"
    )


def _paths(endpoint: str, input_: Schema, output: Schema) -> Schema:
    id_ = {"name": "request_id", "in": "path", "required": True, "schema": {"type": "string"}}
    logs = {"name": "logs", "in": "query", "required": False, "schema": {"type": "number"}}
    status = _body({"$ref": f"{REF}QueueStatus"})
    cancelled = _body({"type": "object", "properties": {"success": {"type": "boolean"}}})
    root = f"/{endpoint}"
    return {
        f"{root}/requests/{{request_id}}/status": {
            "get": {"parameters": [id_, logs], "responses": {"200": status}}
        },
        f"{root}/requests/{{request_id}}/cancel": {
            "put": {"parameters": [id_], "responses": {"200": cancelled}}
        },
        root: {"post": {"requestBody": {"required": True} | _content(input_), "responses": {"200": status}}},
        f"{root}/requests/{{request_id}}": {
            "get": {"parameters": [id_], "responses": {"200": _body(output)}}
        },
    }


def _content(schema: Schema) -> Schema:
    return {"content": {"application/json": {"schema": schema}}}


def _body(schema: Schema) -> Schema:
    return {"description": "As described."} | _content(schema)


def _queue_status() -> Schema:
    fields: dict[str, Schema] = {
        "status": {"type": "string", "enum": ["IN_QUEUE", "IN_PROGRESS", "COMPLETED"]},
        "request_id": {"type": "string"},
        "response_url": {"type": "string"},
        "status_url": {"type": "string"},
        "cancel_url": {"type": "string"},
        "logs": {"type": "object", "additionalProperties": True},
        "metrics": {"type": "object", "additionalProperties": True},
        "queue_position": {"type": "integer"},
    }
    return {"type": "object", "properties": fields, "required": ["status", "request_id"]}
