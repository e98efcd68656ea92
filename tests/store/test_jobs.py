import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from reelroom.store.errors import Ambiguous, NotAllowed, NotFound, RowRefused
from reelroom.store.ids import new_id
from reelroom.store.records import Document, Job, Output
from reelroom.store.states import EDGES, REOPEN, TERMINAL, HoldUp, JobState
from reelroom.store.store import Store, open_store

S = JobState
WAYS = {
    S.INTENT: [],
    S.SUBMITTING: [S.SUBMITTING],
    S.UNKNOWN: [S.SUBMITTING, S.UNKNOWN],
    S.QUEUED: [S.SUBMITTING, S.QUEUED],
    S.RUNNING: [S.SUBMITTING, S.QUEUED, S.RUNNING],
    S.CANCELLING: [S.SUBMITTING, S.QUEUED, S.CANCELLING],
    S.READY: [S.SUBMITTING, S.READY],
    S.DOWNLOADING: [S.SUBMITTING, S.READY, S.DOWNLOADING],
    S.SAVED: [S.SUBMITTING, S.READY, S.DOWNLOADING, S.SAVED],
    S.REJECTED: [S.SUBMITTING, S.REJECTED],
    S.FAILED: [S.SUBMITTING, S.FAILED],
    S.CANCELLED: [S.CANCELLED],
    S.EXPIRED: [S.SUBMITTING, S.QUEUED, S.EXPIRED],
    S.DISMISSED: [S.DISMISSED],
}


async def brought_to(store: Store, job: Job, state: JobState) -> Job:
    (job,) = await store.add_jobs([job])
    for step in WAYS[state]:
        job = await store.move(job.id, step)
    return job


def output(position: int, name: str) -> Output:
    return Output(media_id=new_id(1.0), position=position, url="https://v3.fal.media/x", file_name=name)


async def test_a_job_comes_back_as_it_was_given(path: Path, new_job: Callable[..., Job]) -> None:
    job = new_job(
        seed=2**64 - 1,
        estimate=Decimal("0.42"),
        cost=Decimal("1.000001"),
        billed=False,
        sender="boot:1:2",
        input='{"prompt": "a fox"}',
        outputs=(output(1, "b.mp4"), output(0, "a.mp4")),
    )
    async with open_store(path) as store:
        (kept,) = await store.add_jobs([job])
    assert [one.file_name for one in kept.outputs] == ["a.mp4", "b.mp4"]
    assert (kept.seed, kept.estimate, kept.cost) == (2**64 - 1, Decimal("0.42"), Decimal("1.000001"))
    assert str(kept.estimate) == "0.42"
    assert (kept.billed, kept.sender, kept.input) == (False, "boot:1:2", '{"prompt": "a fox"}')
    async with open_store(path) as store:
        assert await store.job(job.id) == kept


async def test_unknown_money_is_none_and_nothing_is_zero(path: Path, new_job: Callable[..., Job]) -> None:
    async with open_store(path) as store:
        unknown, free = await store.add_jobs([new_job(), new_job(estimate=Decimal(0), cost=Decimal(0))])
    assert (unknown.estimate, unknown.cost, unknown.billed) == (None, None, None)
    assert (free.estimate, free.cost) == (Decimal(0), Decimal(0))


async def test_jobs_of_the_same_moment_keep_the_order_in_which_they_were_asked_for(
    path: Path, new_job: Callable[..., Job]
) -> None:
    jobs = [new_job(prompt=str(number)) for number in range(20)]
    async with open_store(path) as store:
        await store.add_jobs(jobs)
        assert [job.prompt for job in await store.jobs()] == [str(number) for number in range(20)]
        assert [job.prompt for job in await store.jobs(limit=3)] == ["17", "18", "19"]


async def test_of_several_intents_all_are_kept_or_none(path: Path, new_job: Callable[..., Job]) -> None:
    twice = new_job()
    async with open_store(path) as store:
        with pytest.raises(RowRefused, match="already a job with this id"):
            await store.add_jobs([new_job(), twice, twice])
        assert await store.jobs() == []


async def test_a_new_job_can_only_be_an_intent(path: Path, new_job: Callable[..., Job]) -> None:
    async with open_store(path) as store:
        with pytest.raises(NotAllowed, match="begins as an intent"):
            await store.add_jobs([new_job(state=S.SAVED)])


@pytest.mark.parametrize("reopen", [False, True])
async def test_a_job_moves_along_the_drawn_edges_and_no_others(
    path: Path, new_job: Callable[..., Job], *, reopen: bool
) -> None:
    edges = REOPEN if reopen else EDGES
    async with open_store(path) as store:
        for old in S:
            job = await brought_to(store, new_job(), old)
            history = await store.events(job.id)
            for new in set(S) - edges.get(old, frozenset()):
                with pytest.raises(NotAllowed, match=f"“{old}” cannot become “{new}”"):
                    await store.move(job.id, new, reopen=reopen, detail="changed")
            assert await store.job(job.id) == job
            assert await store.events(job.id) == history
            for new in edges.get(old, ()):
                job = await brought_to(store, new_job(), old)
                assert (await store.move(job.id, new, reopen=reopen)).state is new


async def test_each_change_of_state_is_one_event_with_its_moment_and_words(
    path: Path, new_job: Callable[..., Job], clock: Callable[[], float]
) -> None:
    async with open_store(path, clock=clock) as store:
        (job,) = await store.add_jobs([new_job()])
        sent = await store.move(job.id, S.SUBMITTING)
        refused = await store.move(job.id, S.REJECTED, reason="balance", detail="The balance is used up.")
        history = await store.events(job.id)
    assert [event.state for event in history] == [S.INTENT, S.SUBMITTING, S.REJECTED]
    assert [event.kind for event in history] == ["state"] * 3
    assert history[-1].text == "The balance is used up."
    assert sent.submitted_at == sent.state_since == history[1].at
    assert sent.ended_at is None
    assert refused.ended_at == refused.state_since == history[2].at > sent.state_since
    assert refused.submitted_at == sent.submitted_at


async def test_a_move_clears_what_was_said_of_the_state_before(
    path: Path, new_job: Callable[..., Job]
) -> None:
    async with open_store(path) as store:
        job = await brought_to(store, new_job(), S.READY)
        held = await store.hold(job.id, HoldUp.DISK, "The disk is full.")
        moved = await store.move(job.id, S.DOWNLOADING)
    assert (held.hold_up, held.detail, held.state) == (HoldUp.DISK, "The disk is full.", S.READY)
    assert (moved.hold_up, moved.detail, moved.reason) == (None, None, None)


async def test_a_reason_that_is_not_on_the_list_is_refused(path: Path, new_job: Callable[..., Job]) -> None:
    async with open_store(path) as store:
        job = await brought_to(store, new_job(), S.RUNNING)
        with pytest.raises(TypeError, match="“runner_disconnected” is none of the reasons"):
            await store.move(job.id, S.FAILED, reason="runner_disconnected")
        with pytest.raises(TypeError, match="none of the reasons"):
            await store.update(job.id, reason="")
        assert (await store.job(job.id)).state is S.RUNNING


async def test_a_job_that_is_opened_again_has_no_end(path: Path, new_job: Callable[..., Job]) -> None:
    async with open_store(path) as store:
        job = await brought_to(store, new_job(), S.FAILED)
        again = await store.move(job.id, S.READY, reopen=True)
        assert (job.ended_at is None, again.ended_at) == (False, None)
        assert [one.id for one in await store.jobs(unfinished=True)] == [job.id]


async def test_a_hold_up_is_an_event_only_when_it_changes(path: Path, new_job: Callable[..., Job]) -> None:
    async with open_store(path) as store:
        job = await brought_to(store, new_job(), S.READY)
        for hold_up, words in (
            (HoldUp.NETWORK, "No answer."),
            (HoldUp.NETWORK, "No answer."),
            (HoldUp.NETWORK, "Still none."),
            (None, None),
            (None, None),
        ):
            job = await store.hold(job.id, hold_up, words)
        texts = [event.text for event in await store.events(job.id) if event.kind == "hold_up"]
    assert texts == ["network: No answer.", ""]
    assert (job.hold_up, job.detail) == (None, None)


async def test_nothing_holds_up_a_job_that_has_ended(path: Path, new_job: Callable[..., Job]) -> None:
    async with open_store(path) as store:
        job = await brought_to(store, new_job(), S.SAVED)
        with pytest.raises(NotAllowed, match="has ended"):
            await store.hold(job.id, HoldUp.DISK)
        assert await store.hold(job.id, None) == job


async def test_a_bill_that_comes_after_the_end_is_still_written_down(
    path: Path, new_job: Callable[..., Job]
) -> None:
    async with open_store(path) as store:
        job = await brought_to(store, new_job(), S.SAVED)
        billed = await store.update(job.id, cost=Decimal("0.35"), billed=True)
        assert await store.job(job.id) == billed
    assert (billed.cost, billed.billed, billed.state) == (Decimal("0.35"), True, S.SAVED)
    assert billed.state_since == job.state_since


@pytest.mark.parametrize("field", ["id", "state", "ended_at", "colour"])
async def test_fields_that_are_not_there_or_not_for_others_are_refused(
    path: Path, new_job: Callable[..., Job], field: str
) -> None:
    async with open_store(path) as store:
        (job,) = await store.add_jobs([new_job()])
        with pytest.raises(TypeError, match=field):
            await store.update(job.id, **{field: "x"})
        assert await store.job(job.id) == job


async def test_outputs_are_replaced_when_the_result_is_read_anew(
    path: Path, new_job: Callable[..., Job]
) -> None:
    async with open_store(path) as store:
        job = await brought_to(store, new_job(), S.SUBMITTING)
        first = await store.move(job.id, S.READY, outputs=(output(0, "a.mp4"), output(1, "b.mp4")))
        second = await store.update(job.id, outputs=(output(0, "a.mp4"),))
    assert [one.file_name for one in first.outputs] == ["a.mp4", "b.mp4"]
    assert [one.file_name for one in second.outputs] == ["a.mp4"]


async def test_an_absurd_size_in_a_reply_does_not_keep_the_result_from_being_kept(
    path: Path, new_job: Callable[..., Job]
) -> None:
    absurd = Output(media_id=new_id(1.0), position=0, url="u", file_name="a.mp4", size=10**30)
    async with open_store(path) as store:
        job = await brought_to(store, new_job(), S.SUBMITTING)
        assert (await store.move(job.id, S.READY, outputs=(absurd,))).outputs[0].size is None


async def test_two_jobs_never_promise_the_same_file_name(path: Path, new_job: Callable[..., Job]) -> None:
    async with open_store(path) as store:
        one = await brought_to(store, new_job(), S.SUBMITTING)
        other = await brought_to(store, new_job(), S.SUBMITTING)
        await store.move(one.id, S.READY, outputs=(output(0, "a.mp4"),))
        with pytest.raises(RowRefused, match="already promised a clip with this file name"):
            await store.move(other.id, S.READY, outputs=(output(0, "a.mp4"),))
        assert await store.job(other.id) == other


async def test_a_request_id_belongs_to_one_job_of_an_origin(path: Path, new_job: Callable[..., Job]) -> None:
    async with open_store(path) as store:
        one, other, elsewhere = await store.add_jobs([new_job(), new_job(), new_job(origin="fal:abc")])
        await store.update(one.id, request_id="req-1")
        await store.update(elsewhere.id, request_id="req-1")
        with pytest.raises(RowRefused, match="already has this request id"):
            await store.update(other.id, request_id="req-1")


async def test_the_newest_reply_of_a_kind_is_returned_and_none_is_overwritten(
    path: Path, new_job: Callable[..., Job]
) -> None:
    async with open_store(path) as store:
        (job,) = await store.add_jobs([new_job()])
        for number, kind in enumerate(["submit", "result", "result"]):
            await store.keep(reply(job, kind, f"body {number}"))
        assert await store.document(job.id, "result") == reply(job, "result", "body 2")
        assert await store.document(job.id, "submit") == reply(job, "submit", "body 0")
        assert await store.document(job.id, "listing") is None
        with pytest.raises(RowRefused, match="never changed"):
            await store._database.write(lambda c: c.execute("UPDATE document SET body = ''"))
        with pytest.raises(RowRefused, match="never changed"):
            await store._database.write(lambda c: c.execute("UPDATE event SET text = ''"))
        count = await store._database.read(lambda c: c.execute("SELECT count(*) FROM document").fetchone()[0])
    assert count == 3


@pytest.mark.parametrize(
    "body",
    ["", "\0", "not JSON \x1b[2J", "half a pair \ud83d", "x" * 5_000_000],
    ids=["empty", "a NUL", "an escape", "half a character", "5 MB"],
)
async def test_a_reply_is_kept_whatever_it_holds(path: Path, new_job: Callable[..., Job], body: str) -> None:
    async with open_store(path) as store:
        (job,) = await store.add_jobs([new_job()])
        await store.keep(reply(job, "submit", body))
        kept = await store.document(job.id, "submit")
    assert kept is not None
    assert kept.body == body.replace("\ud83d", "\\ud83d")


def reply(job: Job, kind: str, body: str) -> Document:
    return Document(job_id=job.id, kind=kind, status=200, body=body, file=None, received_at=5.0)


async def test_a_reply_to_no_job_is_refused(path: Path, new_job: Callable[..., Job]) -> None:
    async with open_store(path) as store:
        with pytest.raises(NotFound):
            await store.keep(reply(new_job(), "submit", ""))


async def test_notes_and_log_lines_join_the_history_in_order(path: Path, new_job: Callable[..., Job]) -> None:
    async with open_store(path) as store:
        (job,) = await store.add_jobs([new_job()])
        await store.note(job.id, "log", ["step 1", "step 2"])
        await store.note(job.id, "note", ["looked for it"])
        lines = [(event.kind, event.text) for event in await store.events(job.id)][1:]
    assert lines == [("log", "step 1"), ("log", "step 2"), ("note", "looked for it")]


async def test_a_job_is_found_by_its_id_its_beginning_its_end_and_its_request_id(
    path: Path, new_job: Callable[..., Job]
) -> None:
    one = new_job(id="0192aaaa-0000-7000-8000-00000000beef")
    other = new_job(id="0192bbbb-0000-7000-8000-00000000cafe")
    async with open_store(path) as store:
        await store.add_jobs([one, other])
        await store.update(other.id, request_id="Req-77")
        for text in (one.id, one.id.upper(), "0192a", "beef", " 0beef\n"):
            assert (await store.job(text)).id == one.id
        assert (await store.job("Req-77")).id == other.id
        with pytest.raises(Ambiguous, match=re.compile("more than one job.*aaaa.*bbbb|bbbb.*aaaa")):
            await store.job("0192")
        with pytest.raises(NotFound, match="at least 4 characters"):
            await store.job("019")
        for text in ("0193", "%%%%", "____", "' OR 1 --", "x" * 5000):
            with pytest.raises(NotFound, match="no job"):
                await store.job(text)


async def test_only_unfinished_jobs_of_an_origin_are_taken_up(
    path: Path, new_job: Callable[..., Job]
) -> None:
    async with open_store(path) as store:
        for state in S:
            await brought_to(store, new_job(prompt=state, origin="fal:abc"), state)
        await brought_to(store, new_job(), S.QUEUED)
        found = await store.jobs(unfinished=True, origin="fal:abc")
        assert [job.state for job in found] == [state for state in S if state not in TERMINAL]
        assert len(await store.jobs(unfinished=True)) == len(found) + 1
        assert len(await store.jobs(origin="sandbox")) == 1


async def test_each_committed_change_is_told_and_a_refused_one_is_not(
    path: Path, new_job: Callable[..., Job]
) -> None:
    async with open_store(path) as store, store.changes() as changes:
        (job,) = await store.add_jobs([new_job()])
        assert await anext(changes) == job
        with pytest.raises(NotAllowed):
            await store.move(job.id, S.SAVED)
        moved = await store.move(job.id, S.SUBMITTING)
        store.publish("half way", ("progress", job.id))
        assert [await anext(changes), await anext(changes)] == [moved, "half way"]


def test_ids_are_uuids_of_version_7_that_sort_by_time_and_do_not_repeat() -> None:
    moments = [1_760_000_000 + step / 1000 for step in range(100)]
    ids = [new_id(at) for at in moments]
    assert ids == sorted(ids)
    assert len({new_id(5.0) for _ in range(1000)}) == 1000
    pattern = r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
    assert all(re.fullmatch(pattern, new_id(at)) for at in [*moments, 0.0, -5.0, 1e18])
    assert int(new_id(1_760_000_000.123).replace("-", "")[:12], 16) == 1_760_000_000_123


async def test_drafts_outlive_the_program(path: Path) -> None:
    async with open_store(path) as store:
        assert await store.draft("prompt") is None
        await store.keep_draft("prompt", "a red fox")
        await store.keep_draft("prompt", "a red fox crosses")
    async with open_store(path) as store:
        assert await store.draft("prompt") == "a red fox crosses"
        await store.keep_draft("prompt", "")
        assert await store.draft("prompt") is None
