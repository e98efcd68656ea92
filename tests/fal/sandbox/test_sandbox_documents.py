import itertools
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from reelroom.fal.sandbox.documents import REF, Documents, document, input_name
from reelroom.fal.sandbox.facts import Facts

from .conftest import Caller

KLING = "fal-ai/kling-video/v3/pro/image-to-video"


@pytest.fixture(scope="module")
def facts() -> Facts:
    return Facts()


def nodes(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from nodes(child)


def test_every_endpoint_has_a_document_whose_schemas_are_sound(facts: Facts) -> None:
    count = 0
    for entry in facts.entries():
        made = document(entry)
        schemas = made["components"]["schemas"]
        for schema in schemas.values():
            Draft202012Validator.check_schema(schema)
        references = {node["$ref"] for node in nodes(made) if "$ref" in node}
        assert references <= {REF + name for name in schemas}
        assert len(made["paths"]) == 4
        input_ = schemas[input_name(made)]
        assert input_["x-fal-order-properties"] == list(entry["input"]["properties"])
        assert set(input_["properties"]) == set(entry["input"]["properties"])
        assert input_.get("required", []) == entry["input"]["required"]
        count += 1
    assert count == 551


def test_every_form_that_a_field_can_have_is_met(facts: Facts) -> None:
    met: Counter[str] = Counter()
    for entry in facts.entries():
        for node in nodes(document(entry)["components"]["schemas"]):
            met.update(name for name in node if name not in node.get("properties", {}))
            met["union with null"] += {"type": "null"} in node.get("anyOf", ())
            met["bare reference in a union"] += any("$ref" in branch for branch in node.get("anyOf", ()))
    wanted = ["ui", "_fal_ui_field", "format", "x-fal", "const", "enum", "allOf", "anyOf", "exclusiveMinimum"]
    wanted += ["multipleOf", "minItems", "maxItems", "minLength", "maxLength", "default"]
    wanted += ["union with null", "bare reference in a union", "x-fal-order-properties"]
    assert [name for name in wanted if not met[name]] == []


def test_a_document_names_its_endpoint_and_follows_from_it(facts: Facts) -> None:
    documents = Documents(facts)
    made = documents.document(KLING)
    assert made is not None
    assert made["openapi"] == "3.0.4"
    assert made["info"]["title"] == f"Queue OpenAPI for {KLING}"
    about = made["info"]["x-fal-metadata"]
    assert (about["endpointId"], about["category"]) == (KLING, "image-to-video")
    assert made == Documents(facts).document(KLING)
    start = made["components"]["schemas"][input_name(made)]["properties"]["start_image_url"]
    assert start["x-fal"]["max_file_size"] == 10485760


def test_only_the_last_few_documents_are_kept(facts: Facts) -> None:
    documents = Documents(facts)
    for endpoint in itertools.islice(facts, 50):
        assert documents.document(endpoint) is not None
    assert documents.document.cache_info().currsize <= 8


async def test_a_document_is_served_by_its_endpoint(sandbox: Caller) -> None:
    url = f"{sandbox.base}/schema/api/openapi/queue/openapi.json"
    answer = await sandbox.http.get(url, params={"endpoint_id": KLING})
    assert answer.status_code == 200
    assert answer.json() == Documents(Facts()).document(KLING)


@pytest.mark.parametrize("asked", [{"endpoint_id": "no/such"}, {}, {"endpoint_id": "\x00../.."}])
async def test_no_document_is_404_with_null(sandbox: Caller, asked: dict[str, str]) -> None:
    answer = await sandbox.http.get(f"{sandbox.base}/schema/api/openapi/queue/openapi.json", params=asked)
    assert answer.status_code == 404
    assert answer.text == "null"


async def test_a_key_that_comes_to_the_schema_host_is_noted(sandbox: Caller) -> None:
    url = f"{sandbox.base}/schema/api/openapi/queue/openapi.json"
    await sandbox.http.get(url, params={"endpoint_id": KLING}, headers={"authorization": "Key a:b"})
    (leak,) = (await sandbox.ledger())["key_leaks"]
    assert leak["path"].startswith("/schema/")
    assert (await sandbox.http.get(f"{sandbox.base}/schema/elsewhere")).status_code == 404
    assert (await sandbox.http.post(url)).status_code == 405
