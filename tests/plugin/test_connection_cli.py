"""The commands for whoever writes a connection's file: what there is, what a file would send, and every fault at its place."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from integrations.presets import Preset, presets
from integrations.registry import ADAPTERS
from plugin.commands.connection import preview_connection, show_adapters, show_presets
from plugin.models import Connection
from plugin.runtime import runtime
from tests.plugin.visits import as_system
from tests.world import World

NOTE: dict[str, Any] = {
    "id": "note",
    "does": "create",
    "path": "/n",
    "body_format": "json",
    "body": '{"r": "{{key}}", "b": "{{field.child_born|ukdate}}"}',
}
FILE: dict[str, Any] = {
    "id": "school",
    "agency": "northleigh-council",
    "title": "Hill Top",
    "adapter": "rest",
    "options": {"base_url": "https://r.example", "steps": [NOTE]},
}


def run(command: Any, *arguments: str) -> Result:
    return CliRunner().invoke(command, arguments)


def preview(tmp_path: Path, told: Any) -> Result:
    file = tmp_path / "way.yaml"
    file.write_text(yaml.safe_dump(told))
    return run(preview_connection, str(file))


def test_every_adapter_is_listed_and_described_with_every_option() -> None:
    listed = run(show_adapters).output
    for adapter in ADAPTERS:
        assert f"{adapter.id}: {adapter.title}" in listed
        shown = run(show_adapters, adapter.id).output
        assert all(re.search(rf"^{name} \(", shown, re.M) for name in adapter.options.model_fields), adapter.id
    assert "there is no adapter nonsense; there are fhir" in run(show_adapters, "nonsense").output


def test_a_file_stands_by_name_and_size_and_to_the_letter_when_asked(tmp_path: Path) -> None:
    step = {**NOTE, "each_document": True, "body": '{"r": "{{key}}", "file": "{{document.content|base64}}"}'}
    done = preview(tmp_path, {**FILE, "options": {**FILE["options"], "steps": [step]}})
    assert "(the document PD-2345-67-v1.pdf, 19 bytes in base64)" in done.output, done.output
    exact = run(preview_connection, str(tmp_path / "way.yaml"), "--exact").output
    assert "JVBERi0xLjcgKGEgc2FtcGxlKQ==" in exact and "in base64)" not in exact


def test_a_preset_is_shown_as_a_file_to_begin_with() -> None:
    for preset in presets():
        assert f"{preset.id}: {preset.title}" in run(show_presets).output
        told = yaml.safe_load(run(show_presets, preset.id).output)
        assert told["adapter"] == preset.adapter and told["options"] == dict(preset.options)
    assert "there is no preset nonsense" in run(show_presets, "nonsense").output


def test_a_preview_shows_what_would_be_sent(tmp_path: Path) -> None:
    done = preview(tmp_path, FILE)
    assert done.exit_code == 0 and "POST https://r.example/n" in done.output
    assert '{"r": "PD-2345-67/v1", "b": "03/02/2015"}' in done.output


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"adapter": "rets"}, "way.yaml: adapter: there is no rets; there are fhir"),
        ({"adapter": ""}, "way.yaml: the file has no adapter"),
        ({"options": []}, "way.yaml: options: a group of names and values"),
        ({"options": {"steps": [NOTE]}}, "way.yaml: options.base_url: this is needed: The address of the system"),
        ({"options": {**FILE["options"], "base_ulr": "x"}}, "options.base_ulr: there is no such option (did you mean base_url?); here are"),
        ({"options": {**FILE["options"], "steps": [{**NOTE, "does": "make"}]}}, "options.steps.1 (note).does: one of 'sign in', 'look up'"),
        ({"options": {**FILE["options"], "steps": [{**NOTE, "path": "n"}]}}, "options.steps.1 (note): a path begins with /"),
        (
            {"options": {**FILE["options"], "steps": [{**NOTE, "keyed": "yes"}]}},
            "options.steps.1 (note).keyed: input should be a valid boolean",
        ),
        (
            {"options": {**FILE["options"], "steps": [{**NOTE, "look": {"path": "/f"}}]}},
            "options.steps.1 (note).look.found: this is needed",
        ),
        ({"options": {**FILE["options"], "auth": [{"kind": "basic"}]}}, "options.auth.1: basic needs a user name"),
        ({"options": {**FILE["options"], "steps": [{**NOTE, "body": '{"a": "{{child}}"}'}]}}, "step note: child is not known; there are"),
    ],
)
def test_every_fault_is_told_at_its_place(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    done = preview(tmp_path, {**FILE, **change})
    assert done.exit_code == 1 and said in done.output, done.output


@pytest.mark.parametrize("preset", [preset for preset in presets() if preset.asks], ids=lambda preset: preset.id)
def test_what_a_preset_asks_for_must_be_filled_in(tmp_path: Path, preset: Preset) -> None:
    done = preview(tmp_path, yaml.safe_load(run(show_presets, preset.id).output))
    assert done.exit_code == 1 and "stands here still" in done.output


def test_several_faults_are_told_at_once(tmp_path: Path) -> None:
    done = preview(tmp_path, {**FILE, "options": {"base_url": "ftp://x", "auth": [{"kind": "nothing"}], "steps": [{**NOTE, "id": "A"}]}})
    assert [line.partition(": ")[2].partition(":")[0] for line in done.output.splitlines()] == [
        "options.base_url",
        "options.auth.1.kind",
        "options.steps.1 (A).id",
    ]


def load(world: World, tmp_path: Path, secrets: dict[str, str], **changes: Any) -> Result:
    """`flask connection load FILE --secrets FILE`."""
    file, kept = tmp_path / "way.yaml", tmp_path / "secrets.yaml"
    file.write_text(yaml.safe_dump({**FILE, "agency": "northleigh-council", **changes}))
    kept.write_text(yaml.safe_dump(secrets))
    return world.app.test_cli_runner().invoke(args=["connection", "load", str(file), "--secrets", str(kept)])


@pytest.fixture
def world(world: World) -> World:
    """Where the deployment lets one record system be called."""
    here = runtime(world.app)
    here.settings = replace(here.settings, outbound_hosts=("r.example",))
    here.__dict__.pop("http", None)
    return world


@pytest.mark.slow
def test_a_connection_is_put_in_from_a_file(world: World, tmp_path: Path) -> None:
    done = load(world, tmp_path, {"api_key": "k"}, id="another", options={**FILE["options"], "auth": [{"kind": "key header"}]})
    assert done.exit_code == 0 and "connection another is in place" in done.output, done.output


@pytest.mark.slow
def test_a_host_that_the_deployment_does_not_allow_is_refused_as_at_the_desk(world: World, tmp_path: Path) -> None:
    login = {"kind": "oauth2", "client_id": "accord", "token_url": "https://login.example/token"}
    done = load(world, tmp_path, {}, id="far", options={"base_url": "https://far.example", "auth": [login], "steps": [NOTE]})
    assert done.exit_code == 1
    assert "way.yaml: options.base_url: far.example:443 is not among the places this service may call. It may call: r.ex" in done.output
    assert "way.yaml: options.auth.1.token_url: login.example:443" in done.output and "ACCORD_OUTBOUND_HOSTS" in done.output
    keys = load(world, tmp_path, {}, id="far", launch={"jwks_url": "https://far.example/keys"})
    assert keys.exit_code == 1 and "launch.jwks_url: far.example:443 is not among" in keys.output
    assert as_system().get(Connection, "far") is None


@pytest.mark.slow
def test_a_port_that_is_not_named_is_the_adapters_own(world: World, tmp_path: Path) -> None:
    options = {"host": "r.example", "username": "accord", "folder": "/in", "host_keys": ["SHA256:" + "A" * 43]}
    done = load(world, tmp_path, {}, id="files", adapter="sftp", options=options)
    assert done.exit_code == 1 and "options.host: r.example:22 is not among" in done.output, done.output


@pytest.mark.slow
def test_loading_tells_every_fault_and_keeps_nothing_in_silence(world: World, tmp_path: Path) -> None:
    strange = load(world, tmp_path, {"apikey": "x"})
    assert strange.exit_code == 1 and "secrets.apikey: the adapter rest knows no such secret" in strange.output
    assert "did you mean api_key" in strange.output
    wrong = load(world, tmp_path, {}, options={**FILE["options"], "steps": [{**NOTE, "path": "n"}]})
    assert wrong.exit_code == 1 and "way.yaml: options.steps.1 (note): a path begins with /" in wrong.output


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id: a\n  b: [", "way.yaml:2: this is not YAML"),
        ("- a", "way.yaml: names and values belong here"),
        ("id: a\nadapter: rest", "way.yaml: agency: this is needed"),
        ("", "way.yaml: names and values belong here"),
    ],
)
def test_a_file_that_is_none_is_told_with_its_line(world: World, tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "way.yaml"
    file.write_text(text)
    done = world.app.test_cli_runner().invoke(args=["connection", "load", str(file)])
    assert done.exit_code == 1 and said in done.output, done.output
