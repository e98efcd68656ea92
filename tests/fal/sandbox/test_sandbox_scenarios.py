"""Scenarios as a person writes them: what is taken, what is refused and why, and the packaged ones."""

import asyncio
import json
import re
from dataclasses import fields
from pathlib import Path

import httpx
import pytest

from reelroom.fal.sandbox.errors import NotAccepted
from reelroom.fal.sandbox.examples import names, open_scenario
from reelroom.fal.sandbox.fault import Fault
from reelroom.fal.sandbox.knobs import Knobs
from reelroom.fal.sandbox.ledger import Ledger
from reelroom.fal.sandbox.matcher import Matcher, Question
from reelroom.fal.sandbox.plan import Plan
from reelroom.fal.sandbox.scenario import STEPS, Scenario, Span, When, load, parse
from reelroom.fal.sandbox.settings import Settings
from reelroom.fal.sandbox.shapes import SHAPES

from .conftest import SMALL, TEXT, Caller, Start

ROWS = {3, *range(5, 31), 42}
"""The rows of the fault matrix that a network can cause; a crash or a disk causes the others."""


def test_every_network_row_of_the_matrix_has_an_example() -> None:
    rows = {int(name.split("-")[1]) for name in names() if name.startswith("row-")}
    assert rows == ROWS
    assert {"listing-late", "listing-off", "listing-partial", "rough-sea"} <= set(names())


@pytest.mark.parametrize("name", names())
def test_an_example_is_what_it_says_after_a_round_trip(name: str) -> None:
    scenario = open_scenario(name)
    assert scenario.about.endswith(".")
    assert scenario.rules or scenario.settings.away_s
    assert load(json.dumps(scenario.document()).encode()) == scenario


@pytest.mark.parametrize("name", names())
def test_every_rule_of_an_example_can_fire(name: str, tmp_path: Path) -> None:
    scenario = open_scenario(name)
    with Ledger(tmp_path / "ledger") as ledger:
        matcher = Matcher(ledger, Knobs(1.0), lambda: 100.0)
        matcher.set(scenario)
        for post in range(30):
            places = matcher.arrived("a/b", "a fox")
            for step in STEPS:
                for _ in range(22 if post == 0 else 3):
                    question = Question(
                        step=step, request_id=str(post), endpoint="a/b", submitted_at=99.0, places=places
                    )
                    if step == "request":
                        matcher.plan(str(post), question)
                    else:
                        matcher.fault(question)
        fired = ledger.report()["rules"]
        assert isinstance(fired, list)
        assert {rule["name"] for rule in fired} == {rule.name for rule in scenario.rules}


WRONG = {
    "what = 1": "A scenario has no field 'what'; it has about, settings, rule.",
    "settings = 3": "settings is '3'; a table is accepted.",
    "rule = 3": "rule is no list of tables",
    "rule = [3]": "rule 1 is '3'; a table is accepted.",
    "[settings]\nlag = 1": "settings has no field 'lag'; it has ",
    "[settings]\nlisting = 'yes'": "settings: listing is 'yes'; on, off or forbidden is accepted.",
    "[settings]\nlog_window_s = -1": "settings: log_window_s is '-1'; a number from 0 to",
    "[[rule]]\nstep = 'stat'": "rule 1: step is 'stat'; request, submit, status, ",
    "[[rule]]\nstep = 'status'\nqueue_s = 3": "rule 1 (step status) has no field 'queue_s'; it has before_s,",
    "[[rule]]\nstatus = 3": "rule 1 (step request) has no field 'status'; it has queue_s,",
    "[[rule]]\nstep = 'submit'\nnth = 3": "rule 1 has no field 'nth' at step submit; post counts",
    "[[rule]]\nnth = 0": "rule 1: nth is '0'; a number from 1, or",
    "[[rule]]\npost = '3-2'": "rule 1: post is '3-2'; a number from 1, or",
    "[[rule]]\npost = true": "rule 1: post is 'True'",
    "[[rule]]\nerror = 'oh'": "rule 1: error is 'oh'; a type that FAL documents is accepted",
    "[[rule]]\noutput = 'oh'": "rule 1: output is 'oh'; video, list, ",
    "[[rule]]\nerror_status = 99": "rule 1 (step request): error_status is '99'; a whole number from",
    "[[rule]]\nstep='media'\nheaders={content-length='3'}": "(the length is set by `length`)",
    "[[rule]]\nstep='media'\nheaders={'a b'='3'}": "rule 1 (step media): headers is",
    "[[rule]]\nstep='media'\nheaders={a=\"x\\ny\"}": "rule 1 (step media): headers is",
    "[[rule]]\nstep='media'\nbody='x'": "rule 1 (step media): body is 'x'; fal, own, html,",
    "[[rule]]\nstep='media'\ncut='x'": "rule 1 (step media): cut is 'x'; before, after or body is accepted.",
    "[[rule]]\nstep='media'\nacted=1": "rule 1 (step media): acted is '1'; true or false",
    "[[rule]]\nstep='media'\ndrop=[1]": "rule 1 (step media): drop is '[1]'; a list of",
    "[[rule]]\nlogs=-1": "rule 1 (step request): logs is '-1'; a whole number from 0 to 10000, or a list of",
    '[[rule]]\nqueue_s="\\u001b[31m"': "rule 1 (step request): queue_s is '?[31m'",
    "x": "The scenario is neither TOML nor JSON:",
    "{": "The scenario is neither TOML nor JSON:",
}


@pytest.mark.parametrize("words", WRONG)
def test_what_is_refused_is_named(words: str) -> None:
    with pytest.raises(NotAccepted) as refused:
        load(words.encode())
    assert WRONG[words] in str(refused.value)
    assert "\x1b" not in str(refused.value)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"#" * (2**20 + 1), b"{" + b'"a":[' * 100_000])
def test_what_is_no_scenario_at_all_is_refused(content: bytes) -> None:
    with pytest.raises(NotAccepted, match="The scenario "):
        load(content)


def test_a_scenario_has_so_many_rules_and_no_more() -> None:
    parse({"rule": [{}] * 200})
    with pytest.raises(NotAccepted, match="at most 200"):
        parse({"rule": [{}] * 201})


def test_a_file_that_cannot_be_read_is_said_together_with_what_there_is(tmp_path: Path) -> None:
    for name in (str(tmp_path), str(tmp_path / "none.toml"), "a\0b"):
        with pytest.raises(NotAccepted, match="row-03-lost-reply"):
            open_scenario(name)
    mine = tmp_path / "mine.toml"
    mine.write_text('[[rule]]\nendpoint = "fal-ai/*"\nqueue_s = 1\nlogs = ["one"]')
    (rule,) = open_scenario(str(mine)).rules
    assert rule.then == Plan(queue_s=1, logs=("one",))


def test_a_span_says_which() -> None:
    held = [
        [n for n in range(1, 8) if span.holds(n)]
        for span in (Span(), Span(3, 3), Span(2, 4), Span(3), Span(3, every=3))
    ]
    assert held == [[1, 2, 3, 4, 5, 6, 7], [3], [2, 3, 4], [3, 4, 5, 6, 7], [3, 6]]


async def test_a_scenario_is_set_read_and_ended_by_a_call(sandbox: Caller) -> None:
    url = f"{sandbox.base}/sandbox/scenario"
    assert (await sandbox.http.get(url)).json() == {"about": "", "settings": {}, "rule": []}
    toml = 'about = "x."\n[settings]\nlisting = "off"\n[[rule]]\nstep = "submit"\npost = 1\nstatus = 500\n'
    assert (await sandbox.http.put(url, content=toml)).status_code == 200
    told = (await sandbox.http.get(url)).json()
    assert told == {
        "about": "x.",
        "settings": {"listing": "off"},
        "rule": [{"name": "rule 1", "step": "submit", "post": "1-1", "status": 500}],
    }
    assert (await sandbox.http.post(f"{sandbox.base}/queue/{TEXT}", json=SMALL)).status_code == 500
    assert (await sandbox.ledger())["rules"] == [{"name": "rule 1", "step": "submit", "times": 1}]
    refused = await sandbox.http.put(url, content=b"[[rule]]\nstep = 'x'")
    assert refused.status_code == 422
    assert "rule 1: step is 'x'" in refused.json()["detail"]
    assert (await sandbox.http.get(url)).json() == told
    assert (await sandbox.http.delete(url)).status_code == 200
    assert (await sandbox.http.get(url)).json()["rule"] == []
    assert (await sandbox.ledger())["rules"] == []


async def test_a_plan_outlives_the_scenario_and_the_sandbox(start: Start) -> None:
    async with start() as sandbox:
        await sandbox.pace(queue_s=0, run_s=0.5)
        await sandbox.scenario({"output": "plain_url"})
        ticket = await sandbox.submit()
        await sandbox.http.delete(f"{sandbox.base}/sandbox/scenario")
    async with start() as sandbox:
        base = f"{sandbox.base}/queue/a/b/requests/{ticket['request_id']}"
        await sandbox.until({"status_url": f"{base}/status"}, "COMPLETED")
        assert list((await sandbox.http.get(base)).json()) == ["video_url"]


async def test_the_sandbox_can_be_away_for_a_while(sandbox: Caller) -> None:
    await sandbox.pace(queue_s=0, run_s=0)
    ticket = await sandbox.submit()
    await sandbox.scenario(away_s=0.5)
    await asyncio.sleep(0.2)
    with pytest.raises(httpx.TransportError):
        await sandbox.http.get(ticket["status_url"])
    with pytest.raises(httpx.ConnectError):
        await sandbox.http.get(ticket["status_url"])
    await asyncio.sleep(0.7)
    await sandbox.until(ticket, "COMPLETED")


@pytest.mark.parametrize(
    ("output", "where"),
    [
        ("video", ["video", "url"]),
        ("list", ["video", 0, "url"]),
        ("videos", ["videos", 2, "url"]),
        ("bare_url", ["video", "url"]),
        ("plain_url", ["video_url"]),
        ("nulls", ["video", "url"]),
        ("wrong_type", ["video", "url"]),
        ("wrong_size", ["video", "url"]),
        ("data_uri", ["video", "url"]),
        ("nested", ["output", "clips", 0, "result", "video", "url"]),
        ("array", [0, "url"]),
        ("blank", ["video", "url"]),
        ("companions", ["video", "url"]),
        ("null", None),
        ("empty", None),
        ("nothing", None),
        ("missing_url", None),
        ("null_url", None),
        ("text", None),
        ({"mine": {"deep": ["$url", "$size", "$seed", "x"]}}, ["mine", "deep", 0]),
    ],
)
async def test_a_result_has_the_form_that_is_named(
    sandbox: Caller, output: object, where: list[str | int] | None
) -> None:
    await sandbox.pace(queue_s=0, run_s=0)
    await sandbox.scenario({"output": output})
    ticket = await sandbox.submit()
    await sandbox.until(ticket, "COMPLETED")
    answer = await sandbox.http.get(ticket["response_url"])
    found = answer.json()
    if where is None:
        assert "http://" not in answer.text
        return
    for step in where:
        found = found[step]
    if output == "data_uri":
        assert found.startswith("data:video/mp4;base64,AAAA")
    else:
        assert (await sandbox.http.get(found)).headers["content-type"] == "video/mp4"


def test_scenarios_compare_by_value() -> None:
    assert parse({}) == Scenario()


def test_the_page_about_scenarios_names_every_field_and_every_example() -> None:
    page = (Path(__file__).parents[3] / "docs/sandbox.md").read_text()
    named = set(re.findall(r"`([\w-]+)`", page))
    known = {each.name for kind in (Settings, When, Plan, Fault) for each in fields(kind)}
    assert known | set(names()) | set(SHAPES) | set(STEPS) <= named


def test_every_setting_that_stands_for_an_open_question_is_named_beside_it() -> None:
    page = (Path(__file__).parents[3] / "docs/unverified.md").read_text()
    tests_alone = {"away_s", "stream_tick_s", "platform_key", "upload_token_s", "upload_largest"}
    hooks = {"webhook_tries", "webhook_wait_s"}
    known = {each.name for each in fields(Settings)} - tests_alone - hooks
    assert known <= set(re.findall(r"`(\w+)`", page))
