"""The illustrator keeps what every image provider owes."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from chatelier.providers.illustrator import Illustrator
from tests.providers.contract import ImageProviderContract

pytestmark = pytest.mark.anyio


class TestContract(ImageProviderContract):
    change_elsewhere = "make it darker"
    slow_prompt = "a watercolor of a red house under a green tree"

    @pytest.fixture
    async def provider(self) -> AsyncIterator[Illustrator]:
        illustrator = Illustrator()
        yield illustrator
        await illustrator.close()
