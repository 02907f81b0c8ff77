"""What a file says of itself when its owner downloads it, and which kind of source made it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from chatelier import __version__
from chatelier.db.models import Generation, Image, User
from chatelier.domain.preferences import read_preferences
from chatelier.errors import ChatelierError
from chatelier.providers.base import Capabilities
from chatelier.services import Services
from chatelier.storage.database import open_file
from chatelier.storage.labels import find_mark
from chatelier.storage.xmp import Label

# IPTC digital source types of what is made from a person's own picture.
COMPOSITES = {
    "trainedAlgorithmicMedia": "compositeWithTrainedAlgorithmicMedia",
    "algorithmicMedia": "compositeSynthetic",
}
_OPTIONS = ("quality", "style", "background")


async def find_label(db: AsyncSession, user: User, image: Image) -> Label | None:
    """For the owner's own download; None for what the owner brought, which is given back as it is. Prompt, model, seed
    and options are in it when the owner's preferences of this moment say so; the title never quotes anybody."""
    if image.origin != "generated" or image.owner_id != user.id:
        return None
    title = f"Image #{image.handle}"
    owner = await db.scalar(select(User).where(User.id == user.id).execution_options(populate_existing=True))
    if owner is None or not read_preferences(owner).describe_files:
        return Label(title=title)
    query = select(Generation).where(Generation.id == image.generation_id, Generation.owner_id == user.id)
    made_by = await db.scalar(query)
    engine = f"{made_by.provider} {made_by.model}".strip() if made_by else ""
    return Label(title=title, prompt=image.prompt, engine=engine, parameters=parameters(image, made_by))


def parameters(image: Image, made_by: Generation | None) -> str:
    """The prompt, a line of what to avoid, and a line of "name: value" pairs that other tools take apart at commas."""
    options = made_by.options if made_by else {}
    negative = options.get("negative_prompt")
    pairs = {"Size": f"{image.width}x{image.height}", "Seed": image.seed, "Model": made_by.model if made_by else None}
    pairs |= {name.capitalize(): options.get(name) for name in _OPTIONS}
    pairs |= {"Engine": made_by.provider if made_by else None, "Version": f"Chatelier {__version__}"}
    line = ", ".join(f"{name}: {_quoted(str(value))}" for name, value in pairs.items() if value not in (None, ""))
    return "\n".join([image.prompt, *([f"Negative prompt: {negative}"] if negative else []), line])


def _quoted(value: str) -> str:
    return f'"{value.replace(chr(34), chr(39))}"' if set(",:\n") & set(value) else value


async def source_type(services: Services, generation: Generation, capabilities: Capabilities) -> str:
    """The IPTC term for what ``generation`` makes: of what the engine is, or a composite of it with a person's own
    picture, directly or over earlier edits. An engine that cannot edit sees the words alone. Where the database or
    the store is away the engine's own term must do: a result that was paid for does not wait for a finer word."""
    made = capabilities.digital_source_type
    if not capabilities.edit or not generation.source_image_ids or made not in COMPOSITES:
        return made
    try:
        return COMPOSITES[made] if await _from_a_person(services, generation) else made
    except (ChatelierError, DBAPIError):
        return made


async def _from_a_person(services: Services, generation: Generation) -> bool:
    wanted = [UUID(text) for text in generation.source_image_ids]
    async with services.transaction() as db:
        query = select(Image.id, Image.origin).where(Image.id.in_(wanted), Image.owner_id == generation.owner_id)
        sources = [(row.id, row.origin) for row in await db.execute(query)]
    for image_id, origin in sources:
        mark = await find_mark(await open_file(services.sessions, image_id, "original"))
        if origin == "upload" or (mark is not None and mark.source_type in COMPOSITES.values()):
            return True
    return False
