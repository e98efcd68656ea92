"""`generate`: send to all models, wait, save; paths on stdout, talk on stderr."""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import replace

from reelroom.fal.catalogue import Catalogue
from reelroom.fal.clean import clean
from reelroom.store.records import Project
from reelroom.store.store import Store
from reelroom.tui import words
from reelroom.tui.settings import LONGEST_NAME, Settings
from reelroom.tui.studio.orders import Order

from .asked import with_models
from .attachments import Attachments, with_urls
from .context import Context
from .ending import Code, Stop
from .leaving import Leaving, run_async
from .money import ask_before_spending
from .orders import read_plan
from .place import Place, choose_place
from .preview import show, told


def run(context: Context, args: argparse.Namespace) -> int:
    """Check everything, ask what has to be asked, then send; returns the exit code."""
    files = Attachments()
    catalogue = Catalogue.load(context.paths.data)
    if args.prompt and args.models:
        catalogue = with_models(catalogue, args.models, lambda: _place(context, args))
    plan = read_plan(args, catalogue, files)
    if args.dry_run:
        return show(context.terminal, plan, files.locations(), as_json=args.json)
    plan.demand(skip=args.skip_unfit)
    orders = plan.orders
    if args.project is not None:
        args.project = clean(args.project.strip(), limit=LONGEST_NAME)
        if not args.project:
            raise Stop(Code.USAGE, "--project takes a name.")
    settings = context.settings(args)
    if settings.no_spend.value:
        raise Stop(Code.MONEY, f"Nothing is sent: no_spend is set ({settings.no_spend.source}).")
    place = _place(context, args)
    if place.first_line:
        context.terminal.say(place.first_line, "attention")
    for sentence in told(plan):
        context.terminal.say(sentence)
    if place.spends:
        amounts = [order.estimate for order in orders]
        ask_before_spending(amounts, settings.ask_above_usd.value, context.terminal, yes=args.yes)

    async def command(leaving: Leaving) -> int:
        return await _generate(context, args, settings, place, orders, files, leaving)

    return run_async(command)


def _place(context: Context, args: argparse.Namespace) -> Place:
    return choose_place(context.settings(args), context.key())


async def _generate(
    context: Context,
    args: argparse.Namespace,
    settings: Settings,
    place: Place,
    orders: Sequence[Order],
    files: Attachments,
    leaving: Leaving,
) -> int:
    # Imported after the first line was said and the question answered: these load the HTTP client.
    from .engine import open_engine  # noqa: PLC0415 - see above
    from .upload import upload  # noqa: PLC0415 - see above
    from .view import watched  # noqa: PLC0415 - see above
    from .wait import Wait  # noqa: PLC0415 - see above

    async with open_engine(context, settings, place) as engine:
        await engine.studio.resume()
        # Before the intents: each of them holds the whole input, and with it where its files are.
        urls = await upload(engine, context.terminal, files.sources)
        project = await _project(engine.store, settings)
        async with watched(engine.studio, context.terminal) as view:
            # A press before this line ends the command, and nothing goes out.
            jobs = await engine.studio.submit([_complete(order, urls, project) for order in orders])
            context.terminal.say(sent(orders, place))
            wait = Wait(engine, context.terminal, view, leaving, args.patience, args.json)
            with leaving.listened():
                return await (wait.until_sent(jobs) if args.detach else wait.for_all(jobs))


def _complete(order: Order, urls: Mapping[str, str], project: Project) -> Order:
    """The order with its project, and the URL of each file in the place of its stand-in."""
    input_ = {name: with_urls(value, urls) for name, value in order.input.items()}
    return replace(order, project_id=project.id, input=input_)


async def _project(store: Store, settings: Settings) -> Project:
    name = settings.project.value
    return await store.active_project() if name is None else await store.project_named(name)


def sent(orders: Sequence[Order], place: Place) -> str:
    """How many jobs go out, and for how much."""
    models = len({order.endpoint for order in orders})
    cost = words.total([order.estimate for order in orders])
    kind = "" if place.spends else " in practice money"
    return f"{words.count(len(orders), 'job')} for {words.count(models, 'model')}: {cost}{kind}."
