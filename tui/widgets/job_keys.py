"""What can be done with the selected job: keys, and the wishes they post. Only what works now is offered."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.reactive import var
from textual.widget import Widget

from reelroom.store.records import Job
from reelroom.store.states import JobState
from reelroom.tui import messages
from reelroom.tui.standing import elsewhere, unsent


def possible(job: Job, *, origin: str | None = None, sender: str | None = None) -> frozenset[str]:
    """What can be done with the job now, of open, send, retry, cancel, dismiss, more and copy_request."""
    here = not elsewhere(job, origin)
    answers = {
        "open": True,
        "send": here and unsent(job, sender),
        "retry": here and (job.rereadable or (job.hold_up is not None and not job.terminal)),
        "cancel": here and job.state in {JobState.INTENT, JobState.QUEUED, JobState.RUNNING},
        "dismiss": job.state in {JobState.INTENT, JobState.UNKNOWN},
        "more": True,
        "copy_request": job.request_id is not None,
    }
    return frozenset(action for action, works in answers.items() if works)


class JobKeys(Widget):
    """The keys of whatever shows one job at a time."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "open", key_display="enter", id="jobs.open"),
        Binding("s", "send", "send", id="jobs.send"),
        Binding("r", "retry", "try again", id="jobs.retry"),
        Binding("x", "cancel", "cancel", id="jobs.cancel"),
        Binding("D", "dismiss", "put away", id="jobs.dismiss"),
        Binding("m", "more", "more like it", id="jobs.more"),
        Binding("y", "copy_request", "copy request id", id="jobs.copy_request"),
    ]

    origin: var[str | None] = var[str | None](None, bindings=True)
    """The origin that is worked for now; jobs of others can only be looked at."""
    sender: var[str | None] = var[str | None](None, bindings=True)
    """This process, as its intents name it; None where unsent ones are not to be offered."""
    armed: var[str | None] = var[str | None](None)
    """The job that the next press of D puts away."""

    @property
    def current(self) -> Job | None:
        """The job that the keys are about."""
        raise NotImplementedError

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what works for the present job is in the footer."""
        if action in {"open", "send", "retry", "cancel", "dismiss", "more", "copy_request"}:
            job = self.current
            return job is not None and action in possible(job, origin=self.origin, sender=self.sender)
        return super().check_action(action, parameters)

    def action_open(self) -> None:
        """Show all about it."""
        if job := self.current:
            self.post_message(messages.JobOpened(job.id))

    def action_cancel(self) -> None:
        """Ask FAL to stop."""
        if job := self.current:
            self.post_message(messages.CancelRequested(job.id))

    def action_retry(self) -> None:
        """Go on with it now."""
        if job := self.current:
            self.post_message(messages.RetryRequested(job.id))

    def action_send(self) -> None:
        """Send what an earlier process left unsent."""
        if job := self.current:
            self.post_message(messages.SendUnsentRequested((job.id,)))

    def action_more(self) -> None:
        """Fill the form from it."""
        if job := self.current:
            self.post_message(messages.MoreRequested(job.id, job.endpoint, job.prompt))

    def action_copy_request(self) -> None:
        """Copy FAL's id of the request."""
        if (job := self.current) and job.request_id:
            self.post_message(messages.CopyRequested(job.request_id, "request id"))

    def action_dismiss(self) -> None:
        """The first press asks, the second one does it: it cannot be undone."""
        job = self.current
        if job is None:
            return
        if self.armed == job.id:
            self.armed = None
            self.post_message(messages.DismissRequested(job.id))
        else:
            self.armed = job.id


def question(job: Job) -> str:
    """What is asked before a job is put away."""
    if job.state is JobState.UNKNOWN:
        return "D again puts it away for good, even if it was charged."
    return "D again puts it away for good. Nothing was sent."
