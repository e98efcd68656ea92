"""Engines with a known fault, listed before the proof is run: each must be caught by a test of `make test`.

A mutant is a copy of the sources in which one piece of text is another; the named test is run against it.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

ROOT = Path(__file__).parent.parent.parent
STUDIO = "tests/studio"
STORE = "tests/store"


class Change(Protocol):
    """One place of the sources, and what stands there in a mutant."""

    @property
    def name(self) -> str: ...
    @property
    def file(self) -> str: ...
    @property
    def old(self) -> str: ...
    @property
    def new(self) -> str: ...


def plant(change: Change, folder: Path) -> None:
    """The changed copy, as the package that stands before the installed one."""
    for package in ("fal", "store", "tui"):
        skipped = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / package, folder / "reelroom" / package, ignore=skipped)
    path = folder / "reelroom" / change.file
    source = path.read_text()
    assert source.count(change.old) == 1, f"{change.file} no longer holds what “{change.name}” changes"
    path.write_text(source.replace(change.old, change.new))


@dataclass(frozen=True, slots=True)
class Mutant:
    """A fault: where it is, and the cheapest test that must find it."""

    name: str
    file: str
    old: str
    new: str
    test: str
    """A file of tests, and after a blank the words that choose among them."""

    def lives(self) -> str | None:
        """What the test says if it does not find the fault; None where it is found."""
        with tempfile.TemporaryDirectory() as folder:
            plant(self, Path(folder))
            file, _, words = self.test.partition(" ")
            asked = [
                sys.executable,
                "-m",
                "pytest",
                "-q",
                "-x",
                "--timeout=20",
                "-p",
                "no:cacheprovider",
                file,
            ]
            environ = {name: os.environ[name] for name in ("PATH", "LANG", "HOME") if name in os.environ}
            ran = subprocess.run(
                [*asked, *(["-k", words] if words else [])],
                env=environ | {"PYTHONPATH": folder},
                cwd=ROOT,
                capture_output=True,
                text=True,
                check=False,
                timeout=300,
            )
        return None if ran.returncode == 1 else ran.stdout[-2000:] or ran.stderr[-2000:]


MUTANTS = (
    Mutant(
        "sends again what may have been sent before a kill",
        "tui/studio/send.py",
        '    return await _unknown(rig, job, "left_while_sending", detail)',
        "    return await send(rig, await rig.store.move(job.id, JobState.INTENT))",
        f"{STUDIO}/test_killed_and_taken_up.py submitting",
    ),
    Mutant(
        "sends again when no answer came",
        "tui/studio/send.py",
        '        return await _unknown(rig, job, "no_answer", str(error)), 0.0\n',
        "        return await rig.store.move(job.id, JobState.INTENT), 0.0\n",
        f"{STUDIO}/test_sending.py may_have_arrived",
    ),
    Mutant(
        "sends again after a 5xx",
        "tui/studio/send.py",
        '        return await _unknown(rig, job, "unclear_answer", str(error)), 0.0\n',
        "        return await rig.store.move(job.id, JobState.INTENT), 0.0\n",
        f"{STUDIO}/test_sending.py may_have_arrived",
    ),
    Mutant(
        "commits that it sends after it has sent",
        "tui/studio/send.py",
        "    job = await rig.store.move(job.id, JobState.SUBMITTING, submitted_at=rig.clock.now())\n",
        "    await rig.fal.submit(job.endpoint, json.loads(job.input), spill=rig.spill(job))\n"
        "    job = await rig.store.move(job.id, JobState.SUBMITTING, submitted_at=rig.clock.now())\n",
        f"{STUDIO}/test_a_prompt_becomes_a_clip.py row_exists_before",
    ),
    Mutant(
        "forgets the raw reply of a submit",
        "tui/studio/send.py",
        "        kept = await keeper.keep(reply)\n",
        "        kept = reply\n",
        f"{STUDIO}/test_killed_and_taken_up.py submit.kept",
    ),
    Mutant(
        "forgets the raw result",
        "tui/studio/follow.py",
        "        reply = await rig.with_room(job, lambda: keeper.keep(reply))\n"
        '        rig.step("result.kept")\n',
        '        rig.step("result.kept")\n',
        f"{STUDIO}/test_old_failures.py without_media",
    ),
    Mutant(
        "forgets the reply that was written down beside a full database",
        "tui/studio/send.py",
        "    if written is not None and written.status != TOO_MANY:\n",
        "    if written is not None and written.status == TOO_MANY:\n",
        f"{STUDIO}/test_without_room.py written_down",
    ),
    Mutant(
        "sends without asking whether there is room",
        "tui/studio/send.py",
        "    await _find_room(rig, job)\n",
        "",
        f"{STUDIO}/test_without_room.py intent_waits",
    ),
    Mutant(
        "takes orders that the disk cannot hold",
        "tui/studio/intents.py",
        "    await settled(in_thread(refuse_without_room, rig.library, rig.store.journal, clips))\n",
        "",
        f"{STUDIO}/test_without_room.py refuses_new_orders",
    ),
    Mutant(
        "forgets the budget",
        "tui/studio/intents.py",
        "for order in orders], await _caps(rig, orders)\n",
        "for order in orders], []\n",
        f"{STUDIO}/test_budgets.py over_its_budget",
    ),
    Mutant(
        "writes the row before the file has its name",
        "tui/studio/save.py",
        "await settled(in_thread(_publish, rig, job, output, media))\n",
        "await rig.store.save(job.id, [media])\n"
        "        await settled(in_thread(_publish, rig, job, output, media))\n",
        "tests/faults/test_parts_left_by_a_kill.py no_row_says",
    ),
    Mutant(
        "does not adopt a file that is there",
        "tui/studio/save.py",
        "await adopt(rig, output) or await tries.download()",
        "await tries.download()",
        "tests/faults/test_points.py renamed-1",
    ),
    Mutant(
        "downloads in the open",
        "store/library.py",
        'self.path(f".{media_id}.part")',
        'self.path(f"{media_id}.part")',
        f"{STORE}/test_library.py hidden_until",
    ),
    Mutant(
        "does not bring the clip to the disk",
        "store/parts.py",
        "            os.fsync(self._descriptor)\n",
        "            pass\n",
        "tests/faults/test_matrix.py row_36",
    ),
    Mutant(
        "does not bring the name to the disk",
        "store/renaming.py",
        "        os.fsync(descriptor)\n",
        "        pass\n",
        "tests/faults/test_matrix.py row_36",
    ),
    Mutant(
        "trusts SQLite without a sync",
        "store/opening.py",
        '    connection.execute("PRAGMA synchronous = FULL")\n    # Before',
        '    connection.execute("PRAGMA synchronous = OFF")\n    # Before',
        f"{STORE}/test_opening.py survive_a_power_cut",
    ),
    Mutant(
        "leaves the second name of a sidecar",
        "tui/studio/save.py",
        "        library.drop_unfinished_sidecar(output.file_name)\n",
        "        pass\n",
        "tests/faults/test_parts_left_by_a_kill.py sidecar",
    ),
    Mutant(
        "overwrites another file",
        "store/renaming.py",
        "        link(source, target)\n",
        "        source.replace(target)\n        return\n",
        f"{STORE}/test_library.py never_replaces",
    ),
    Mutant(
        "forgets the first part of a clip in its digest",
        "tui/studio/download.py",
        "    digest = await settled(in_thread(_digest, part))\n    meter",
        "    digest = hashlib.sha256()\n    meter",
        "tests/faults/test_matrix.py row_21",
    ),
    Mutant(
        "forgets what a part is a part of",
        "tui/studio/download.py",
        "        await _mark(rig, job, replace(output, etag=body.etag))\n",
        "        pass\n",
        f"{STUDIO}/test_old_failures.py by_range_and_etag",
    ),
    Mutant(
        "takes a page for a clip",
        "tui/studio/download.py",
        "    check_whole(part.path)\n    facts",
        "    facts",
        f"{STUDIO}/test_old_failures.py page_instead or half_a_file",
    ),
    Mutant(
        "downloads without an end",
        "tui/studio/download.py",
        "    if total > LARGEST:\n",
        "    if total < 0:\n",
        f"{STUDIO}/test_when_things_fail_in_turn.py no_clip_can_be",
    ),
    Mutant(
        "saves only where a project is set",
        "tui/studio/save.py",
        "    if job.state is JobState.READY:\n",
        "    if job.project_id is None:\n"
        "        return await rig.store.move(job.id, JobState.FAILED, reason='no_project')\n"
        "    if job.state is JobState.READY:\n",
        f"{STUDIO}/test_old_failures.py no_project",
    ),
    Mutant(
        "keeps the first of several clips",
        "tui/studio/promise.py",
        'return [file for file in files if file.kind == "video"]',
        'return [file for file in files if file.kind == "video"][:1]',
        f"{STUDIO}/test_a_prompt_becomes_a_clip.py several_clips",
    ),
    Mutant(
        "sends what an earlier process left unsent",
        "tui/studio/studio.py",
        "mine = [job for job in found if send_unsent or job.id in self._made or not self.is_unsent(job)]",
        "mine = list(found)",
        f"{STUDIO}/test_killed_and_taken_up.py waits_for_a_person",
    ),
    Mutant(
        "claims a request that another job has",
        "tui/studio/listing.py",
        "for past in listed if past.request_id not in claimed]\n",
        "for past in listed]\n",
        "tests/faults/test_parts_left_by_a_kill.py not_hidden",
    ),
    Mutant(
        "looks for a lost request only once",
        "tui/studio/search.py",
        "    for wait in rig.pace.searches():\n",
        "    for wait in (0.0,):\n",
        f"{STUDIO}/test_lost_replies.py shows_late",
    ),
    Mutant(
        "takes any request of the endpoint for its own",
        "tui/studio/listing.py",
        "    return all(name in theirs and theirs[name] == value for name, value in ours.items())\n",
        "    return bool(ours) or bool(theirs)\n",
        f"{STUDIO}/test_lost_replies.py all_of_our_input",
    ),
    Mutant(
        "takes a first 404 for the end",
        "tui/studio/rig.py",
        "if missing >= self.pace.missing and self.clock.steady() - since >= self.pace.missing_for:",
        "if missing:",
        f"{STUDIO}/test_when_things_fail_in_turn.py 404_that_passes",
    ),
    Mutant(
        "calls a cancel done that FAL refused",
        "tui/studio/follow.py",
        '    if answer == "removed":\n',
        "    if answer:\n",
        f"{STUDIO}/test_cancelling.py finished_before",
    ),
    Mutant(
        "leaves in the middle of a POST",
        "tui/studio/crew.py",
        "            if job_id not in posts.under_way:\n                task.cancel()\n",
        "            task.cancel()\n",
        f"{STUDIO}/test_sending.py waits_for_a_post",
    ),
    Mutant(
        "lets two engines at one library",
        "store/lock.py",
        "            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)\n            if",
        "            if",
        f"{STORE}/test_lock.py told_who",
    ),
    Mutant(
        "makes a new library where the old one is not mounted",
        "store/claim.py",
        "    if found is None and (take or not clips or await asyncio.to_thread(_holds, library, clips)):\n",
        "    if found is None:\n",
        f"{STORE}/test_claim.py not_mounted",
    ),
    Mutant(
        "takes an emptied database for a fresh one",
        "store/opening.py",
        "        elif path.stat().st_size == 0:\n",
        "        elif path.stat().st_size < 0:\n",
        f"{STORE}/test_opening.py emptied",
    ),
    Mutant(
        "goes on writing into a database that was removed",
        "store/database.py",
        "            self._check_in_place()\n",
        "",
        f"{STORE}/test_opening.py removed_while_open",
    ),
    Mutant(
        "works on the jobs of another account",
        "tui/studio/studio.py",
        "found = await self._rig.store.jobs(unfinished=True, origin=self.origin)",
        "found = await self._rig.store.jobs(unfinished=True)",
        f"{STUDIO}/test_killed_and_taken_up.py another_origin",
    ),
)
