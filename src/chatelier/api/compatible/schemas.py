"""What programs send. Fields that we do not know are left aside: every client sends some of its own."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import UploadFile
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from chatelier.api.schemas import Text

AUTO = ("", "auto")


def _nothing(value: object) -> object:
    """What a form sends as empty, and what leaves the choice to us, is not said."""
    return None if isinstance(value, str) and value.strip() in AUTO else value


# The bounds stand inside: around "or nothing" they would be asked of nothing, too, which fails.
Word = Annotated[Annotated[str, Field(max_length=200)] | None, BeforeValidator(_nothing)]


class Asked(BaseModel):
    model_config = ConfigDict(extra="ignore")

    model: Word = None
    stream: bool | None = False


class NewPictures(Asked):
    prompt: str = Field(min_length=1, max_length=32_000)
    n: Annotated[Annotated[int, Field(ge=1, le=16)] | None, BeforeValidator(_nothing)] = 1
    size: Word = None
    quality: Word = None
    style: Word = None
    background: Word = None
    response_format: Annotated[Literal["b64_json", "url"] | None, BeforeValidator(_nothing)] = "b64_json"
    negative_prompt: Annotated[str, Field(max_length=2000)] | None = None
    seed: Annotated[Annotated[int, Field(ge=0, le=2**32 - 1)] | None, BeforeValidator(_nothing)] = None
    output_format: Word = None
    output_compression: Word = None
    moderation: Word = None
    input_fidelity: Word = None


class NewEdit(NewPictures):
    image: list[UploadFile] = []
    images: list[UploadFile] = Field([], alias="image[]")
    mask: UploadFile | None = None


class Url(BaseModel):
    url: str = Field(max_length=100_000_000)


class Part(BaseModel):
    model_config = ConfigDict(extra="ignore")

    type: Literal["text", "input_text", "image_url", "refusal"]
    text: Text = ""
    image_url: Url | None = None


class SentTurn(BaseModel):
    model_config = ConfigDict(extra="ignore")

    role: Literal["system", "developer", "user", "assistant"]
    content: Text | Annotated[list[Part], Field(max_length=1000)] | None = None

    def text(self) -> str:
        if isinstance(self.content, str):
            return self.content
        return "\n".join(part.text for part in self.content or () if part.text)

    def pictures(self) -> list[str]:
        """Their addresses."""
        parts = self.content if isinstance(self.content, list) else []
        return [part.image_url.url for part in parts if part.image_url]


class NewCompletion(Asked):
    messages: list[SentTurn] = Field(min_length=1, max_length=2000)
    n: Literal[1] | None = 1
    tools: list[Any] | None = Field(None, max_length=0)
    functions: list[Any] | None = Field(None, max_length=0)
