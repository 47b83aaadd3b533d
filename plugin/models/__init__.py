"""Every table of the service. Importing this room loads all of them (migrations compare against it)."""

from plugin.models.account import Account
from plugin.models.base import Base, OfCase, UTCDateTime, begin_writing, new_id, new_reference, table_of, upsert, upsert_all
from plugin.models.case import ChildKey, Contact, Disagreement, EventRow, Participant
from plugin.models.connection import Connection, Identity, Inbound, KeySet, ProviderPage, Secret, SpentLaunch, Ticket
from plugin.models.directory import Absence, Agency, Person, RoleHolder
from plugin.models.keeping import Hold
from plugin.models.ledger import Attempt, Circuit, Code, Delivery, DeliveryAct, Invitation, InvitationToken, MailRow, ObligationRow
from plugin.models.mailing import Incoming, Mailbox, MailTemplate, MailToken
from plugin.models.operations import Access, Advice, Checkpoint, ClockOffset, Draft, Heartbeat
from plugin.models.policy import Binding, Partnership, PolicyVersion
from plugin.models.web_session import WebSession

__all__ = [
    "Absence",
    "Access",
    "Account",
    "Advice",
    "Agency",
    "Attempt",
    "Base",
    "Binding",
    "Checkpoint",
    "ChildKey",
    "Circuit",
    "ClockOffset",
    "Code",
    "Connection",
    "Contact",
    "Delivery",
    "DeliveryAct",
    "Disagreement",
    "Draft",
    "EventRow",
    "Heartbeat",
    "Hold",
    "Identity",
    "Inbound",
    "Incoming",
    "Invitation",
    "InvitationToken",
    "KeySet",
    "MailRow",
    "MailTemplate",
    "MailToken",
    "Mailbox",
    "ObligationRow",
    "OfCase",
    "Participant",
    "Partnership",
    "Person",
    "PolicyVersion",
    "ProviderPage",
    "RoleHolder",
    "Secret",
    "SpentLaunch",
    "Ticket",
    "UTCDateTime",
    "WebSession",
    "begin_writing",
    "new_id",
    "new_reference",
    "table_of",
    "upsert",
    "upsert_all",
]
