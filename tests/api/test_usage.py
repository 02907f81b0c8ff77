from __future__ import annotations

import pytest

from tests.api.caller import Caller

pytestmark = pytest.mark.anyio


async def test_ada_sees_her_plan_and_that_nothing_is_limited_yet(ada: Caller) -> None:
    assert await ada.call("GET", "/usage") == {"plan": "member", "time_zone": "UTC", "limits": []}
