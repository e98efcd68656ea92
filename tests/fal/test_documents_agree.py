"""What a client reads in the sandbox's documents, and what it ships with: the same facts by two ways."""

import json
from collections.abc import Iterator

import pytest

from reelroom.fal.catalogue import Catalogue
from reelroom.fal.documents import read_document
from reelroom.fal.sandbox.documents import document
from reelroom.fal.sandbox.facts import Facts
from reelroom.fal.schema import Schema


@pytest.fixture(scope="module")
def both() -> dict[str, tuple[Schema, Schema]]:
    """The schema of each endpoint as its document says it, and as the catalogue has it."""
    shipped = {model.endpoint: model.schema for model in Catalogue.load().models}
    read = {entry["endpoint_id"]: read_document(json.dumps(document(entry))) for entry in Facts().entries()}
    assert read.keys() == shipped.keys()
    return {endpoint: (read[endpoint], shipped[endpoint]) for endpoint in read}


def differing(both: dict[str, tuple[Schema, Schema]], what: str) -> Iterator[tuple[str, str]]:
    for endpoint, (read, shipped) in both.items():
        for ours, theirs in zip(read.fields, shipped.fields, strict=True):
            if getattr(ours, what) != getattr(theirs, what):
                yield endpoint, ours.name


@pytest.mark.parametrize("what", ["name", "shape", "required", "default", "unit"])
def test_every_field_of_every_document_is_read_as_it_is_known(
    both: dict[str, tuple[Schema, Schema]], what: str
) -> None:
    assert list(differing(both, what)) == []
    assert sum(len(read.fields) for read, _ in both.values()) > 5_000


def test_only_prose_that_documents_do_not_have_is_not_read(both: dict[str, tuple[Schema, Schema]]) -> None:
    # A default that is not in the facts cannot be in a document made from them.
    left_out = list(differing(both, "default_omitted"))
    assert all(not both[endpoint][0].field(name).default_omitted for endpoint, name in left_out)  # type: ignore[union-attr]
    # Titles are names with capitals, which say nothing of what is an abbreviation.
    assert {name for _, name in differing(both, "label")} <= {
        "H264_output",
        "srt_content",
        "srt_file_url",
        "srt_role",
        "srt_url",
    }


def test_every_output_is_found_where_it_is_known_to_be(both: dict[str, tuple[Schema, Schema]]) -> None:
    for endpoint, (read, shipped) in both.items():
        assert read.output is not None, endpoint
        assert shipped.output is not None
        for what in ("path", "required", "kind"):
            assert getattr(read.output, what) == getattr(shipped.output, what), endpoint
