"""The illustrator's edits through the whole house: sizes are kept, and what it declines reaches the card."""

from __future__ import annotations

from collections.abc import AsyncIterator
from io import BytesIO

import pytest
from PIL import Image

from chatelier.config import Settings
from chatelier.db.models import Thread, User
from chatelier.domain.images import keep_upload
from chatelier.services import Services, open_services
from chatelier.storage.database import open_file
from tests.people import People

pytestmark = pytest.mark.anyio


@pytest.fixture
async def services(settings: Settings) -> AsyncIterator[Services]:
    drawing = settings.model_copy(update={"image_provider": "illustrator"})
    async with open_services(drawing) as opened:
        yield opened


@pytest.fixture
async def ada(people: People) -> User:
    return await people.user("Ada")


@pytest.fixture
async def thread(people: People, ada: User) -> Thread:
    return await people.thread(ada)


async def upload(services: Services, ada: User, thread: Thread, image: Image.Image) -> None:
    out = BytesIO()
    image.save(out, "JPEG")
    await keep_upload(services, ada, thread.id, out.getvalue())


async def picture(services: Services, image_id: object) -> Image.Image:
    file = await open_file(services.sessions, image_id, "original")  # type: ignore[arg-type]
    image = Image.open(BytesIO(await file.read()))
    image.load()
    return image


async def test_an_upload_keeps_its_size_and_kind_when_it_gets_brighter(
    services: Services, people: People, worker: None, ada: User, thread: Thread
) -> None:
    await upload(services, ada, thread, Image.linear_gradient("L").convert("RGB").resize((421, 317)))
    brighter = await people.finished(ada, await people.says(ada, thread, "make it brighter"))
    assert brighter.status == "succeeded", brighter.error
    (image,) = brighter.images
    assert (image.width, image.height, image.media_type) == (421, 317, "image/jpeg")
    assert brighter.kind == "edit"


async def test_what_it_cannot_draw_into_an_upload_reaches_the_card_in_its_words(
    services: Services, people: People, worker: None, ada: User, thread: Thread
) -> None:
    await upload(services, ada, thread, Image.new("RGB", (300, 300), "#88aacc"))
    refused = await people.finished(ada, await people.says(ada, thread, "add a dog"))
    assert refused.status == "failed"
    error = refused.error or {}
    assert "I did not draw this picture" in error["message"]
    assert "“add a dog”" in error["message"]
    assert (error["code"], error["retryable"]) == ("bad_request", False)
    assert not refused.images


async def test_an_extended_picture_keeps_its_size_in_later_changes(
    services: Services, people: People, worker: None, ada: User, thread: Thread
) -> None:
    await people.finished(ada, await people.says(ada, thread, "/imagine a cat in a meadow --size 512x512"))
    wide = await people.finished(ada, await people.says(ada, thread, "extend it to the left"))
    red = await people.finished(ada, await people.says(ada, thread, "make the cat red"))
    sizes = [(one.images[0].width, one.images[0].height) for one in (wide, red)]
    assert sizes == [(768, 512), (768, 512)]


async def test_a_mask_protects_every_other_pixel_of_the_kept_picture(
    services: Services, people: People, worker: None, ada: User, thread: Thread
) -> None:
    first = await people.finished(
        ada, await people.says(ada, thread, "/imagine a cat in a meadow --size 512x512"), seconds=60
    )
    mask, out = Image.new("RGBA", (512, 512), (0, 0, 0, 255)), BytesIO()
    mask.paste((0, 0, 0, 0), (0, 0, 256, 512))
    mask.save(out, "PNG")
    free = await keep_upload(services, ada, thread.id, out.getvalue())
    posted = await people.says(
        ada, thread, "make the sky purple", source_image_ids=(first.images[0].id,), mask_image_id=free.id
    )
    purple = await people.finished(ada, posted)
    assert purple.status == "succeeded", purple.error
    before, after = [(await picture(services, one.images[0].id)).convert("RGB") for one in (first, purple)]
    assert before.crop((256, 0, 512, 512)).tobytes() == after.crop((256, 0, 512, 512)).tobytes()
    assert before.crop((0, 0, 250, 512)).tobytes() != after.crop((0, 0, 250, 512)).tobytes()
