"""The index beside the lines, and the names that it holds."""

import json
import re
from pathlib import Path

import pytest

from reelroom.fal.catalogue import FILE, Catalogue, UnknownModel
from reelroom.fal.naming import name_for, short_name
from reelroom.fal.schema import Schema
from reelroom.fal.shelf import Damaged, Listing, Shelf, written
from tests.fal.make_index import DATA, index

KLING = "fal-ai/kling-video/v2.5-turbo/pro/text-to-video"


def listing(endpoint: str, name: str = "New One") -> Listing:
    return Listing(endpoint, name, "Maker", "New", "text-to-video", None, "told by FAL", True, 0, 0)


def line(endpoint: str, **properties: object) -> bytes:
    return json.dumps({"endpoint_id": endpoint, "input": {"properties": properties}}).encode()


def kept(folder: Path, *entries: tuple[Listing, bytes], gone: tuple[str, ...] = ()) -> Catalogue:
    """The catalogue with what FAL has listed since."""
    (folder / FILE).write_bytes(written(entries, as_of=2e9, origin="fal", gone=gone))
    return Catalogue.load(folder)


def test_the_index_belongs_to_the_lines_as_they_are() -> None:
    assert (DATA / "endpoints-index.json").read_bytes() == index()


def test_every_line_is_found_by_the_index() -> None:
    shelf = Shelf.shipped()
    assert len(shelf.listings) == 551
    for endpoint in shelf.listings:
        assert shelf.entry(endpoint)["endpoint_id"] == endpoint


def test_the_index_is_a_small_part_of_the_lines() -> None:
    sizes = [(DATA / name).stat().st_size for name in ("endpoints-index.json", "featured-models.json")]
    assert sum(sizes) < (DATA / "endpoints.jsonl").stat().st_size / 8


def test_every_model_has_a_task_an_input_and_an_output_with_a_video() -> None:
    for model in Catalogue.load().models:
        assert model.task
        assert model.fields
        assert model.schema.output is not None
        assert model.schema.output.path.endswith("url")
        assert model.name == " ".join(model.name.split())


def test_a_price_is_dated_wherever_one_is_known() -> None:
    for model in Catalogue.load().models:
        price = model.price
        known = bool(price.table or price.usd)
        assert (model.tier > 0) == bool(model.tagline)
        assert known == (price.confidence != "unknown")
        assert not known or (price.as_of or "") > "2026"


@pytest.mark.parametrize(
    ("endpoint", "vendor", "family", "name"),
    [
        ("fal-ai/kling-video/v2.6/pro/text-to-video", "Kuaishou", "Kling 2.6", "Kling 2.6 Pro"),
        ("fal-ai/kling-video/o3/4k/image-to-video", "Kuaishou", "Kling O3", "Kling O3 4K Image"),
        ("fal-ai/bytedance/seedance/v1/pro/text-to-video", "ByteDance", "Seedance 1", "Seedance 1 Pro"),
        ("fal-ai/wan-22-vace-fun-a14b/depth", "Alibaba", "Wan 2.2", "Wan 2.2 VACE Fun A14B Depth"),
        ("fal-ai/ltx23-trainer-v2/ic-lora/v2v", "Lightricks", "LTX 2.3", "LTX 2.3 Trainer 2 IC LoRA V2V"),
        ("fal-ai/ffmpeg-api/merge-videos", "fal", "Video tools", "Ffmpeg API Merge Videos"),
        ("kling/v4/text-to-video", "", "", "Kling 4 Text"),
        ("acme/new-thing", "", "", "New Thing"),
    ],
)  # fmt: skip
def test_a_name_is_made_of_the_id_and_its_family(endpoint: str, vendor: str, family: str, name: str) -> None:
    assert name_for(endpoint, vendor, family, ()) == name


def test_a_name_that_is_taken_says_more_and_at_the_last_is_the_id() -> None:
    endpoint, taken = "acme/new-thing/text-to-video", set[str]()
    names = []
    for _ in range(4):
        names.append(name_for(endpoint, "", "", taken))
        taken.add(short_name(names[-1]))
    assert len(set(names)) == 4
    assert names[0] == "New Thing"
    assert names[-1] in (endpoint, "New Thing Text To Video")


def test_no_name_of_the_catalogue_had_to_be_an_id() -> None:
    for model in Catalogue.load().models:
        assert re.fullmatch(r"[a-z0-9][a-z0-9.-]*", model.short), model.endpoint


def test_a_listed_endpoint_that_the_program_does_not_know_is_found_by_its_name(tmp_path: Path) -> None:
    catalogue = kept(tmp_path, (listing("acme/new-one"), line("acme/new-one", prompt={"type": "string"})))
    assert len(catalogue.models) == 552
    model = catalogue.find("new-one")
    assert (model.endpoint, model.tagline, model.fields) == ("acme/new-one", "told by FAL", ("prompt",))
    assert model.price.usd is None
    assert catalogue.as_of == 2e9


def test_what_fal_lists_now_holds_and_our_names_and_prices_stay(tmp_path: Path) -> None:
    shipped = Catalogue.load().find(KLING)
    fresh = kept(
        tmp_path, (listing(KLING), line(KLING, prompt={"type": "string"}, length={"type": "integer"}))
    )
    model = fresh.find("kling-2.5-turbo-pro")
    assert model.fields == ("prompt", "length")
    assert (model.price, model.name) == (shipped.price, shipped.name)


def test_an_endpoint_that_disappeared_stays_readable(tmp_path: Path) -> None:
    catalogue = kept(tmp_path, gone=(KLING, "acme/never-heard"))
    model = catalogue.find(KLING)
    assert not model.listed
    assert model.fields == Catalogue.load().find(KLING).fields


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{}",
        '{"schema_version": 2}',
        "{" * 50_000,
        '{"schema_version": 1, "index": [[1]]}',
        "\0",
    ],
)
def test_a_kept_file_that_is_none_is_left_aside(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    assert len(Catalogue.load(tmp_path).models) == 551
    with pytest.raises(Damaged):
        Shelf.opened(tmp_path / FILE)


def test_a_kept_file_that_was_replaced_meanwhile_falls_back_to_what_was_shipped(tmp_path: Path) -> None:
    catalogue = kept(
        tmp_path, (listing(KLING), line(KLING, prompt={}, x={})), (listing("a/b"), line("a/b", y={}))
    )
    (tmp_path / FILE).write_bytes(b"another file\n" * 100)
    assert catalogue.find(KLING).fields == Catalogue.load().find(KLING).fields
    assert catalogue.find("a/b").schema == Schema()
    (tmp_path / FILE).unlink()
    assert catalogue.find("alibaba/wan-3.0/text-to-video").accepts("seed")


def test_a_model_more_is_found_like_the_others() -> None:
    catalogue = Catalogue.load()
    with pytest.raises(UnknownModel):
        catalogue.find("acme/new")
    more = catalogue.adding(Catalogue.load().find(KLING))
    assert more.find(KLING).endpoint == KLING
