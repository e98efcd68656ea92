"""Files on the command line: which field each goes to, and what is refused before anything is uploaded."""

import hashlib
import io
from pathlib import Path

import pytest
from PIL import Image

from reelroom.fal.catalogue import Catalogue, Model
from reelroom.fal.places import field_for
from reelroom.tui.cli.attachments import Attachments, several, with_urls
from reelroom.tui.cli.ending import Code, Stop
from reelroom.tui.cli.orders import read_plan
from reelroom.tui.cli.parser import parse
from reelroom.tui.studio.orders import Order
from tests.tui.cli.script import KLING

IMAGE = "kling-3-pro-image"
SEVERAL = "alibaba/happy-horse/reference-to-video"
STRANGER = "a/b/c"


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue.load().adding(Model(endpoint=STRANGER, name="Stranger", short=STRANGER, known=False))


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    return picture(tmp_path / "photo.jpg")


def picture(path: Path, width: int = 640, height: int = 480) -> Path:
    # Saved by its content: the name may say something else.
    held = io.BytesIO()
    Image.new("RGB", (width, height), "red").save(held, "JPEG")
    path.write_bytes(held.getvalue())
    return path


def stand_in(path: Path) -> str:
    return f"https://upload.invalid/{hashlib.sha256(path.read_bytes()).hexdigest()}.jpg"


def ordered(catalogue: Catalogue, *given: str, files: Attachments | None = None) -> list[Order]:
    plan = read_plan(parse(["generate", "a fox", *given], "0"), catalogue, files or Attachments())
    plan.demand(skip=False)
    return plan.orders


def refusal(catalogue: Catalogue, *given: str) -> str:
    files = Attachments()
    with pytest.raises(Stop) as caught:
        ordered(catalogue, *given, files=files)
    assert caught.value.code is Code.USAGE
    assert str(caught.value).endswith(" Nothing was sent.")
    return str(caught.value)


def test_image_goes_to_the_field_that_the_clip_begins_with(catalogue: Catalogue, photo: Path) -> None:
    files = Attachments()
    (order,) = ordered(catalogue, "-m", IMAGE, "--image", str(photo), files=files)
    assert order.input["start_image_url"] == stand_in(photo)
    assert [source.path for source in files.sources.values()] == [photo]


def test_a_model_that_takes_a_list_of_images_gets_a_list_of_one(catalogue: Catalogue, photo: Path) -> None:
    (order,) = ordered(catalogue, "-m", SEVERAL, "--image", str(photo))
    assert order.input["image_urls"] == [stand_in(photo)]


def test_every_model_with_a_first_image_is_offered_its_own_field(catalogue: Catalogue) -> None:
    chosen = {model.endpoint: field_for(model.schema, "first") for model in catalogue.models}
    assert chosen["fal-ai/kling-video/v3/standard/image-to-video"].name == "start_image_url"
    assert chosen["fal-ai/veo3.1/lite/first-last-frame-to-video"].name == "first_frame_url"
    assert chosen["fal-ai/kling-video/v2.5-turbo/pro/image-to-video"].name == "image_url"
    assert chosen["fal-ai/kling-video/o3/standard/reference-to-video"].name == "start_image_url"
    assert chosen["fal-ai/sam2/video"] is None
    assert chosen[KLING] is None
    for model in catalogue.models:
        required = [f.name for f in model.schema.fields if f.required and f.upload == "image"]
        if len(required) == 1:
            assert chosen[model.endpoint].name == required[0], model.endpoint


def test_a_file_that_is_named_twice_is_looked_at_and_sent_once(catalogue: Catalogue, photo: Path) -> None:
    files = Attachments()
    given = ["--image", str(photo), "--set", f"end_image_url=@{photo}", "--count", "3"]
    orders = ordered(catalogue, "-m", IMAGE, *given, files=files)
    assert len(files.sources) == 1
    for order in orders:
        assert order.input["start_image_url"] == order.input["end_image_url"] == stand_in(photo)


def test_a_file_can_be_for_one_model_alone(catalogue: Catalogue, photo: Path) -> None:
    image, text = ordered(catalogue, "-m", IMAGE, "-m", KLING, "--set", f"{IMAGE}:start_image_url=@{photo}")
    assert image.input["start_image_url"] == stand_in(photo)
    assert "start_image_url" not in text.input


@pytest.mark.parametrize("way", ["commas", "repeated", "json"])
def test_a_list_takes_several_files(catalogue: Catalogue, tmp_path: Path, way: str) -> None:
    one, two = picture(tmp_path / "one, too.jpg"), picture(tmp_path / "two.jpg", 500)
    url = "https://example.com/three.png"
    given = {
        "commas": ["--set", f"image_urls=@{one},@{two},{url}"],
        "repeated": [
            "--set",
            f"image_urls=@{one}",
            "--set",
            f"image_urls=@{two}",
            "--set",
            f"image_urls={url}",
        ],
        "json": ["--set", f'image_urls=["@{one}", "@{two}", "{url}"]'],
    }[way]
    (order,) = ordered(catalogue, "-m", SEVERAL, *given)
    assert order.input["image_urls"] == [stand_in(one), stand_in(two), url]


def test_a_comma_is_part_of_a_name_unless_an_entry_follows() -> None:
    assert several("@a, b.png,@c.png") == ["@a, b.png", "@c.png"]
    assert several("@a,b") == ["@a,b"]
    assert several("@a,https://x/y,z.png") == ["@a", "https://x/y,z.png"]


def test_a_file_inside_an_object_is_found_by_the_schema(catalogue: Catalogue, photo: Path) -> None:
    assert "elements" in catalogue.find(IMAGE).fields
    value = f'[{{"frontal_image_url": "@{photo}", "reference_image_urls": ["@{photo}"]}}]'
    (order,) = ordered(catalogue, "-m", IMAGE, "--image", str(photo), "--set", f"elements={value}")
    (element,) = order.input["elements"]
    assert element == {"frontal_image_url": stand_in(photo), "reference_image_urls": [stand_in(photo)]}


def test_a_text_may_begin_with_an_at_where_no_file_is_taken(catalogue: Catalogue) -> None:
    (order,) = ordered(catalogue, "-m", KLING, "--set", "negative_prompt=@blur\x1b[2J")
    assert order.input["negative_prompt"] == "@blur␛[2J"


def test_a_doubled_at_is_one_at_of_a_text(catalogue: Catalogue) -> None:
    assert "URL of an image" in refusal(catalogue, "-m", IMAGE, "--set", "start_image_url=@@photo.jpg")


def test_a_model_whose_fields_are_not_known_takes_a_file_anywhere(catalogue: Catalogue, photo: Path) -> None:
    (order,) = ordered(catalogue, "-m", STRANGER, "--set", f"anything=@{photo}", "--set", "other=@@x")
    assert (order.input["anything"], order.input["other"]) == (stand_in(photo), "@x")


def test_a_file_can_go_inside_the_request_where_that_is_asked_for(catalogue: Catalogue, photo: Path) -> None:
    files = Attachments()
    (order,) = ordered(catalogue, "-m", IMAGE, "--set", f"start_image_url=@data:{photo}", files=files)
    assert str(order.input["start_image_url"]).startswith("data:image/jpeg;base64,/9j/")
    assert files.sources == {}
    with photo.open("ab") as file:
        file.write(bytes(300_000))
    assert "inside the request" in refusal(catalogue, "-m", IMAGE, "--set", f"start_image_url=@data:{photo}")


def test_what_does_not_fit_is_named_with_field_file_and_what_is_accepted(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    small = picture(tmp_path / "small.jpg", 640, 20)
    wide = picture(tmp_path / "wide.jpg", 3000, 400)
    clip = tmp_path / "clip.jpg"
    clip.write_bytes(b"\0\0\0\x18ftypisom" + bytes(100))
    text = tmp_path / "notes.jpg"
    text.write_text("hello")
    large = picture(tmp_path / "large.jpg")
    with large.open("ab") as file:
        file.truncate(11_000_000)
    model, field = "Kling 3 Pro Image", "Start_image_url"
    for path, said in {
        small: f"{field}: small.jpg has a height of 20 pixels; {model} takes 300 pixels at least.",
        wide: f"{field}: wide.jpg has a width to height of 7.5; {model} takes 0.4 to 2.5.",
        clip: f"{field}: clip.jpg is video/mp4; {model} takes an image there.",
        text: f"{field}: notes.jpg is of no kind that is known here; {model} takes an image there.",
        large: f"{field}: large.jpg has a size of 11.0 MB; {model} takes 10.5 MB at most.",
        tmp_path / "nope.jpg": "nope.jpg cannot be read: no such file or directory.",
        tmp_path: f"{tmp_path.name} cannot be read: is a directory.",
    }.items():
        for given in (["--image", str(path)], ["--set", f"start_image_url=@{path}"]):
            assert refusal(catalogue, "-m", IMAGE, *given) == f"{said} Nothing was sent."


def test_a_model_that_takes_no_such_file_says_so(catalogue: Catalogue, photo: Path) -> None:
    said = refusal(catalogue, "-m", KLING, "--image", str(photo))
    assert said == "Kling 2.5 Turbo Pro: first image: it takes none. Nothing was sent."
    said = refusal(catalogue, "-m", "fal-ai/sam2/video", "--image", str(photo))
    assert "first image: it takes none, its files are video_url, mask_url." in said
    said = refusal(catalogue, "-m", STRANGER, "--image", str(photo))
    assert said.startswith("Stranger: first image: its fields are not known here.")
    said = refusal(catalogue, "-m", IMAGE, "--set", f"picture_url=@{photo}")
    assert "has no field picture_url (it takes start_image_url, end_image_url" in said
    said = refusal(catalogue, "-m", IMAGE, "-m", KLING, "--image", str(photo))
    assert said.startswith("Kling 2.5 Turbo Pro: first image: it takes none.")


def test_one_field_is_not_given_in_two_ways(catalogue: Catalogue, photo: Path) -> None:
    given = ["--image", str(photo), "--set", f"start_image_url=@{photo}"]
    assert "which --set names too" in refusal(catalogue, "-m", IMAGE, *given)


def test_values_are_still_checked_when_files_are_fine(catalogue: Catalogue, photo: Path) -> None:
    assert "Duration 17" in refusal(catalogue, "-m", IMAGE, "--image", str(photo), "--set", "duration=17")


def test_urls_take_the_places_of_the_stand_ins_and_nothing_else_changes() -> None:
    value = {"a": "s1", "b": ["s2", {"c": "s1", "d": 5}], "e": "s1 and more", "f": None}
    assert with_urls(value, {"s1": "u1", "s2": "u2"}) == {
        "a": "u1", "b": ["u2", {"c": "u1", "d": 5}], "e": "s1 and more", "f": None,
    }  # fmt: skip


def test_first_last_and_reference_images_go_where_the_model_has_them(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    first, last = picture(tmp_path / "a.jpg"), picture(tmp_path / "b.jpg", 700)
    files = Attachments()
    given = ["--image", str(first), "--last-image", str(last)]
    image, between = ordered(
        catalogue, "-m", IMAGE, "-m", "fal-ai/veo3.1/first-last-frame-to-video", *given, files=files
    )
    assert (image.input["start_image_url"], image.input["end_image_url"]) == (stand_in(first), stand_in(last))
    assert between.input["first_frame_url"] == stand_in(first)
    assert between.input["last_frame_url"] == stand_in(last)
    assert len(files.sources) == 2
    given = ["--ref", str(first), "--ref", "https://example.com/three.png"]
    (order,) = ordered(catalogue, "-m", SEVERAL, *given)
    assert order.input["image_urls"] == [stand_in(first), "https://example.com/three.png"]


def test_a_file_that_no_model_takes_is_not_uploaded(catalogue: Catalogue, tmp_path: Path) -> None:
    small, photo = picture(tmp_path / "small.jpg", 640, 20), picture(tmp_path / "photo.jpg")
    files = Attachments()
    asked = parse(["generate", "a fox", "-m", IMAGE, "-m", KLING, "--image", str(small)], "0")
    plan = read_plan(asked, catalogue, files)
    assert plan.orders == []
    assert [made.model.short for made in plan.unfit] == [IMAGE, "kling-2.5-turbo-pro"]
    assert files.sources == {}
    assert ordered(catalogue, "-m", IMAGE, "--image", str(photo), files=files)
    assert [source.path for source in files.sources.values()] == [photo]
