"""Testing a system that is signed in to by steps: signs in, asks the check path as the first step would be asked, signs out.

What does not live here: testing a system that takes our proof with every request (`auth.peer`), the other steps: they might write.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from integrations.answer.verdict import Stopped
from integrations.auth.peer import Peer, finding_of, finding_of_status
from integrations.contract import Finding, Record
from integrations.http import Response
from integrations.steps.ask import Ask
from integrations.steps.exchange import Exchange
from integrations.steps.options import Step
from integrations.steps.run import Run
from integrations.template.bodies import fill_header
from integrations.template.language import Template, TemplateFault, Value

_NOT_REACHED: Final = ("settings", "name", "network", "certificate")


def signs_in(steps: Sequence[Step]) -> bool:
    """Whether a session is begun by steps."""
    return any(step.does == "sign in" for step in steps)


def check_session(peer: Peer, steps: Sequence[Step], cookies: bool) -> list[Finding]:
    """Reach and credentials by signing in; permission by a GET of the check path, where there is one. Never raises for the peer."""
    reached = Finding("network", True, "The system was reached.")
    signed_in = Finding("credentials", True, "Signing in worked.")
    nobody = Record("PD-TEST-2222/v1", "PD-TEST-2222", "A test", "", peer.http.clock(), (), ())
    run = Run(steps, nobody, Exchange(peer, (), cookies), on_file=False)
    try:
        with run.signed_in() as values:
            if not peer.options.check_path:
                return [reached, signed_in]
            asked = Ask(method="GET", path=peer.options.check_path, headers=_headers(steps, values))
            return [reached, signed_in, _finding(run.exchange.send(asked, values, writes=False, again=False))]
    except Stopped as stopped:
        found = finding_of(stopped)
        return [found] if found.what in _NOT_REACHED else [reached, found]
    except TemplateFault as fault:
        return [Finding("credentials", False, f"Nothing was sent: signing in asks for what is not there ({fault}).")]


def _headers(steps: Sequence[Step], values: Mapping[str, Value]) -> dict[str, str]:
    """The headers of the first step after signing in, but for those that need a child: they carry the session."""
    first = next((step for step in steps if step.does not in ("sign in", "sign out")), None)
    kept = {}
    for name, text in first.headers.items() if first else ():
        try:
            fill_header(Template.parse(text), values)
        except TemplateFault:
            continue
        kept[name] = text
    return kept


def _finding(response: Response) -> Finding:
    if response.status != 401:
        return finding_of_status(response, path_was_given=True)
    said = "Signing in worked, and the check path is refused all the same (401). It is asked with the headers of the first step"
    return Finding("credentials", False, f"{said} after signing in: look whether they carry what signing in brought.")
