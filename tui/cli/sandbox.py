"""`sandbox`: the local stand-in for FAL, until it is told to end. The only importer of the sandbox."""

import argparse

from reelroom.fal.sandbox.errors import CannotServe, NotAccepted
from reelroom.fal.sandbox.examples import open_scenario
from reelroom.fal.sandbox.serve import serve

from .context import Context
from .ending import Code, Stop


def run(context: Context, args: argparse.Namespace) -> int:
    """Serve until SIGINT or SIGTERM, or, attached, until stdin ends; returns the exit code."""
    # The own sandbox and one that is served for others may run side by side, each with its own memory.
    state = context.paths.sandbox if args.attached else context.paths.served_sandbox
    try:
        serve(
            state=state,
            port=args.port,
            speed=args.speed,
            attached=args.attached,
            announce=context.terminal.put_data,
            scenario=None if args.scenario is None else open_scenario(args.scenario),
        )
    except NotAccepted as error:
        raise Stop(Code.USAGE, str(error)) from error
    except CannotServe as error:
        raise Stop(Code.OTHERWISE, str(error)) from error
    return Code.SAVED
