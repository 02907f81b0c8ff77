from __future__ import annotations

import pytest

from tests.cli.conftest import Run


@pytest.fixture(autouse=True)
def engines(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHATELIER_CHAT_BASE_URL", "https://talk.example.org/v1")
    monkeypatch.setenv("CHATELIER_CHAT_MODEL", "nobody-sells-this")


def test_what_has_no_price_is_listed_and_the_shell_hears_of_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHATELIER_PROVIDERS__MINE__BASE_URL", "https://paint.example.org/v1")
    monkeypatch.setenv("CHATELIER_PROVIDERS__MINE__MODEL", "brand-new-1")
    checked = run("prices", "check")
    assert checked.code == 1
    assert [line.split()[:2] for line in checked.out.splitlines() if "no known price" in line] == [
        ["mine", "brand-new-1"],
        ["talk.example.org", "nobody-sells-this"],
        ["2", "models"],
    ]
    assert "CHATELIER_CHAT_INPUT_PRICE" in checked.out


def test_the_operators_own_prices_are_enough(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHATELIER_CHAT_INPUT_PRICE", "2")
    monkeypatch.setenv("CHATELIER_CHAT_OUTPUT_PRICE", "10")
    checked = run("prices", "check")
    assert checked.code == 0
    assert "nobody-sells-this" in checked.out
    assert "0.009 USD for an answer" in checked.out


@pytest.mark.parametrize("price", ["-1", "nan", "inf", "1e308"])
def test_a_price_for_talk_that_is_none_refuses_the_configuration(
    run: Run, monkeypatch: pytest.MonkeyPatch, price: str
) -> None:
    monkeypatch.setenv("CHATELIER_CHAT_INPUT_PRICE", price)
    monkeypatch.setenv("CHATELIER_CHAT_OUTPUT_PRICE", "10")
    assert run("prices", "check").code != 0
