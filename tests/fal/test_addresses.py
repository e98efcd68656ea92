import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelroom.fal.errors import ForeignAddress, NotSent, NotUnderstood
from reelroom.fal.hosts import Hosts
from reelroom.fal.policy import checked_api_url, checked_media_url, make_ticket, owner_and_alias

FAL = Hosts.fal()
BOX = Hosts.at("http://127.0.0.1:8123")
ID = "764cabcf-b745-4b3e-ae38-1200304cf45b"
KLING = "fal-ai/kling-video/v2.5-turbo/pro/text-to-video"


def test_one_base_stands_for_every_host() -> None:
    assert BOX.queue == "http://127.0.0.1:8123/queue"
    assert BOX.platform == "http://127.0.0.1:8123/v1"
    assert BOX.loopback
    assert not FAL.loopback
    assert Hosts.at("https://proxy.example.com/fal/").cdn == "https://proxy.example.com/fal/cdn"
    assert not Hosts.at("https://proxy.example.com").loopback


@pytest.mark.parametrize(
    "base", ["http://localhost:1", "http://127.0.0.9:65535/x", "http://[::1]:80", "https://a.b"]
)
def test_these_bases_are_taken(base: str) -> None:
    assert Hosts.at(base).base == base


@pytest.mark.parametrize(
    "base",
    [
        "http://fal.example.com",
        "http://192.168.1.2",
        "http://127.1",
        "http://2130706433",
        "http://0x7f.1",
        "ftp://127.0.0.1",
        "http://user:word@127.0.0.1",
        "http://127.0.0.1@evil.com",
        "http://127.0.0.1\\@e.com",
        "127.0.0.1:80",
        "",
        "http://127.0.0.1:99999",
        "http://127.0.0.1:0",
        "http://127.0.0.1/?x=1",
        "http://",
        "http://127.0.0.1 ",
        "http://127.0.0.1/\n",
        "http://localhost.evil.com",
        "http://[::ffff:10.0.0.1]",
    ],
)
def test_these_bases_are_refused(base: str) -> None:
    with pytest.raises(ForeignAddress):
        Hosts.at(base)


def test_a_kept_sandbox_url_moves_to_the_present_port() -> None:
    assert BOX.rebase("http://127.0.0.1:7/cdn/a.mp4?x=1") == "http://127.0.0.1:8123/cdn/a.mp4?x=1"
    assert BOX.rebase("http://localhost:7/cdn/a.mp4") == "http://127.0.0.1:8123/cdn/a.mp4"
    for url in ("https://v3.fal.media/a.mp4", "http://10.0.0.1/a", "nonsense", "data:video/mp4,x"):
        assert BOX.rebase(url) == url
    assert FAL.rebase("http://127.0.0.1:7/a") == "http://127.0.0.1:7/a"


@pytest.mark.parametrize(
    "url",
    [
        "https://v3.fal.media/files/a.mp4",
        "https://v3b.fal.media/files/b/0a1b2c3d/x.mp4?sig=a#t=1",
        "https://storage.googleapis.com/my_bucket/a%20b.mp4",
        "https://8.8.8.8/a.mp4",
        "https://cdn.example.com:8443/",
    ],
)
def test_media_is_fetched_from_public_hosts(url: str) -> None:
    assert checked_media_url(FAL, url) == url


HOSTILE = [
    "http://v3.fal.media/a.mp4",
    "https://localhost/a",
    "https://127.0.0.1/a",
    "https://10.1.2.3/a",
    "https://169.254.169.254/latest",
    "https://[::1]/a",
    "https://[::ffff:127.0.0.1]/a",
    "https://[64:ff9b::7f00:1]/",
    "https://2130706433/a",
    "https://0x7f.1/a",
    "https://127.1/a",
    "https://0177.0.0.1/a",
    "https://1.2.3.4.5/a",
    "https://v3.fal.media@127.0.0.1/a",
    "https://u:p@v3.fal.media/a",
    "https://v3.fal.media\\@evil.com/a",
    "https://printer.local/a",
    "https://router.lan/",
    "https://db.internal/a",
    "https://intranet/a",
    "file:///etc/passwd",
    "ftp://v3.fal.media/a",
    "//v3.fal.media/a",
    "javascript:alert(1)",
    "",
    "https:///a",
    "https://v3.fal.media /a",
    "https://v3.fal.media:99999/a",
    "https://v3.fal.media\n/a",
    "https://a..com/b",
    "https://exämple.com/a",
    "https://v3.fal.media./a",
    "https://0.0.0.0/a",
    "https://224.0.0.1/a",
]


@pytest.mark.parametrize("url", HOSTILE)
def test_media_is_fetched_from_nowhere_else(url: str) -> None:
    with pytest.raises(ForeignAddress):
        checked_media_url(FAL, url)


def test_a_loopback_base_allows_its_exact_origin_alone() -> None:
    assert checked_media_url(BOX, "http://127.0.0.1:8123/cdn/a.mp4")
    for url in ("http://127.0.0.1:8124/a", "http://localhost:8123/a", "https://127.0.0.1:8123/a"):
        with pytest.raises(ForeignAddress):
            checked_media_url(BOX, url)


@pytest.mark.parametrize("url", [*HOSTILE, "https://v3.fal.media/files/a", "https://fal.ai/api/openapi"])
def test_the_key_never_goes_to_another_address(url: str) -> None:
    with pytest.raises(ForeignAddress):
        checked_api_url(FAL, url)


@pytest.mark.parametrize(
    "path",
    ["/../cdn/a", "/a/../../cdn/x", "//evil.com/", "/a//b", "/a/./b", "/a\\b", "/a b", "/a/%2e%2e/b?x=/../"],
)
def test_no_path_climbs_out_of_the_api_with_the_key(path: str) -> None:
    if path.startswith("/a/%2e"):
        path += "#"
    with pytest.raises(ForeignAddress):
        checked_api_url(BOX, BOX.queue + path)


def test_fals_own_urls_are_followed() -> None:
    own = f"https://queue.fal.run/fal-ai/other-app/requests/{ID}"
    ticket = make_ticket(
        FAL, KLING, ID, status_url=f"{own}/status", response_url=f"{own}/response", cancel_url=f"{own}/cancel"
    )
    assert (ticket.status_url, ticket.response_url, ticket.cancel_url) == (
        f"{own}/status",
        f"{own}/response",
        f"{own}/cancel",
    )


@pytest.mark.parametrize(
    "url",
    [
        f"https://evil.com/fal-ai/x/requests/{ID}/status",
        f"http://queue.fal.run/fal-ai/x/requests/{ID}/status",
        f"https://queue.fal.run@evil.com/a/b/requests/{ID}/status",
        f"https://queue.fal.run:444/a/requests/{ID}/status",
        "https://queue.fal.run/fal-ai/x/requests/another-id/status",
        f"https://queue.fal.run/requests/../{ID}/status",
        f"https://queue.fal.run/a/b/requests/{ID}/cancel",
        f"https://queue.fal.run.evil.com/a/b/requests/{ID}/status",
        None,
        5,
        "",
        "\x00",
        {"url": "x"},
        f"https://queue.fal.run/a/b/requests/{ID}/status?next=https://evil.com",
    ],
)
def test_any_other_status_url_is_rebuilt_and_logged(url: object, caplog: pytest.LogCaptureFixture) -> None:
    ticket = make_ticket(FAL, KLING, ID, status_url=url)
    assert len(caplog.records) == (url is not None)
    assert "\x00" not in caplog.text
    assert ticket.status_url == f"https://queue.fal.run/fal-ai/kling-video/requests/{ID}/status"


def test_the_urls_of_a_sandbox_job_move_with_it() -> None:
    ticket = make_ticket(
        BOX, KLING, ID, response_url=f"http://127.0.0.1:9/queue/fal-ai/kling-video/requests/{ID}"
    )
    assert ticket.response_url == f"http://127.0.0.1:8123/queue/fal-ai/kling-video/requests/{ID}"


def test_a_namespace_is_a_part_of_the_owner() -> None:
    assert owner_and_alias("workflows/me/flow/sub") == "workflows/me/flow"
    assert owner_and_alias("fal-ai/veo3.1/fast") == "fal-ai/veo3.1"


@pytest.mark.parametrize(
    "endpoint", ["", "veo", "/a/b", "a//b", "a/../b", "https://evil.com/a", "a/b c", "a/b\n", "ä/b"]
)
def test_what_is_no_endpoint_is_not_sent(endpoint: str) -> None:
    with pytest.raises(NotSent):
        owner_and_alias(endpoint)


@pytest.mark.parametrize("request_id", ["", "..", ".", "a b", "a\nb", "\x1b[2J", "x" * 201, "ü"])
def test_what_is_no_request_id_is_not_understood(request_id: str) -> None:
    with pytest.raises(NotUnderstood):
        make_ticket(FAL, KLING, request_id)


@given(st.text(min_size=1, max_size=20))
def test_no_request_id_leaves_its_place_in_the_path(request_id: str) -> None:
    try:
        ticket = make_ticket(FAL, KLING, request_id)
    except NotUnderstood:
        return
    assert checked_api_url(FAL, ticket.status_url)
    assert ticket.status_url.count("/") == 7


@given(st.text(max_size=40))
def test_the_policy_has_one_answer_for_any_text(text: str) -> None:
    for url in (text, f"https://{text}", f"https://v3.fal.media{text}"):
        try:
            checked = checked_media_url(FAL, url)
        except ForeignAddress:
            continue
        assert checked == url
        assert checked.isascii()
        assert checked.isprintable()
