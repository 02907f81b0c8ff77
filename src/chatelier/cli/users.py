"""Accounts: add, list, change, disable and delete them."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from chatelier.cli.place import Config, DataDir, in_transaction, settings_from
from chatelier.cli.plans import Changes, read_changes, told
from chatelier.errors import Invalid, NotFound

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.ext.asyncio import AsyncSession

    from chatelier.db.models import User

app = typer.Typer(help="Accounts.", no_args_is_help=True)

Email = Annotated[str, typer.Argument(metavar="EMAIL")]
PasswordStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from the first line of standard input.")
]


class RoleName(StrEnum):
    member = "member"
    admin = "admin"


@app.command("add")
def add_user(
    email: Email,
    admin: Annotated[bool, typer.Option("--admin", help="May do everything; closes setup.")] = False,
    plan: Annotated[str, typer.Option(metavar="NAME", help="The plan whose limits apply; else the usual one.")] = "",
    password_stdin: PasswordStdin = False,
    config: Config = None,
    data_dir: DataDir = None,
) -> None:
    """Add an account."""
    settings = settings_from(config, data_dir)
    from chatelier.domain import users

    users.check_email(email)
    password = read_password(password_stdin)
    user = in_transaction(settings, lambda db: users.create_user(db, email, password=password, admin=admin, plan=plan))
    typer.echo(f"Added {user.email}{' as an admin' if admin else ''}.")


@app.command("list")
def list_users(config: Config = None, data_dir: DataDir = None) -> None:
    """List all accounts, oldest first."""
    settings = settings_from(config, data_dir)
    from chatelier.domain import users

    for user in in_transaction(settings, users.list_users):
        state = "disabled" if user.disabled_at else "active"
        typer.echo(f"{user.email}\t{user.role}\t{user.plan}\t{state}\t{user.created_at:%Y-%m-%d}")


@app.command("password")
def change_password(
    email: Email, password_stdin: PasswordStdin = False, config: Config = None, data_dir: DataDir = None
) -> None:
    """Set somebody's password; ends their sign-ins and revokes their API keys."""
    from chatelier.domain import users

    async def change(db: AsyncSession, user: User) -> None:
        await users.change_password(db, user, read_password(password_stdin))

    user = _with_user(config, data_dir, email, change)
    typer.echo(f"Changed. {user.email} has to sign in again, and older API keys are revoked.")


@app.command("plan")
def set_plan(
    email: Email,
    plan: Annotated[str, typer.Argument(metavar="NAME")],
    config: Config = None,
    data_dir: DataDir = None,
) -> None:
    """Put somebody on another plan."""
    from chatelier.domain import plans

    user = _with_user(config, data_dir, email, lambda db, user: plans.move_user(db, user, plan))
    typer.echo(f"{user.email} is on the plan {plan} now.")


@app.command("limits")
def limit_user(
    email: Email,
    limit: Changes = None,
    forget: Annotated[bool, typer.Option("--forget", help="Go back to the plan's limits first.")] = False,
    config: Config = None,
    data_dir: DataDir = None,
) -> None:
    """Set limits that hold for somebody instead of the plan's; `none` means no limit."""
    from chatelier.domain import plans

    async def change(db: AsyncSession, user: User) -> None:
        own = {**({} if forget else user.limits), **read_changes(limit)}
        await plans.limit_user(db, user, own)
        user.limits = own

    user = _with_user(config, data_dir, email, change)
    typer.echo(f"{user.email}, beside the plan {user.plan}: {told(user.limits)}")


@app.command("role")
def set_role(email: Email, role: RoleName, config: Config = None, data_dir: DataDir = None) -> None:
    """Make somebody an admin, or a member again; ends their sign-ins."""
    from chatelier.db.models import Role
    from chatelier.domain import users

    user = _with_user(config, data_dir, email, lambda db, user: users.set_role(db, user, Role(role.value)))
    typer.echo(f"{user.email} is {'an admin' if role is RoleName.admin else 'a member'} now.")


@app.command("disable")
def disable_user(email: Email, config: Config = None, data_dir: DataDir = None) -> None:
    """Lock somebody out; what they have stays."""
    from chatelier.domain import users

    user = _with_user(config, data_dir, email, users.disable_user)
    typer.echo(f"{user.email} is signed out and cannot sign in until `chatelier user enable {user.email}`.")


@app.command("enable")
def enable_user(email: Email, config: Config = None, data_dir: DataDir = None) -> None:
    """Let a disabled account in again."""
    from chatelier.domain import users

    user = _with_user(config, data_dir, email, users.enable_user)
    typer.echo(f"{user.email} can sign in again.")


@app.command("delete")
def delete_user(
    email: Email,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    config: Config = None,
    data_dir: DataDir = None,
) -> None:
    """Delete an account with its threads, images and keys, for good."""
    from chatelier.domain import users

    if not yes and not (sys.stdin.isatty() and typer.confirm(f"Delete {email} and everything they have, for good?")):
        raise Invalid(f"Nothing was deleted. Add --yes to delete {email} without a question.")
    user = _with_user(config, data_dir, email, users.delete_user)
    typer.echo(f"Deleted {user.email} and everything they had.")


def read_password(from_stdin: bool) -> str:
    """From the first line of standard input, or asked twice on a terminal."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise Invalid("There is no terminal to ask for a password. Pipe one in with --password-stdin.")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))


async def known_user(db: AsyncSession, email: str) -> User:
    from chatelier.domain.users import find_user

    user = await find_user(db, email)
    if user is None:
        raise NotFound(f"There is no account for {email}. `chatelier user list` shows all.")
    return user


def _with_user(
    config: Path | None, data_dir: Path | None, email: str, verb: Callable[[AsyncSession, User], Awaitable[None]]
) -> User:
    async def find_and_call(db: AsyncSession) -> User:
        user = await known_user(db, email)
        await verb(db, user)
        return user

    return in_transaction(settings_from(config, data_dir), find_and_call)
