import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelroom.fal.media_search import find_media, known_media, sent_urls
from reelroom.fal.values import MediaFile

URL = "https://v3.fal.media/files/b/0a1b2c3d/clip.mp4"
OTHER = "https://v3.fal.media/files/b/0a1b2c3d/other.mp4"
PICTURE = "https://v3.fal.media/files/b/0a1b2c3d/still.png"

SHAPES = {
    "a file": {"video": {"url": URL}},
    "a file with a seed": {"video": {"url": URL}, "seed": 7, "prompt": "a fox"},
    "a list of files": {"video": [{"url": URL}]},
    "videos": {"videos": [{"url": URL}]},
    "an object under video_url": {"video_url": {"url": URL}},
    "a string under video_url": {"video_url": URL},
    "a preview": {"preview_video": {"url": URL}},
    "a plain string": {"video": URL},
    "a list of plain strings": {"video": [URL]},
    "an output string": {"output": URL},
    "an output list": {"output": [URL]},
    "an output object": {"output": {"video": {"url": URL}}},
    "outputs": {"outputs": [{"url": URL}]},
    "a file in a file": {"video": {"video": {"url": URL}}},
    "nulls around it": {"video": None, "videos": [], "output": "", "preview_video": {"url": URL}},
    "wrapped in data": {"data": {"video": {"url": URL}}},
    "wrapped twice": {"response": {"result": {"clips": [{"url": URL}]}}},
    "a webhook payload": {"status": "OK", "payload": {"video": {"url": URL}}},
    "unknown keys": {"a": {"b": [{"c": {"href": URL}}]}},
    "a list at the top": [{"url": URL}],
    "a string at the top": URL,
    "a picture beside it": {"thumbnail": {"url": PICTURE}, "clip": {"url": URL}},
}


@pytest.mark.parametrize("reply", SHAPES.values(), ids=SHAPES)
def test_every_shape_yields_the_same_clip(reply: object) -> None:
    assert find_media(reply) == (MediaFile(url=URL),)


def test_a_full_file_keeps_its_hints() -> None:
    reply = {
        "video": {
            "url": URL,
            "content_type": "video/mp4",
            "file_name": "../../\x1b[2Jclip.mp4",
            "file_size": 1234,
            "width": 1920,
            "height": 1080,
            "duration": 5,
            "fps": 24.5,
            "num_frames": 120,
        }
    }
    assert find_media(reply) == (
        MediaFile(URL, "video", "video/mp4", "../../␛[2Jclip.mp4", 1234, 1920, 1080, 5.0, 24.5),
    )


@pytest.mark.parametrize("wrong", ["12", -1, None, [], True, 1e400, float("nan"), {"a": 1}])
def test_a_wrong_hint_does_not_cost_the_clip(wrong: object) -> None:
    reply = {"video": {"url": URL, "file_size": wrong, "width": wrong, "duration": wrong, "fps": wrong}}
    (file,) = find_media(reply)
    assert (file.url, file.size, file.width, file.duration, file.fps) == (URL, None, None, None, None)


def test_several_clips_keep_their_order_and_come_once() -> None:
    reply = {"videos": [{"url": URL}, {"url": OTHER}, {"url": URL}]}
    assert [file.url for file in find_media(reply)] == [URL, OTHER]
    assert [file.url for file in find_media({"x": [OTHER, URL, OTHER]})] == [OTHER, URL]


def test_pictures_and_sounds_come_only_where_there_is_no_clip() -> None:
    picture = {"image": {"url": PICTURE}}
    sound = {"audio": {"url": "https://v3.fal.media/files/a.mp3"}}
    assert [file.kind for file in find_media(picture | sound)] == ["image"]
    assert [file.kind for file in find_media(sound)] == ["audio"]
    assert [file.kind for file in find_media(picture | sound | {"x": URL})] == ["video"]


def test_the_companions_of_a_clip_are_not_clips() -> None:
    reply = {
        "video": {"url": URL},
        "mask_video": {"url": OTHER},
        "exr_file": {"url": "https://a.fal.media/x.exr"},
    }
    assert find_media(reply) == (MediaFile(url=URL),)


def test_a_file_of_no_telling_kind_is_taken_for_a_clip() -> None:
    bare = "https://v3.fal.media/files/b/0a1b2c3d/Xyz"
    assert find_media({"thing": {"url": bare}})[0] == MediaFile(url=bare)
    elsewhere = {"thing": {"url": "https://cdn.example.com/Xyz", "content_type": "application/octet-stream"}}
    assert find_media(elsewhere)[0].kind == "video"


@pytest.mark.parametrize(
    "reply",
    [
        None,
        [],
        {},
        5,
        "text",
        {"video": None},
        {"videos": []},
        {"output": "a description of the clip"},
        {"has_nsfw_concepts": [True]},
        {"video": {"url": None}},
        {"video": {"url": "/files/x.mp4"}},
        {"docs": "https://docs.fal.ai/errors/#x"},
        {"zip": {"url": "https://v3.fal.media/x.zip"}},
        {"status_url": "https://queue.fal.run/a/b/requests/x/status", "detail": [{"url": URL}]},
        {"output": {"url": "https://v3.fal.media/x.json"}},
        {"video": "ftp://a.b/c.mp4"},
        {"url": "data:,plain"},
    ],
)
def test_what_is_no_media_is_not_found(reply: object) -> None:
    assert find_media(reply) == ()


def test_what_the_request_sent_is_never_its_result() -> None:
    sent = {"prompt": "x", "video_url": OTHER, "elements": [{"image_url": PICTURE}], "params": {"a": URL}}
    reply = {"video_url": OTHER, "echo": [PICTURE, OTHER, URL]}
    assert find_media(reply, sent_urls(sent)) == ()
    made = "https://v3.fal.media/files/made.mp4"
    assert [file.url for file in find_media(reply | {"made": made}, sent_urls(sent))] == [made]
    assert find_media({"input": {"video_url": OTHER}, "json_input": {"video": OTHER}}) == ()


def test_a_data_uri_is_a_result() -> None:
    uri = "data:video/mp4;base64,AAAAIGZ0eXA="
    assert find_media({"video": {"url": uri}}) == (MediaFile(url=uri),)
    assert find_media({"any": {"url": uri}}) == (MediaFile(url=uri),)


def test_a_url_with_odd_characters_becomes_ascii() -> None:
    (file,) = find_media({"video": {"url": " https://v3.fal.media/ü\u202e b.mp4\n"}})
    assert file.url == "https://v3.fal.media/%C3%BC%E2%80%AE%20b.mp4"


def test_an_output_that_is_a_picture_is_a_picture() -> None:
    assert known_media({"output": PICTURE}) == ()
    assert [file.kind for file in find_media({"output": PICTURE})] == ["image"]


def test_the_search_is_bounded_in_depth_and_number() -> None:
    deep: object = {"url": URL}
    for _ in range(100):
        deep = {"next": deep}
    assert find_media(deep) == ()
    assert find_media([0] * 50_000 + [{"url": URL}]) == ()
    assert len(find_media({"videos": [f"https://a.fal.media/{n}.mp4" for n in range(1_000)]})) == 200


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from([URL, PICTURE]),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(
            st.sampled_from(["url", "video", "videos", "output", "content_type", "x", "video_url"])
            | st.text(),
            inner,
        )
    ),
    max_leaves=30,
)


@given(JSON)
def test_any_json_is_searched_without_harm(reply: object) -> None:
    for file in find_media(json.loads(json.dumps(reply))):
        assert file.url.startswith(("http://", "https://", "data:"))
        assert file.url.isascii()
        assert file.url.isprintable()


@given(JSON, st.lists(st.sampled_from(["a", "b", "result", "data"]), min_size=1, max_size=10))
def test_a_clip_is_found_however_it_is_wrapped(beside: object, path: list[str]) -> None:
    wrapped: object = {"clip": {"url": "https://v3.fal.media/files/found.mp4"}, "0": beside}
    for key in path:
        wrapped = {key: wrapped}
    assert any(file.kind == "video" for file in find_media(wrapped))
