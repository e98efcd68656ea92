"""`models` and `schema`, as a person and as a script reads them."""

import json
from pathlib import Path

import pytest

from reelroom.fal.catalogue import FILE, Catalogue
from reelroom.fal.shelf import Listing, written
from reelroom.tui.cli.models import TASKS, age
from reelroom.tui.cli.ranking import measure, ranked
from tests.tui.cli.script import KLING, Reelroom


def kept(home: Path, origin: str = "fal") -> None:
    """A listing of FAL's with one model, kept in a home."""
    (home / "data").mkdir(parents=True)
    listing = Listing("acme/new", "New Thing", "Acme", "", "text-to-video", None, "Told by FAL", True, 0, 0)
    line = json.dumps({"endpoint_id": "acme/new", "input": {"properties": {"prompt": {"type": "string"}}}})
    data = written([(listing, line.encode())], as_of=2e9, origin=origin, gone=[KLING])
    (home / "data" / FILE).write_bytes(data)


def test_every_task_has_a_heading() -> None:
    assert {model.task for model in Catalogue.load().models} == set(TASKS)


def test_a_pipe_gets_all_models_the_featured_first(reelroom: Reelroom) -> None:
    ended = reelroom.run("models")
    lines = ended.out.splitlines()
    assert ended.code == 0
    assert len([line for line in lines if line.startswith("  ")]) == 551
    assert lines[0] == "Text to video"
    assert lines[1].split()[0] == "veo-3.1"
    assert lines[1].split()[-1] == "fal-ai/veo3.1"
    assert lines.index("Alibaba") > lines.index("Sound")
    assert "551 models, as they were on 27 Aug 2026" in ended.err
    assert list(reelroom.home.iterdir()) == []


def test_a_terminal_gets_the_featured_ones_and_is_told_of_the_others(reelroom: Reelroom) -> None:
    code, seen = reelroom.run_on_terminal("models")
    assert code == 0
    assert seen.count(b"\r\n") < 62 + len(TASKS) + 8
    assert b"And 489 more" in seen
    code, seen = reelroom.run_on_terminal("models", "wan", "2.2")
    assert b"wan-2.2-a14b" in seen
    assert b"more:" not in seen


def test_a_search_and_a_task_narrow_the_list(reelroom: Reelroom) -> None:
    objects = reelroom.run("models", "hailuo", "--task", "image-to-video", "--json").objects
    assert {one["task"] for one in objects} == {"image-to-video"}
    assert {one["vendor"] for one in objects} == {"MiniMax"}
    assert objects[0]["short"] == "hailuo-2.3-pro-image"
    assert objects[0]["price"]["usd"] == 0.49
    assert objects[-1]["price"] == {
        "unit": None,
        "usd": None,
        "table": [],
        "as_of": None,
        "confidence": "unknown",
    }
    ended = reelroom.run("models", "no such thing")
    assert (ended.code, ended.out) == (0, "")
    assert "No model matches" in ended.err


def test_what_fal_has_listed_since_is_shown_with_its_age(reelroom: Reelroom) -> None:
    kept(reelroom.home)
    ended = reelroom.run("models", "new", "thing")
    assert "acme/new" in ended.out
    assert "552 models, as FAL listed them" in ended.err
    assert "no longer listed" in reelroom.run("models", KLING).out
    assert reelroom.run("schema", "new-thing").code == 0


def test_the_age_names_where_a_listing_is_from(tmp_path: Path) -> None:
    kept(tmp_path, "http://127.0.0.1:9")
    catalogue = Catalogue.load(tmp_path / "data")
    assert age(catalogue, 2e9 + 120).endswith("as FAL listed them at http://127.0.0.1:9 2 minutes ago.")


def test_a_damaged_listing_is_left_aside(reelroom: Reelroom) -> None:
    (reelroom.home / "data").mkdir(parents=True)
    (reelroom.home / "data" / FILE).write_bytes(b"\x00" * 100)
    ended = reelroom.run("models", "--json")
    assert (ended.code, len(ended.objects)) == (0, 551)


def test_a_refresh_without_a_key_says_what_is_missing(reelroom: Reelroom) -> None:
    ended = reelroom.run("models", "--refresh")
    assert ended.code == 3
    assert "There is no key to ask FAL with" in ended.err
    assert ended.out == ""


def test_a_refresh_that_reaches_nobody_ends_with_5_and_keeps_what_there_was(reelroom: Reelroom) -> None:
    ended = reelroom.at(REELROOM_FAL_URL="http://127.0.0.1:1").run("models", "--refresh")
    assert ended.code == 5
    assert not (reelroom.home / "data" / FILE).exists()


@pytest.mark.slow
def test_a_refresh_keeps_what_the_sandbox_lists(there: Reelroom) -> None:
    ended = there.run("models", "--refresh", "veo-3.1", "--json")
    assert ended.code == 0, ended.err
    assert "models that make video" in ended.err
    assert ended.objects[0]["endpoint_id"] == "fal-ai/veo3.1"
    assert ended.objects[0]["required"] == ["prompt"]
    fresh = Catalogue.load(there.home / "data")
    assert fresh.fresh is not None
    shipped = Catalogue.load()
    for model in fresh.featured:
        assert model.fields == shipped.find(model.endpoint).fields, model.endpoint
        assert model.required == shipped.find(model.endpoint).required, model.endpoint


def test_a_schema_shows_each_field_with_what_it_takes(reelroom: Reelroom) -> None:
    ended = reelroom.run("schema", "kling-3-pro-image")
    assert ended.code == 0
    lines = {line.split()[0]: line for line in ended.out.splitlines() if line.strip()}
    assert "image to video · Kuaishou · 11.2–19.6 ¢ a second" in ended.out
    assert "at most 10.5 MB; width at least 300 px" in lines["start_image_url*"]
    assert "choice      3 to 15 seconds; default 5" in lines["duration"]
    assert lines["prompt"].split() == ["prompt", "text", "at", "most", "2500", "characters"]
    assert "  frontal_image_url" in ended.out
    assert "Gives video.url." in ended.out


def test_every_schema_can_be_shown() -> None:
    from reelroom.tui.cli.schema import show
    from tests.tui.cli.streams import Streams

    for model in Catalogue.load().models:
        streams = Streams()
        show(streams.terminal, model)
        for name in model.fields:
            assert name in streams.put
        assert max(map(len, streams.put.splitlines())) <= 130, model.endpoint


def test_a_schema_as_json_is_one_object(reelroom: Reelroom) -> None:
    (told,) = reelroom.run("schema", "Kling 2.5 Turbo Pro", "--json").objects
    assert told["endpoint_id"] == KLING
    assert told["input"]["properties"]["duration"]["enum"] == ["5", "10"]
    assert told["input"]["required"] == ["prompt"]
    assert told["output"]["path"] == "video.url"
    assert told["known"] is True


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["schema"], "MODEL"),
        (["schema", "klinng-2.5-turbo-pro"], "Near it: kling-2.5-turbo-pro"),
        (["schema", "acme/none"], "There is no model 'acme/none'"),
        (["schema", "\x1b[2J"], "␛[2J"),
    ],
)
def test_a_model_that_is_none_is_a_sentence(reelroom: Reelroom, words: list[str], said: str) -> None:
    ended = reelroom.run(*words)
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err
    assert "\x1b" not in ended.err


def test_models_by_price_begin_with_the_cheapest_and_end_with_the_unknown(reelroom: Reelroom) -> None:
    objects = reelroom.run("models", "--sort", "price", "--json").objects
    assert len(objects) == 551
    known = [one["clip_usd"] for one in objects if one["clip_usd"] is not None]
    assert len(known) > 40
    assert known == sorted(known)
    assert [one["clip_usd"] for one in objects[: len(known)]] == known
    told = {one["endpoint_id"]: one["clip_usd"] for one in objects}
    assert (told["fal-ai/veo3.1"], told[KLING]) == (3.2, 0.35)
    lines = reelroom.run("models", "hailuo", "--sort", "price", "--task", "text-to-video").out.splitlines()
    assert lines[0].split()[:2] == ["hailuo-2.3-standard", "≈$0.28"]
    assert "unknown" in lines[-1]


def test_models_by_name_are_in_the_order_of_the_alphabet(reelroom: Reelroom) -> None:
    names = [one["name"] for one in reelroom.run("models", "kling", "--sort", "name", "--json").objects]
    assert names == sorted(names, key=str.casefold)
    assert reelroom.run("models", "--sort", "size").code == 2


def test_models_by_speed_begin_with_the_quickest_of_ones_own_history() -> None:
    catalogue = Catalogue.load()
    veo, kling, wan = (catalogue.find(name) for name in ("veo-3.1", KLING, "alibaba/wan-3.0/text-to-video"))
    rows = ranked([veo, kling, wan], "speed", {veo.endpoint: 64.0, wan.endpoint: 12.5})
    assert [(one.model.endpoint, measure(one, "speed")) for one in rows] == [
        (wan.endpoint, "≈12 s"),
        (veo.endpoint, "≈1 m 04 s"),
        (KLING, "never run here"),
    ]


def test_a_library_without_a_history_knows_no_speed(reelroom: Reelroom) -> None:
    ended = reelroom.run("models", "veo", "--sort", "speed", "--json")
    assert (ended.code, {one["usual_seconds"] for one in ended.objects}) == (0, {None})
