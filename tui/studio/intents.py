"""From orders to committed intents: everything that may refuse a run does so here, before any money moves."""

from collections.abc import Sequence

from reelroom.store.ids import new_id
from reelroom.store.records import Cap, Job, Project

from .day import start_of_day
from .errors import NoSpending
from .orders import Order, canonical
from .rig import Rig
from .room import refuse_without_room
from .threads import in_thread, settled


async def commit(rig: Rig, orders: Sequence[Order], sender: str | None) -> list[Job]:
    """Commit the intents of a run in one transaction, within the budgets; `sender` is to send them.

    Raises NoSpending, NoRoom, and StoreError (OverBudget among them); then nothing was made.
    """
    if rig.limits.no_spend:
        raise NoSpending("Spending is switched off (no_spend), so nothing was sent.")
    clips = len(await rig.store.jobs(unfinished=True)) + len(orders)
    await settled(in_thread(refuse_without_room, rig.library, rig.store.journal, clips))
    rig.step("intent.begin")
    return await rig.store.add_jobs(
        [_intent(rig, order, sender) for order in orders], await _caps(rig, orders)
    )


async def _caps(rig: Rig, orders: Sequence[Order]) -> list[Cap]:
    if not rig.charged:
        return []
    wanted = {order.project_id for order in orders}
    projects = [project for project in await rig.store.projects(archived=True) if project.id in wanted]
    midnight = start_of_day(rig.clock.now())
    some: Sequence[Project | None] = projects or [None]
    caps = [cap for project in some for cap in rig.limits.caps(project, midnight)]
    return list(dict.fromkeys(caps))


def _intent(rig: Rig, order: Order, sender: str | None) -> Job:
    now = rig.clock.now()
    return Job(
        id=new_id(now),
        origin=rig.origin,
        endpoint=order.endpoint,
        model=order.model,
        prompt=order.prompt,
        input=canonical(order.input),
        project_id=order.project_id,
        seed=order.seed,
        estimate=order.estimate,
        sender=sender,
        replaces=order.replaces,
        created_at=now,
        state_since=now,
    )
