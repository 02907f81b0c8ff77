"""A model that ends is marked where it is chosen, priced and examined; what replaces it is named."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from chatelier.cli import doctor
from chatelier.config import ProviderSettings, Settings
from chatelier.db.models import StoredProvider
from chatelier.domain.choices import list_offers
from chatelier.domain.engines import list_prices
from chatelier.domain.stored_providers import open_to_look
from chatelier.providers import open_providers

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
