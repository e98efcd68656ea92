"""The catalogue brought up to date from what FAL lists."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reelroom.fal import refresh as module
from reelroom.fal.catalogue import FILE, Catalogue
from reelroom.fal.errors import NotKept, NotUnderstood, Unreachable
from reelroom.fal.platform_values import Listed
from reelroom.fal.refresh import is_due, refresh

KLING = "fal-ai/kling-video/v2.5-turbo/pro/text-to-video"
NOW = 1_800_000_000.0


def document(endpoint: str, *, output: str = "video", **properties: Any) -> str:
    def schema(of: dict[str, Any]) -> dict[str, Any]:
        return {"content": {"application/json": {"schema": {"type": "object", "properties": of}}}}

    file = {"type": "object", "properties": {"url": {"type": "string"}, "file_size": {"type": "integer"}}}
    return json.dumps(
        {
            "openapi": "3.0.4",
            "paths": {
                f"/{endpoint}": {"post": {"requestBody": schema(properties)}},
                f"/{endpoint}/requests/{{request_id}}": {
                    "get": {"responses": {"200": schema({output: file})}}
                },
            },
        }
    )


def listed(endpoint: str, category: str = "text-to-video", **properties: Any) -> Listed:
    properties = properties or {"prompt": {"type": "string"}}
    return Listed(
        endpoint, "A name", category=category, status="active", document=document(endpoint, **properties)
    )


class Fal:
    """Lists what it is given, and then fails if it is told to."""

    def __init__(self, *entries: Listed, error: Exception | None = None) -> None:
        self._entries = entries
        self._error = error

    async def models(self, *, schemas: bool = False) -> AsyncIterator[Listed]:
        assert schemas
        for entry in self._entries:
            yield entry
        if self._error is not None:
            raise self._error


def everything() -> list[Listed]:
    """All that shipped, as FAL would list it."""
    return [Listed(endpoint, endpoint, status="active") for endpoint in Catalogue.load().shipped.listings]


def clock() -> float:
    return NOW


async def test_what_is_new_is_found_by_a_name_of_its_own(tmp_path: Path) -> None:
    entry = replace(listed("kling/v4/text-to-video", length={"type": "integer"}), description="Newer.\x1b[2J")
    done = await refresh(Fal(*everything(), entry), tmp_path, clock)
    assert (done.listed, done.new, done.gone) == (551 + 1 - 0, ("kling/v4/text-to-video",), ())
    catalogue = Catalogue.load(tmp_path)
    model = catalogue.find("kling/v4/text-to-video")
    assert (model.name, model.task, model.fields) == ("Kling 4 Text", "text-to-video", ("length",))
    assert model.tagline == "Newer.␛[2J"
    assert model.price.usd is None
    assert catalogue.find("kling-4-text") is model
    assert catalogue.as_of == NOW
    assert catalogue.models[:62] == catalogue.featured


async def test_what_fal_changed_holds_and_what_it_no_longer_lists_is_marked(tmp_path: Path) -> None:
    before = Catalogue.load()
    done = await refresh(
        Fal(listed(KLING, prompt={"type": "string"}, seconds={"type": "integer"})), tmp_path, clock
    )
    after = Catalogue.load(tmp_path)
    assert after.find(KLING).fields == ("prompt", "seconds")
    assert after.find(KLING).price == before.find(KLING).price
    assert after.find("veo-3.1").fields == before.find("veo-3.1").fields
    assert not after.find("veo-3.1").listed
    assert "fal-ai/veo3.1" in done.gone
    assert [model.endpoint for model in after.models if model.listed] == [KLING]


async def test_an_endpoint_that_came_and_went_stays_readable(tmp_path: Path) -> None:
    await refresh(Fal(listed("acme/new"), listed(KLING)), tmp_path, clock)
    name = Catalogue.load(tmp_path).find("acme/new").name
    for _ in range(2):
        done = await refresh(Fal(listed(KLING)), tmp_path, clock)
        model = Catalogue.load(tmp_path).find("acme/new")
        assert (model.name, model.listed, model.fields) == (name, False, ("prompt",))
    assert done.gone == ()
    done = await refresh(Fal(listed("acme/new"), listed(KLING)), tmp_path, clock)
    assert Catalogue.load(tmp_path).find(name).listed
    assert done.new == ()


async def test_a_deprecated_endpoint_is_kept_and_not_counted(tmp_path: Path) -> None:
    old = replace(listed("acme/old"), status="deprecated")
    done = await refresh(Fal(listed(KLING), old), tmp_path, clock)
    assert done.listed == 1
    assert not Catalogue.load(tmp_path).find("acme/old").listed


async def test_what_makes_no_video_is_left_out(tmp_path: Path) -> None:
    picture = listed("acme/picture", "text-to-image", output="image")
    odd = [Listed("../etc/passwd", ""), Listed("acme/none", ""), replace(picture, document="{}")]
    await refresh(Fal(listed(KLING), picture, *odd), tmp_path, clock)
    assert set(Catalogue.load(tmp_path).fresh.listings) == {KLING}  # type: ignore[union-attr] # just written


async def test_a_document_that_cannot_be_read_leaves_what_was_known(tmp_path: Path) -> None:
    await refresh(Fal(listed("acme/new"), listed(KLING, x={})), tmp_path, clock)
    broken = [replace(listed(name), document="<html>") for name in ("acme/new", KLING, "fal-ai/veo3.1")]
    done = await refresh(Fal(listed("acme/other"), *broken), tmp_path, clock)
    catalogue = Catalogue.load(tmp_path)
    assert done.unread == 3
    assert catalogue.find("acme/new").fields == ("prompt",)
    assert catalogue.find(KLING).fields == ("x",)
    assert catalogue.find("veo-3.1").listed


@pytest.mark.parametrize("error", [Unreachable("no network"), NotUnderstood("an endless listing")])
async def test_a_listing_that_breaks_off_changes_nothing(tmp_path: Path, error: Exception) -> None:
    await refresh(Fal(listed(KLING)), tmp_path, clock)
    before = (tmp_path / FILE).read_bytes()
    with pytest.raises(type(error)):
        await refresh(Fal(listed("acme/new"), error=error), tmp_path, clock)
    assert (tmp_path / FILE).read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


async def test_a_listing_without_video_changes_nothing(tmp_path: Path) -> None:
    with pytest.raises(NotUnderstood, match="no model that makes video"):
        await refresh(Fal(), tmp_path, clock)
    assert list(tmp_path.iterdir()) == []


async def test_a_listing_has_a_largest_size(tmp_path: Path) -> None:
    many = (listed(f"acme/n{number}") for number in range(module.MOST + 1))
    with pytest.raises(NotUnderstood, match="more than a catalogue holds"):
        await refresh(Fal(*many), tmp_path, clock)


async def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    with pytest.raises(NotKept, match=r"catalogue\.jsonl"):
        await refresh(Fal(listed(KLING)), tmp_path / "data", clock)


async def test_the_kept_file_is_for_this_user_alone(tmp_path: Path) -> None:
    await refresh(Fal(listed(KLING)), tmp_path, clock)
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600


async def test_it_is_due_once_a_day_and_for_each_origin(tmp_path: Path) -> None:
    assert is_due(tmp_path, "fal", NOW)
    await refresh(Fal(listed(KLING)), tmp_path, clock)
    assert not is_due(tmp_path, "fal", NOW + 3600)
    assert is_due(tmp_path, "fal", NOW + 90_000)
    assert is_due(tmp_path, "fal", NOW - 3600)
    assert is_due(tmp_path, "http://127.0.0.1:1", NOW)
    (tmp_path / FILE).write_bytes(b"\xff")
    assert is_due(tmp_path, "fal", NOW)
