"""Our macros give, element by element, the HTML that the govuk-frontend package expects of each component (its own fixtures).

Compared: elements, attributes, text; not white space and not the order of attributes. Fixtures for what our macros do not offer (HTML
instead of text, extra classes, prefixes, the package's own conditional reveal) are not in the lists below.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import html5lib
import pytest
from jinja2 import Environment, FileSystemLoader

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = Path(__file__).parent / "fixtures/govuk-frontend"
JINJA = Environment(loader=FileSystemLoader(ROOT / "templates"), autoescape=True)


def load(component: str) -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in json.loads((FIXTURES / f"{component}.json").read_text())}


def tree(html: str) -> Any:
    """The parsed HTML as nested tuples: name, attributes, children."""
    return [_node(one) for one in html5lib.parseFragment(html, namespaceHTMLElements=False)]


def _node(element: Any) -> Any:
    attributes = {name: " ".join(sorted(value.split()) if name == "class" else value.split()) for name, value in element.attrib.items()}
    inner = [" ".join((element.text or "").split())] if element.tag != "textarea" else [element.text or ""]
    for child in element:
        inner += [_node(child), " ".join((child.tail or "").split())]
    return (element.tag, attributes, [one for one in inner if one != ""])


def render(call: str, **values: Any) -> str:
    module, _, macro = call.partition(":")
    source = f'{{% from "govuk/{module}.html" import {macro} %}}{{{{ {macro}(**values) }}}}'
    return JINJA.from_string(source).render(values=values)


def label_of(options: dict[str, Any]) -> dict[str, Any]:
    label = options["label"]
    return {"label": label["text"], "label_class": label.get("classes", ""), "heading": label.get("isPageHeading", False)}


def common(options: dict[str, Any]) -> dict[str, Any]:
    """What text controls share."""
    return label_of(options) | {
        "id": options.get("id", options.get("name")),
        "name": options["name"],
        "hint": options.get("hint", {}).get("text", ""),
        "error": (options.get("errorMessage") or {}).get("text", ""),
        "autocomplete": options.get("autocomplete", ""),
        "spellcheck": {True: "true", False: "false", None: ""}[options.get("spellcheck")],
        "attributes": options.get("attributes", {}),
    }


def input_of(options: dict[str, Any]) -> dict[str, Any]:
    widths = {"width": options.get("classes", "").removeprefix("govuk-input--width-")}
    return common(options) | widths | {key: options[key] for key in ("value", "type", "inputmode") if key in options}


def textarea_of(options: dict[str, Any]) -> dict[str, Any]:
    return common(options) | {key: options[key] for key in ("value", "rows") if key in options}


def select_of(options: dict[str, Any]) -> dict[str, Any]:
    values = common(options)
    del values["autocomplete"], values["spellcheck"]
    items = [(str(one.get("value", one["text"])), one["text"]) for one in options["items"]]
    chosen = next((str(one["value"]) for one in options["items"] if one.get("selected")), options.get("value"))
    return values | {"items": items, "chosen": chosen}


def choices_of(options: dict[str, Any]) -> dict[str, Any]:
    legend = options["fieldset"]["legend"]
    items = [one if "divider" in one else {**one, "hint": one.get("hint", {}).get("text", "")} for one in options["items"]]
    return {
        "id": options.get("idPrefix", options["name"]),
        "name": options["name"],
        "legend": legend["text"],
        "legend_class": legend.get("classes", ""),
        "heading": legend.get("isPageHeading", False),
        "items": items,
        "hint": options.get("hint", {}).get("text", ""),
        "error": (options.get("errorMessage") or {}).get("text", ""),
        "small": "--small" in options.get("classes", ""),
    }


def radios_of(options: dict[str, Any]) -> dict[str, Any]:
    checked = [one["value"] for one in options["items"] if one.get("checked")] + [options.get("value")]
    return choices_of(options) | {"chosen": checked[0], "inline": "--inline" in options.get("classes", "")}


def checkboxes_of(options: dict[str, Any]) -> dict[str, Any]:
    checked = [one["value"] for one in options["items"] if one.get("checked")]
    return choices_of(options) | {"chosen": checked + options.get("values", [])}


def date_of(options: dict[str, Any]) -> dict[str, Any]:
    id = options["id"]
    prefix = options.get("namePrefix")
    items = options.get("items") or [{"name": one} for one in ("day", "month", "year")]
    legend = options["fieldset"]["legend"]
    return {
        "id": id,
        "legend": legend["text"],
        "legend_class": legend.get("classes", ""),
        "hint": options.get("hint", {}).get("text", ""),
        "error": (options.get("errorMessage") or {}).get("text", ""),
        "items": [
            {
                "id": f"{id}-{one['name']}",
                "name": f"{prefix}-{one['name']}" if prefix else one["name"],
                "label": one["name"].capitalize(),
                "value": one.get("value", ""),
                "error": "--error" in one.get("classes", ""),
                "width": "4" if one["name"] == "year" else "2",
            }
            for one in items
        ],
    }


def offered(row: dict[str, Any] | None) -> bool:
    """Whether a row is one that our macro can make: text, and one link at most."""
    return bool(row) and "text" in row["value"] and len(row.get("actions", {}).get("items", [])) < 2


def rows_of(options: dict[str, Any]) -> dict[str, Any]:
    rows = []
    for one in filter(offered, options["rows"]):
        row = {"label": one["key"]["text"], "text": one["value"]["text"]}
        for action in one.get("actions", {}).get("items", []):
            row |= {"href": action["href"], "change": action["text"], "hidden": action.get("visuallyHiddenText", "")}
        rows.append(row)
    return {"rows": rows, "border": "no-border" not in options.get("classes", "")}


def error_summary_of(options: dict[str, Any]) -> dict[str, Any]:
    errors = [(one.get("href", "").removeprefix("#"), one["text"]) for one in options["errorList"]]
    return {"errors": errors, "title": options["titleText"]}


def button_of(options: dict[str, Any]) -> dict[str, Any]:
    kind = options.get("classes", "").removeprefix("govuk-button--")
    return {key: options[key] for key in ("text", "href", "name", "value", "id") if key in options} | {"kind": kind}


def notification_of(options: dict[str, Any]) -> dict[str, Any]:
    return {"text": options["text"], "kind": options.get("type", ""), "title": options.get("titleText", "")}


def details_of(options: dict[str, Any]) -> dict[str, Any]:
    return {"summary": options["summaryText"], "text": options["text"], "open": options.get("open", False)}


def table_of(options: dict[str, Any]) -> dict[str, Any]:
    rows = [[cell.get("text") for cell in row] for row in options["rows"]]
    numeric = [at for at, cell in enumerate(options["rows"][0]) if cell.get("format") == "numeric"]
    return {
        "caption": options["caption"],
        "caption_class": options.get("captionClasses", ""),
        "head": [cell["text"] for cell in options.get("head", [])],
        "rows": rows,
        "numeric": numeric,
        "first_is_header": options.get("firstCellIsHeader", False),
    }


PROVED: list[tuple[str, str, Any, list[str]]] = [
    ("input", "input:input", input_of, [
        "default", "with hint text", "with error message", "with error and hint", "with width-2 class", "with width-3 class",
        "with width-4 class", "with width-5 class", "with width-10 class", "with width-20 class", "with width-30 class",
        "with label as page heading", "id", "custom type", "value", "zero value", "attributes", "inputmode", "with autocomplete attribute",
        "with spellcheck enabled", "with spellcheck disabled"]),
    ("textarea", "textarea:textarea", textarea_of, [
        "default", "with hint", "with error message", "with default value", "with custom rows", "with label as page heading", "id",
        "attributes", "with hint and error message", "with autocomplete attribute", "with spellcheck enabled", "with spellcheck disabled"]),
    ("select", "select:select", select_of, [
        "with hint text and error message", "attributes", "error",
        "id"]),
    ("radios", "radios:radios", radios_of, [
        "with hint", "inline", "with a divider", "with very long option text",
        "small with long text", "small inline", "small with a divider",
        "with hints on parent and items", "with hint and error message"]),
    ("checkboxes", "checkboxes:checkboxes", checkboxes_of, [
        "with hint", "with error message",
        "with very long option text", "small with hint", "small with long text", "with error message and hint"]),
    ("date-input", "date_input:date_input", date_of, [
        "with errors only", "with errors and hint", "with error on day input", "with error on month input", "with error on year input"]),
    ("error-summary", "error_summary:error_summary", error_summary_of, ["default", "without links", "mixed with and without links"]),
    ("button", "button:button", button_of, ["default", "link", "secondary", "warning", "name", "value", "id", "explicit link"]),
    ("notification-banner", "messages:notification", notification_of, [
        "default", "with type as success", "custom title", "title html as text", "custom text", "html as text"]),
    ("details", "messages:details", details_of, ["default", "html as text"]),
    ("warning-text", "messages:warning", lambda o: {"text": o["text"], "said": o.get("iconFallbackText", "Warning")}, [
        "default", "multiple lines", "html as text"]),
    ("inset-text", "messages:inset", lambda o: {"text": o["text"]}, ["default", "html as text"]),
    ("tag", "messages:tag", lambda o: {"text": o["text"], "colour": o.get("classes", "").removeprefix("govuk-tag--")}, [
        "default", "grey", "turquoise", "green", "purple", "pink", "red", "orange", "yellow", "html as text"]),
    ("panel", "messages:panel", lambda o: {"title": o.get("titleText", o.get("titleHtml")), "text": o.get("text", "")}, [
        "default", "title with no body text"]),
    ("back-link", "messages:back_link", lambda o: {"href": o.get("href", "#"), "text": o.get("text", "Back")}, [
        "default", "with custom text and link", "html as text"]),
    ("error-message", "parts:error_message", lambda o: {"text": o["text"], "id": o.get("id", "")}, ["default", "id", "html as text"]),
]  # fmt: skip
CASES = [(component, call, options, name) for component, call, options, names in PROVED for name in names]


@pytest.mark.parametrize(("component", "call", "options", "name"), CASES, ids=[f"{one[0]}: {one[3]}" for one in CASES])
def test_a_macro_gives_what_the_package_expects(component: str, call: str, options: Any, name: str) -> None:
    fixture = load(component)[name]
    assert tree(render(call, **options(fixture["options"]))) == tree(fixture["html"])


@pytest.mark.parametrize("name", ["default", "with head", "with head and caption", "with firstCellIsHeader true", "html as text"])
def test_a_table_is_the_packages_within_a_box_that_scrolls(name: str) -> None:
    fixture = load("table")[name]
    given = {**fixture["options"], "caption": fixture["options"].get("caption", "Dates")}
    ours = tree(render("table:table", **table_of(given)))[0]
    assert ours[1]["tabindex"] == "0"
    theirs = tree(fixture["html"])[0]
    if "caption" not in fixture["options"]:
        ours[2][0][2].pop(0)
    assert ours[2] == [theirs]


@pytest.mark.parametrize("name", ["default", "no-border", "with actions", "with falsy values"])
def test_a_summary_list_gives_the_rows_that_the_package_expects(name: str) -> None:
    fixture = load("summary-list")[name]
    ours, theirs = tree(render("summary_list:summary_list", **rows_of(fixture["options"])))[0], tree(fixture["html"])[0]
    kept = [row for row, option in zip(theirs[2], [one for one in fixture["options"]["rows"] if one], strict=True) if offered(option)]
    assert ours[:2] == theirs[:2]
    assert ours[2] == kept
    assert kept
