"""Writes the tables in docs/ that say what the code says: settings, commands, routes, errors.

``make docs`` writes them; tests/guards/test_docs.py fails when they are behind.
Each stands between two comments, ``<!-- NAME: made by make docs -->`` and ``<!-- end of NAME -->``.
"""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import typer
from pydantic import AliasChoices, BaseModel
from pydantic.fields import FieldInfo
from starlette.routing import Route

from chatelier import errors
from chatelier.config import ProviderSettings, Settings
from chatelier.domain import sentences
from chatelier.providers.comfyui import ComfyUISettings
from chatelier.providers.webui import WebUISettings

DOCS = Path(__file__).resolve().parent.parent / "docs"


def main() -> None:
    for path, text in rendered():
        path.write_text(text)


def rendered() -> Iterator[tuple[Path, str]]:
    """Every page of docs/ that holds a table, with the text it should have."""
    for path in sorted(DOCS.glob("*.md")):
        text = path.read_text()
        filled = fill(text)
        if filled != text or "made by make docs" in text:
            yield path, filled


def fill(text: str) -> str:
    for name, make in TABLES.items():
        start, end = f"<!-- {name}: made by make docs -->\n", f"<!-- end of {name} -->"
        if start in text:
            before, rest = text.split(start, 1)
            text = f"{before}{start}{make()}\n{end}{rest.split(end, 1)[1]}"
    return text


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = list(head)
    lines = [head, ["---"] * len(head), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def settings() -> str:
    shown = ((name, field) for name, field in Settings.model_fields.items() if not field.exclude)
    return table(
        ["in `chatelier.toml`", "in the environment", "default", "what it does"],
        ([f"`{name}`", f"`{variable(name, field)}`", default(field), field.description or ""] for name, field in shown),
    )


def provider_settings() -> str:
    rows = (
        [f"`{name}`", default(field), field.description or ""] for name, field in ProviderSettings.model_fields.items()
    )
    return table(["key", "default", "what it does"], rows)


def server_options(settings: type[BaseModel]) -> str:
    """What stands under a table's ``options``: all but what every table has."""
    common = {*ProviderSettings.model_fields, "price_micros"}
    own = ((name, field) for name, field in settings.model_fields.items() if name not in common)
    rows = (
        [f"`{name}`", "" if field.is_required() else default(field), field.description or ""] for name, field in own
    )
    return table(["option", "default", "what it does"], rows)


def variable(name: str, field: FieldInfo) -> str:
    alias = field.validation_alias
    return str(alias.choices[0]) if isinstance(alias, AliasChoices) else f"CHATELIER_{name.upper()}"


def default(field: FieldInfo) -> str:
    if field.default_factory is dict:
        return ""
    if field.default_factory:
        return "the platform's"
    if field.default in ((), {}, None):
        return ""
    value = str(field.default).lower() if isinstance(field.default, bool) else str(field.default)
    return f"`{value}`" if value else ""


def error_codes() -> str:
    importlib.import_module("chatelier.app")  # every module that has errors of its own
    found = sorted(children(errors.ChatelierError), key=lambda error: (error.status, error.code))
    seen_by_people = (error for error in found if error is not errors.CannotStart)
    rows = [[str(error.status), f"`{error.code}`", error.sentence] for error in seen_by_people]
    return table(["status", "code", "sentence, where none fits better"], unique(rows))


def children(parent: type[errors.ChatelierError]) -> Iterator[type[errors.ChatelierError]]:
    for child in parent.__subclasses__():
        yield child
        yield from children(child)


def unique(rows: list[list[str]]) -> list[list[str]]:
    """One row per code: two classes may share one."""
    return list({row[1]: row for row in reversed(rows)}.values())[::-1]


def failures() -> str:
    known = [*sentences.FAILURES.values(), *vars(sentences).values()]
    rows = [
        [f"`{found.code}`", found.message, "yes" if found.retryable else "no"]
        for found in known
        if isinstance(found, sentences.Sentence)
    ]
    codes = list(dict.fromkeys(row[0] for row in rows))
    once = sorted({tuple(row) for row in rows}, key=lambda row: (codes.index(row[0]), rows.index(list(row))))
    return table(["code", "sentence", "retry"], once)  # a code may have several sentences


def routes() -> str:
    create_app = importlib.import_module("chatelier.app").create_app
    known = [route for route in flat(create_app(Settings()).routes) if route.methods != {"HEAD"}]
    return table(
        ["", "address", "does"], ([methods(route), f"`{route.path}`", purpose(route.endpoint)] for route in known)
    )


def flat(some: Iterable[Any]) -> Iterator[Route]:
    for route in some:
        if isinstance(route, Route):
            yield route
        else:
            yield from flat(route.original_router.routes)  # FastAPI's wrapper of an included router


def methods(route: Route) -> str:
    return " ".join(sorted(set(route.methods or ()) - {"HEAD"}))


def purpose(verb: Any) -> str:
    """The first sentence of its docstring, else its name."""
    said = re.split(r"(?<=[.;:]) |\n\n", inspect.getdoc(verb) or "")[0].replace("\n", " ").rstrip(".:;")
    return said or str(verb.__name__).replace("_", " ").capitalize()


def inventory() -> str:
    kept = importlib.import_module("chatelier.domain.inventory")
    rows = [
        [f"`{name}`", ", ".join(held.columns), withheld(held.withheld), held.at_deletion]
        for name, held in kept.INVENTORY.items()
    ]
    rows += [[f"`{name}`", "", "", f"nobody's: {why}"] for name, why in kept.NOT_PERSONAL.items()]
    return table(["table", "in an export", "not in an export, and why", "when the account is deleted"], rows)


def withheld(columns: dict[str, str]) -> str:
    """Columns with the same reason together."""
    reasons: dict[str, list[str]] = {}
    for column, why in columns.items():
        reasons.setdefault(why, []).append(column)
    return "; ".join(f"{', '.join(names)}: {why}" for why, names in reasons.items())


def commands() -> str:
    root = typer.main.get_command(importlib.import_module("chatelier.cli").app)
    return table(["command", "does"], walk(root, "chatelier"))


def walk(command: Any, name: str) -> Iterator[list[str]]:
    """The commands below this one, each with its arguments and options as a person types them."""
    children = getattr(command, "commands", {})
    for child in children:
        yield from walk(children[child], f"{name} {child}")
    if not children and not command.hidden:
        given = [usage(parameter) for parameter in command.params if parameter.name not in EVERYWHERE]
        yield [f"`{' '.join([name, *given])}`", purpose(command.callback)]


def usage(parameter: Any) -> str:
    shown = (parameter.metavar or parameter.name).upper()
    if parameter.param_type_name == "argument":
        return shown if parameter.required else f"[{shown}]"
    flags = "|".join(max(options, key=len) for options in (parameter.opts, parameter.secondary_opts) if options)
    given = flags if parameter.is_flag else f"{flags} {shown}"
    return given if parameter.required else f"[{given}]"


EVERYWHERE = {"help", "config", "data_dir"}  # options of every command, said once in docs/operate.md
TABLES: dict[str, Callable[[], Any]] = {
    "settings": settings,
    "provider settings": provider_settings,
    "webui options": lambda: server_options(WebUISettings),
    "comfyui options": lambda: server_options(ComfyUISettings),
    "errors": error_codes,
    "failures": failures,
    "routes": routes,
    "commands": commands,
    "inventory": inventory,
}

if __name__ == "__main__":
    main()
