"""A model that ends is marked where it is chosen, priced and examined; what replaces it is named."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from chatelier.cli import doctor
from chatelier.config import ProviderSettings, Settings
from chatelier.db.models import StoredProvider
from chatelier.domain.choices import list_offers
from chatelier.domain.engines import describe_engines, list_prices
from chatelier.domain.sentences import of_talk
from chatelier.domain.stored_providers import open_to_look
from chatelier.providers import chat_models, open_providers
from chatelier.providers.base import FailureKind
from chatelier.providers.lifecycle import Ending
from tests.providers.talk import failure

pytestmark = pytest.mark.anyio

TODAY = datetime.now(UTC).date()


@pytest.mark.parametrize(("days", "is_well"), [(200, True), (20, False), (0, False)])
def test_a_model_that_ends_is_told_of(settings: Settings, days: int, is_well: bool) -> None:
    day = TODAY + timedelta(days=days)
    fading = {"like": "gpt-image-2", "ends": {"openai": day.isoformat()}, "replacement": "gpt-image-2.6-flare"}
    table = ProviderSettings(type="openai", api_key="sk-x", label="Sun", model="fading-1", edit_model="gpt-image-2")
    own = {"models": {"fading-1": fading}, "providers": {"sun": table}, "image_provider": "illustrator"}
    providers = open_providers(settings.model_copy(update=own))
    findings = list(doctor._lifecycles(providers, TODAY))
    assert [(found.is_well, "Sun: fading-1" in found.sentence) for found in findings] == [(is_well, True)]
    assert f"{day:%-d %B %Y}; gpt-image-2.6-flare replaces it" in findings[0].sentence
    labels = [offer.label for offer in list_offers(providers) if "fading-1" in offer.label]
    priced = next(one for one in list_prices(providers) if one.model == "fading-1")
    if days:
        assert labels == [f"Sun · fading-1 (until {day:%-d %b %Y})"]
        assert str(priced.ending) == f"until {day:%-d %B %Y}, then gpt-image-2.6-flare"
    else:
        assert labels == []  # it is refused
        assert "Use gpt-image-2.6-flare instead" in priced.retired


def test_what_admins_added_is_examined_without_its_key(settings: Settings) -> None:
    providers = open_providers(settings)
    table = {"type": "openai", "model": "gpt-image-1"}
    rows = [StoredProvider(name="old", settings=table), StoredProvider(name="broken", settings={"type": "nonsense"})]
    providers.add(open_to_look(rows, providers))
    (found,) = doctor._lifecycles(providers, TODAY)
    assert (found.is_well, "gpt-image-1 is gone since 23 October 2026" in found.sentence) == (False, True)


async def test_so_is_a_chat_model_and_a_retired_one_is_refused_before_the_call(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = {"openai_api_key": "sk-x", "chat_model": "gpt-5-mini", "image_provider": "illustrator"}
    providers = open_providers(settings.model_copy(update=chosen))
    assert "(gpt-5-mini until 11 December 2026, then gpt-6-luna; charges" in describe_engines(providers)[1]
    (found,) = [one for one in doctor._lifecycles(providers, date(2026, 12, 1)) if "gpt-5-mini" in one.sentence]
    assert (found.is_well, "gpt-6-luna replaces it" in found.sentence) == (False, True)
    assert chat_models.ending_of("api.openai.com", "gpt-5.6-mini") is None
    assert chat_models.ending_of("127.0.0.1", "gpt-5-mini") is None  # other servers go on

    monkeypatch.setattr(chat_models, "ending_of", lambda *_: Ending(day=TODAY, replacement="gpt-6-luna"))
    assert providers.chat
    failed = await failure(providers.chat)  # with the way out closed a call would fail otherwise
    assert (failed.kind, failed.sent) == (FailureKind.BAD_REQUEST, False)
    assert "gpt-6-luna instead" in of_talk(failed)["message"]
    await providers.close()
