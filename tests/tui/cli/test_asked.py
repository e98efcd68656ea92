"""An endpoint id that no catalogue has: FAL is asked for its fields."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from reelroom.fal.catalogue import Catalogue
from reelroom.fal.errors import UnknownModel
from reelroom.fal.hosts import Hosts
from reelroom.tui.cli.asked import with_models
from reelroom.tui.cli.place import Place
from tests.tui.cli.script import KLING, Reelroom

DATA = Path(__file__).parents[2] / "fal" / "data"
WAN = (DATA / "fal-ai__wan__v2.7__image-to-video.json").read_bytes()


class _Schemas(BaseHTTPRequestHandler):
    """Serves one document for every id of `acme`, and 404 for the others."""

    def do_GET(self) -> None:
        known = "/schema/api/openapi/queue/openapi.json?endpoint_id=acme%2F" in self.path
        body = b"null" if not known else b"<html>" if "broken" in self.path else WAN
        self.send_response(200 if known else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the base class
        pass


@contextmanager
def schemas() -> Iterator[str]:
    """A base URL whose schema host knows the endpoints of `acme`."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Schemas) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def nowhere() -> Place:
    raise AssertionError("nobody had to be asked")


def at(base: str) -> Place:
    return Place(base, Hosts.at(base), None)


def test_what_the_catalogue_has_needs_nobody() -> None:
    catalogue = Catalogue.load()
    assert with_models(catalogue, [KLING, "veo-3.1"], nowhere) is catalogue


def test_the_fields_of_a_new_endpoint_come_from_fal_and_its_price_stays_unknown() -> None:
    with schemas() as base:
        catalogue = with_models(Catalogue.load(), ["acme/new/thing"], lambda: at(base))
    model = catalogue.find("acme/new/thing")
    assert model.known
    assert model.uploads["image_url"] == "image"
    assert model.offers("resolution") == ("720p", "1080p")
    assert model.price.usd is None


def test_what_fal_does_not_know_is_no_model() -> None:
    with (
        schemas() as base,
        pytest.raises(UnknownModel, match=r"There is no model 'fal-ai/veo3\.2'") as caught,
    ):
        with_models(Catalogue.load(), ["fal-ai/veo3.2"], lambda: at(base))
    assert "veo-3.1" in caught.value.near


@pytest.mark.parametrize("name", ["acme/broken", "acme/away"])
def test_where_fal_does_not_answer_the_fields_are_not_known(name: str) -> None:
    with schemas() as base:
        place = at(base if name == "acme/broken" else "http://127.0.0.1:1")
        model = with_models(Catalogue.load(), [name], lambda: place).find(name)
    assert not model.known
    assert model.fields == ()


@pytest.mark.parametrize("name", ["klinng", "acme/../x", "acme/new"])
def test_without_a_fal_to_ask_and_for_what_is_no_id_there_is_no_model(name: str) -> None:
    with pytest.raises(UnknownModel):
        with_models(Catalogue.load(), [name], lambda: Place("sandbox", None, None))


def test_a_schema_of_a_new_endpoint_is_shown(reelroom: Reelroom) -> None:
    with schemas() as base:
        ended = reelroom.at(REELROOM_FAL_URL=base).run("schema", "acme/new")
    assert ended.code == 0
    assert "price unknown" in ended.out
    assert "image_url" in ended.out
    assert "acme/new" in ended.out.splitlines()[0]


def test_a_wrong_value_for_a_new_endpoint_ends_with_2_and_nothing_is_sent(reelroom: Reelroom) -> None:
    with schemas() as base:
        there = reelroom.at(REELROOM_FAL_URL=base)
        ended = there.run("generate", "a fox", "-m", "acme/new", "--set", "resolution=8k")
    assert ended.code == 2
    assert "Resolution 8k is not offered by acme/new: 720p or 1080p. Nothing was sent." in ended.err
    assert list(reelroom.home.iterdir()) == []
