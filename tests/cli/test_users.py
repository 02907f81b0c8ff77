from __future__ import annotations

import pytest

from tests.cli.conftest import Run

GOOD = "correct horse battery\n"


def add(run: Run, email: str, *more: str) -> None:
    assert run("user", "add", email, "--password-stdin", *more, stdin=GOOD).code == 0


def test_ada_is_added_listed_and_deleted(run: Run) -> None:
    added = run("user", "add", "Ada@example.org", "--password-stdin", "--plan", "premium", stdin=GOOD)
    assert (added.code, added.out) == (0, "Added ada@example.org.\n")
    add(run, "root@example.org", "--admin")
    lines = [line.split("\t") for line in run("user", "list").out.splitlines()]
    assert [line[:4] for line in lines] == [
        ["ada@example.org", "member", "premium", "active"],
        ["root@example.org", "admin", "owner", "active"],
    ]
    assert run("user", "delete", "ada@example.org", "--yes").code == 0
    assert "ada" not in run("user", "list").out


def test_ada_is_disabled_and_comes_back(run: Run) -> None:
    add(run, "ada@example.org")
    assert "cannot sign in" in run("user", "disable", "ada@example.org").out
    assert "\tdisabled\t" in run("user", "list").out
    assert run("user", "enable", "ada@example.org").code == 0
    assert "\tactive\t" in run("user", "list").out


def test_ada_becomes_an_admin_on_another_plan_with_another_password(run: Run) -> None:
    add(run, "ada@example.org")
    assert run("user", "role", "ada@example.org", "admin").code == 0
    assert run("user", "plan", "ada@example.org", "premium").code == 0
    assert "ada@example.org\tadmin\tpremium" in run("user", "list").out
    changed = run("user", "password", "ada@example.org", "--password-stdin", stdin="another good phrase\n")
    assert changed.code == 0
    assert "revoked" in changed.out


@pytest.mark.parametrize(
    ("words", "stdin", "part"),
    [
        (("user", "add", "nonsense", "--password-stdin"), GOOD, "not an e-mail address"),
        (("user", "add", "ada@example.org", "--password-stdin"), "short\n", "too short"),
        (("user", "add", "ada@example.org", "--password-stdin"), "", "too short"),
        (("user", "add", "ada@example.org"), "", "--password-stdin"),
        (("user", "add", "ada@example.org", "--password-stdin", "--plan", "No!"), GOOD, "plan"),
        (("user", "password", "nobody@example.org", "--password-stdin"), GOOD, "no account for nobody@example.org"),
        (("user", "delete", "nobody@example.org"), "", "--yes"),
        (("user", "disable", "nobody@example.org"), "", "no account"),
        (("key", "add", "nobody@example.org"), "", "no account"),
        (("key", "revoke", "abcd"), "", "No key in use"),
        (("user", "list", "--config", "/nowhere/chatelier.toml"), "", "is not there"),
    ],
)
def test_a_refusal_is_one_sentence_and_exit_code_1(run: Run, words: tuple[str, ...], stdin: str, part: str) -> None:
    refused = run(*words, stdin=stdin)
    assert refused.code == 1
    assert part in refused.err
    assert refused.out == ""
    assert len(refused.err.strip().splitlines()) == 1


@pytest.mark.parametrize(
    "words", [("nonsense",), ("user", "add"), ("serve", "--port", "99999"), ("user", "role", "a", "b")]
)
def test_what_is_not_understood_is_exit_code_2(run: Run, words: tuple[str, ...]) -> None:
    assert run(*words).code == 2


def test_the_only_admin_stays(run: Run) -> None:
    add(run, "ada@example.org", "--admin")
    refused = run("user", "delete", "ada@example.org", "--yes")
    assert refused.code == 1
    assert "only admin" in refused.err


def test_a_key_is_printed_alone_and_revoked_by_its_last_four(run: Run) -> None:
    add(run, "ada@example.org")
    key = run("key", "add", "ada@example.org", "--name", "laptop").out
    assert key.startswith("chk_")
    assert key.count("\n") == 1
    last_four = key.strip()[-4:]
    listed = run("key", "list", "ada@example.org").out
    assert f"…{last_four}\tada@example.org\tnever used\tlaptop" in listed
    assert key.strip() not in listed
    assert last_four in run("key", "revoke", last_four).out
    assert run("key", "list").out == ""
    assert run("key", "revoke", last_four).code == 1


def test_the_version_is_told(run: Run) -> None:
    assert run("--version").out.startswith("chatelier 0.")
