"""Every preset, with its questions answered, is options that work, and asks for nothing that it does not use."""

from __future__ import annotations

import json

import pytest

from integrations.presets import Preset, presets
from integrations.registry import ADAPTERS
from tests.integrations.samples import SECRET, make_record

ALL = {preset.id: preset for preset in presets()}
ADDRESSES = ("base_url", "token_url", "url", "identifier_system", "namespace", "organisation", "flow_address")
OTHERS = {"host_key": "SHA256:" + "A" * 43}


def answers(preset: Preset) -> dict[str, str]:
    """An answer of the right kind to each question."""
    made = {}
    for name in preset.asks:
        if name in ADDRESSES:
            made[name] = f"https://{name.replace('_', '-')}.example/x"
        elif name in OTHERS:
            made[name] = OTHERS[name]
        elif name.endswith(("folder", "_path")):
            made[name] = f"/srv/{name}"
        else:
            made[name] = name.replace("_", "-")
    return made


@pytest.mark.parametrize("preset_id", ALL)
def test_a_preset_is_options_that_work(preset_id: str) -> None:
    preset = ALL[preset_id]
    adapter = ADAPTERS.get(preset.adapter)
    options = adapter.options.model_validate(preset.filled(answers(preset)))
    assert "would not be" not in (shown := adapter.preview(make_record(), options)) and "7F3K" in shown
    assert set(preset.secrets) <= set(adapter.secret_names) and preset.title and preset.about
    assert SECRET not in json.dumps(preset.filled(answers(preset)))


@pytest.mark.parametrize("preset_id", ALL)
def test_every_question_is_used_and_every_gap_is_asked_for(preset_id: str) -> None:
    preset = ALL[preset_id]
    whole = json.dumps(preset.options)
    for name in preset.asks:
        assert f"<{name}>" in whole
        with pytest.raises(KeyError, match=name):
            preset.filled({other: "x" for other in preset.asks if other != name})
    filled = json.dumps(preset.filled(answers(preset)))
    assert not any(f"<{name}>" in filled for name in preset.asks)
