"""How outcomes reach the child's file: the adapter and its options as a form made of its model, a preset to begin with, its secrets."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for

from integrations.contract import Adapter
from integrations.presets import Preset, presets
from plugin.extensions import db
from plugin.runtime import runtime
from plugin.services.desk import ways
from plugin.services.keeping.clock import machine_now
from plugin.web import words
from plugin.web.desk import typed
from plugin.web.desk.connections import ask, way_or_404
from plugin.web.desk.secret_words import said_of_secret
from plugin.web.door import gate
from plugin.web.sheet import Sheet
from plugin.web.sheet.plain import as_text, read_text

blueprint = Blueprint("way_out", __name__, url_prefix="/admin/connections/<connection_id>")


@blueprint.get("/adapter")
@gate.desk("administrator", "owner")
def adapter(connection_id: str) -> Any:
    """Which kind of way out, or a preset to begin with."""
    return _choosing(connection_id)


def _choosing(connection_id: str, problem: str = "") -> str:
    here = runtime(current_app)
    kinds = [one for one in here.adapters if here.settings.demo or one.id != "trial"]
    about = {one.id: (one.options.__doc__ or "").partition("\n")[0] for one in kinds}
    return render_template(
        "admin/adapter.html", way=way_or_404(connection_id), kinds=kinds, presets=presets(), problem=problem, about=about
    )


@blueprint.post("/adapter")
@gate.desk("administrator", "owner")
def choose(connection_id: str) -> Any:
    """Takes the choice; asks first where options that are there would be lost."""
    way = way_or_404(connection_id)
    kind, _, wanted = request.form.get("kind", "").partition(" ")
    if kind == "preset" and (preset := _preset(wanted)):
        return redirect(url_for("way_out.from_preset", connection_id=connection_id, preset_id=preset.id), 303)
    if kind != "adapter" or wanted not in {one.id for one in runtime(current_app).adapters}:
        return _choosing(connection_id, "Choose how outcomes are to reach the file."), 422
    if way.adapter and way.adapter != wanted and way.options and request.form.get("sure") != "yes":
        what = "The options that are there now belong to the other kind, and are forgotten. Secrets are kept."
        return ask("Change the kind of connection?", what, "Change it", connection_id, kind=f"adapter {wanted}")
    if way.adapter != wanted:
        ways.change(db.session, connection_id, "adapter chosen", machine_now(), by=gate.member().account.id, adapter=wanted, options={})
        _forget_typed(connection_id)
    return redirect(url_for("way_out.options", connection_id=connection_id), 303)


@blueprint.route("/preset/<preset_id>", methods=["GET", "POST"])
@gate.desk("administrator", "owner")
def from_preset(connection_id: str, preset_id: str) -> Any:
    """What only the agency knows; then the options are filled in, to be looked over and saved."""
    way, preset = way_or_404(connection_id), _preset(preset_id) or abort(404)
    answers = {name: request.form.get(f"ask.{name}", "").strip() for name in preset.asks}
    missing = [name for name in preset.asks if not answers[name]] if request.method == "POST" else []
    if request.method == "GET" or missing:
        page = render_template("admin/preset.html", way=way, preset=preset, answers=answers, missing=missing, replaces=bool(way.options))
        return page, 422 if missing else 200
    adapter = _adapter(preset.adapter)
    return _page(connection_id, adapter, Sheet(adapter.options).filled(preset.filled(answers)), fresh=True)


@blueprint.get("/options")
@gate.desk("administrator", "owner")
def options(connection_id: str) -> Any:
    """The options as they are."""
    way = way_or_404(connection_id)
    wanted = typed.again().get("adapter") or way.adapter
    if not wanted:
        return redirect(url_for("way_out.adapter", connection_id=connection_id), 303)
    adapter = _adapter(wanted)
    return _page(connection_id, adapter, typed.shown(Sheet(adapter.options), way.options))


@blueprint.post("/options")
@gate.desk("administrator", "owner")
def save(connection_id: str) -> Any:
    """Saves them, or says what is wrong beside each question."""
    way_or_404(connection_id)
    if answer := typed.first():
        return answer
    adapter = _adapter(request.form.get("adapter", ""))
    sheet = Sheet(adapter.options).typed(request.form)
    if sheet.pressed == "save":
        sheet.also(_out_of_reach(adapter, sheet.raw))
    if sheet.pressed != "save" or not sheet.right:
        return _page(connection_id, adapter, sheet), 200 if sheet.right else 422
    return _saved(connection_id, adapter, sheet.value)


@blueprint.get("/options/text")
@gate.desk("administrator", "owner")
def text(connection_id: str) -> Any:
    """All options as one text, for who has them from somewhere else."""
    way = way_or_404(connection_id)
    kept = typed.again().get("text")
    return _text_page(connection_id, kept or as_text(way.adapter, way.options), {}, typed.kept_at())


@blueprint.post("/options/text")
@gate.desk("administrator", "owner")
def save_text(connection_id: str) -> Any:
    """Saves the text, or says in which line what is wrong."""
    if answer := typed.first():
        return answer
    text = request.form.get("text", "").replace("\r\n", "\n")
    here = runtime(current_app)
    read = read_text(text, {one.id: one.options for one in here.adapters})
    if not read.faults:
        read.faults |= {read.line_of(path): said for path, said in _out_of_reach(_adapter(read.adapter), read.options).items()}
    if read.faults:
        return _text_page(connection_id, text, read.faults), 422
    return _saved(connection_id, _adapter(read.adapter), read.options)


def _out_of_reach(adapter: Adapter, options: dict[str, Any]) -> dict[str, str]:
    """As `ways.out_of_reach`; a port that is not named is the adapter's own (22 for SFTP, say)."""
    usual = {name: one.default for name, one in adapter.options.model_fields.items() if name == "port"}
    return ways.out_of_reach({**usual, **options}, runtime(current_app).http.allowed)


def _saved(connection_id: str, adapter: Adapter, value: dict[str, Any]) -> Any:
    by = gate.member().account.id
    ways.change(db.session, connection_id, "options changed", machine_now(), by=by, adapter=adapter.id, options=value)
    _forget_typed(connection_id)
    return redirect(url_for("connections.one", connection_id=connection_id), 303)


def _forget_typed(connection_id: str) -> None:
    """What was typed on either page is of the options that were."""
    for page in ("way_out.options", "way_out.text"):
        typed.forget(url_for(page, connection_id=connection_id))


@blueprint.get("/secrets")
@gate.desk("administrator", "owner")
def secrets(connection_id: str) -> Any:
    """Which secrets there are: never what they are."""
    return _secrets_page(connection_id)


@blueprint.post("/secrets")
@gate.desk("administrator", "owner")
def keep(connection_id: str) -> Any:
    """Takes the ones that were typed; the others stay as they are."""
    way, here = way_or_404(connection_id), runtime(current_app)
    names = _adapter(way.adapter).secret_names
    forget = request.form.get("forget", "")
    by = gate.member().account.id
    if forget in names:
        if request.form.get("sure") != "yes":
            what = f"“{said_of_secret(forget).title}” is taken out and cannot be brought back. What needs it fails until a new one is set."
            return ask("Forget this secret?", what, "Forget it", connection_id, forget=forget)
        ways.forget_secret(db.session, connection_id, forget, machine_now(), by=by)
        return redirect(url_for("way_out.secrets", connection_id=connection_id), 303)
    for name in names:
        value = request.form.get(f"secret.{name}", "").replace("\r\n", "\n").strip()
        if value:
            ways.keep_secret(db.session, here.keys, connection_id, name, value, machine_now(), by=by)
    return redirect(url_for("way_out.secrets", connection_id=connection_id), 303)


def _secrets_page(connection_id: str) -> str:
    way = way_or_404(connection_id)
    known = ways.secrets_of(db.session, connection_id)
    names = _adapter(way.adapter).secret_names if way.adapter else ()
    shown = [(name, said_of_secret(name), known.get(name)) for name in names]
    return render_template("admin/secrets.html", way=way, shown=shown, words=words)


def _page(connection_id: str, adapter: Adapter, sheet: Sheet, fresh: bool = False) -> str:
    return render_template(
        "admin/options.html",
        way=way_or_404(connection_id),
        adapter=adapter,
        sheet=sheet,
        fresh=fresh,
        places=ways.allowed_places(runtime(current_app).http.allowed),
    )


def _text_page(connection_id: str, text: str, faults: dict[int, str], typed_at: str = "") -> str:
    numbered = sorted(faults.items())
    shown = {"text": text, "faults": numbered, "typed_at": typed_at, "keeps": True}
    return render_template("admin/options_text.html", way=way_or_404(connection_id), **shown)


def _adapter(adapter_id: str) -> Adapter:
    return next((one for one in runtime(current_app).adapters if one.id == adapter_id), None) or abort(404)


def _preset(preset_id: str) -> Preset | None:
    return next((one for one in presets() if one.id == preset_id), None)
