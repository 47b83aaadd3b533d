"""How a pretend record system opens the service in a frame: it signs who is signed in and which child is open, for one minute.

The page (`disagreement.html`) posts the token into the frame; `static/frame.js` listens to what the frame says.
"""

from __future__ import annotations

from datetime import datetime

from integrations.launch.context import ChildDetails
from integrations.launch.host import make_launch
from plugin.demo.hosts.people import Child, Staff
from plugin.demo.hosts.setting import Setting


def launch_token(setting: Setting, staff: Staff, child: Child, visit: str, now: datetime) -> str:
    """A launch for this member of staff on this child's record. `visit` is the host's session; `now` is aware UTC."""
    return make_launch(
        private_jwk=setting.keys.signing,
        kid=setting.keys.signing["kid"],
        issuer=setting.origin,
        audience=setting.service,
        staff_id=staff.id,
        staff_name=staff.name,
        roles=staff.roles,
        child_ref=child.id,
        host_session=visit,
        child=_details(child),
        seal_to=setting.keys.seal_to,
        now=now,
    )


def _details(child: Child) -> ChildDetails:
    """The numbers other systems know too; the host's own is `child_ref`, and means nothing elsewhere."""
    known = (("nhs-number", child.nhs_number), ("upn", child.upn))
    return ChildDetails(child.name, child.born, tuple((system, value) for system, value in known if value))
