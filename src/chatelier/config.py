"""Every setting, once: its default, its unit and one line of help. docs/configure.md lists the same table."""

from __future__ import annotations

import os
from email.utils import parseaddr
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import parse_qsl, unquote, urlsplit

import platformdirs
from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from chatelier.errors import CannotStart

CONFIG_NAME = "chatelier.toml"
REDIS_SCHEMES = ("redis", "rediss", "valkey", "valkeys", "unix")


def default_data_dir() -> Path:
    """The platform's user data folder; for root the system's, since a database never runs as root
    and another user cannot reach into root's home."""
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return Path("/var/lib/chatelier")
    return Path(platformdirs.user_data_dir("chatelier", appauthor=False))


def _is_key(value: str) -> str:
    """What a header can hold: an odd character, copied along, would break each call with no word about why."""
    key = value.strip()
    if not (key.isascii() and key.isprintable()):
        raise ValueError("it holds characters that no key has; copy it once more")
    return key


Key = Annotated[str, AfterValidator(_is_key)]


class ProviderSettings(BaseModel):
    """One `[providers.NAME]` table of chatelier.toml: an engine beside the built-in ones. docs/providers.md."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: str = Field("openai-compatible", description="What it speaks: see docs/providers.md.")
    label: str = Field("", max_length=60, description="Its name for people; empty: the server's.")
    base_url: str = Field("", description="Address of the server.")
    api_key: Key = Field("", repr=False, description="Key for the server.")
    api_version: str = Field("", description="Azure's API version.")
    model: str = Field("", max_length=200, description="Model for new images; empty: the usual one there.")
    edit_model: str = Field("", max_length=200, description="Model for edits; empty: as for new images.")
    models: tuple[str, ...] = Field((), description="More models to choose from.")
    like: str = Field("", description="The known model that the server's model is, under a name of its own.")
    can: tuple[Literal["edit", "mask", "seed", "negative_prompt"], ...] = Field(
        (), description="What an unknown model can: edit, mask, seed, negative_prompt."
    )
    price: float | None = Field(
        None, ge=0, le=100_000, allow_inf_nan=False, description="US dollars an image, before any known price."
    )
    free: bool | None = Field(None, description="It costs nothing; by default true on private addresses.")
    deadline: float = Field(300.0, gt=0, le=3600, allow_inf_nan=False, description="Seconds one call may take.")
    options: dict[str, Any] = Field({}, repr=False, description="What only this type knows.")


class MailServer(BaseModel):
    """What ``smtp_url`` says: smtp://user:password@host:port?starttls=required&ca=FILE, or smtps:// for TLS from the
    first byte. ``starttls`` auto: where the server offers it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str = Field(min_length=1)
    port: int = Field(ge=1, le=65535)
    tls: bool
    user: str = ""
    password: str = Field("", repr=False)
    starttls: Literal["auto", "required", "off"] = "auto"
    ca: str = ""

    @classmethod
    def from_url(cls, url: str) -> MailServer:
        """Raises ValueError."""
        parts = urlsplit(url)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname or parts.path.strip("/"):
            raise ValueError("write it as smtp://user:password@host:587, or smtps://…:465")
        tls, query = parts.scheme == "smtps", dict(parse_qsl(parts.query, keep_blank_values=True))
        if unknown := query.keys() - {"starttls", "ca"}:
            raise ValueError(f"behind the ? it knows starttls and ca, not {', '.join(sorted(unknown))}")
        return cls(
            host=parts.hostname,
            port=parts.port or (465 if tls else 587),
            tls=tls,
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            **query,
        )


class Settings(BaseSettings):
    """Precedence: command-line flags, then ``CHATELIER_*`` variables, then ``chatelier.toml``, then these defaults."""

    model_config = SettingsConfigDict(
        env_prefix="CHATELIER_", env_nested_delimiter="__", extra="ignore", frozen=True, populate_by_name=True
    )

    data_dir: Path = Field(
        default_factory=default_data_dir, description="Folder for everything the embedded mode writes."
    )
    database_url: str = Field(
        "", repr=False, description="PostgreSQL 14+ to use instead of the embedded one: postgresql://user@host/name."
    )
    redis_url: str = Field(
        "",
        repr=False,
        description="Redis or Valkey that counts requests for several servers together: redis://host:6379/0.",
    )
    base_url: str = Field(
        "", description="Public address, as in https://paint.example.org; empty: as each request says."
    )
    secret_key: str = Field(
        "", repr=False, description="Signs and encrypts; empty: made once and kept in the data folder."
    )
    backup_passphrase: str = Field(
        "", repr=False, description="Keeps the secret key in backups; empty: `chatelier backup` asks a terminal."
    )
    host: str = Field("127.0.0.1", description="Address to listen on; 0.0.0.0 for the whole network.")
    trusted_proxies: str = Field(
        "",
        description="Addresses or networks of proxies whose X-Forwarded-* headers are believed, with commas between.",
    )
    port: int = Field(8080, ge=1, le=65535, description="TCP port to listen on.")
    worker: bool = Field(True, description="Run the worker inside the web process.")
    picture_slots: int = Field(
        2, ge=1, le=32, description="Generations painted at the same time by one worker process."
    )
    reply_slots: int = Field(4, ge=1, le=32, description="Text replies written at the same time by one worker process.")
    stop_grace: float = Field(
        6.0, ge=0, le=60, description="Seconds that running jobs get to end when the process stops."
    )
    chat_model: str = Field(
        "",
        description="Chat model: 'local', 'none', or one of the OpenAI-compatible server; empty: the best there is.",
    )
    chat_base_url: str = Field("", description="OpenAI-compatible chat server, as in http://127.0.0.1:11434/v1.")
    chat_api_key: Key = Field("", repr=False, description="Key for chat_base_url.")
    chat_input_price: float | None = Field(
        None, ge=0, le=1e6, allow_inf_nan=False, description="US dollars for a million tokens sent to the chat model."
    )
    chat_output_price: float | None = Field(
        None,
        ge=0,
        le=1e6,
        allow_inf_nan=False,
        description="The same for tokens written; set both or neither.",
    )
    chat_vision: bool | None = Field(
        None, description="Whether the chat model is shown the images of a thread; empty: as is known of the model."
    )
    chat_window: int = Field(
        0,
        ge=0,
        le=10_000_000,
        description="Tokens that question and answer may have together; 0: as is known of it, or its server says.",
    )
    local_model_path: str = Field(
        "", description="GGUF file for the local chat model; empty: the one of `chatelier model install`."
    )
    local_chat_idle: float = Field(
        600.0, gt=0, description="Seconds without talk after which the local model is unloaded."
    )
    image_provider: str = Field(
        "", description="Image provider by name; empty: OpenAI where its key is set, else the illustrator."
    )
    image_model: str = Field("", description="Model of the image provider; empty: its default.")
    image_fallback: tuple[str, ...] = Field(
        (), description="Image providers to try in this order when one is out of reach or busy and nothing was paid."
    )
    provider_patience: float = Field(
        120.0, ge=0, le=3600, description="Seconds a generation waits by itself for a provider that is busy."
    )
    providers: dict[str, ProviderSettings] = Field(
        {}, description="More image providers, each a table `[providers.NAME]`: docs/providers.md."
    )
    models: dict[str, dict[str, Any]] = Field(
        {}, description="What you know better about image models, each a table `[models.NAME]`: docs/providers.md."
    )
    moderation_model: str = Field(
        "", description="Model that declines prompts before they are sent: omni-moderation-latest; empty: none."
    )
    moderation_base_url: str = Field("", description="OpenAI-compatible server of moderation_model; empty: OpenAI.")
    moderation_api_key: Key = Field("", repr=False, description="Its key; empty: OPENAI_API_KEY, for OpenAI alone.")
    moderation_images: bool = Field(False, description="Show it finished images, and uploads to be changed, too.")
    moderation_when_down: Literal["refuse", "allow"] = Field(
        "refuse", description="What is done while moderation_model does not answer: refuse or allow."
    )
    moderation_timeout: float = Field(
        5.0, gt=0, le=60, allow_inf_nan=False, description="Seconds that moderation_model has for its answer."
    )
    offline: bool = Field(False, description="Refuse every provider outside this machine and its network.")
    fake_provider: bool = Field(False, description="Offer the scripted fake providers (for tests and demonstrations).")
    fake_journal: str = Field("", description="File to which the scripted fake painter writes a line per call.")
    fake_picture: str = Field("", description="File that every picture of the scripted fake painter is, to measure.")
    openai_api_key: Key = Field(
        "",
        repr=False,
        description="Key for OpenAI.",
        validation_alias=AliasChoices("OPENAI_API_KEY", "openai_api_key"),
    )
    openai_base_url: str = Field(
        "",
        description="OpenAI-compatible address.",
        validation_alias=AliasChoices("OPENAI_BASE_URL", "openai_base_url"),
    )
    upgrade_url: str = Field(
        "", description="Address behind the button that asks for an upgrade, such as a payment page; empty: a note."
    )
    posts_per_minute: int = Field(
        1800, ge=0, description="Requests a minute by which one person may change something; 0: any number."
    )
    api_calls_per_minute: int = Field(
        9000,
        ge=0,
        description="API calls a minute of one person, or without a valid key of one network address; 0: any number.",
    )
    smtp_url: str = Field(
        "", repr=False, description="Mail server, smtp://user:password@host:587 or smtps://; empty: notices in pages."
    )
    mail_from: str = Field(
        "", description="Sender of mails, as in Chatelier <paint@example.org>; empty: the user of smtp_url."
    )
    alert_urls: tuple[str, ...] = Field(
        (), repr=False, description="Addresses that apprise knows, to which alerts for admins go beside mail."
    )
    session_days: int = Field(30, ge=1, le=365, description="Days a sign-in lasts without being used.")
    storage_url: str = Field(
        "",
        repr=False,
        description="Object store for original images: s3://bucket/prefix, gs://bucket, az://container or "
        "file:///a/folder; empty: the database. Credentials: docs/operate.md.",
    )
    smaller_originals: bool = Field(
        False, description="Encode PNG originals again, without loss, as WebP where that is smaller."
    )
    upload_bytes: int = Field(20_000_000, ge=1_000_000, description="Largest uploaded image, in bytes.")
    image_pixels: int = Field(40_000_000, ge=1_000_000, description="Largest decoded image, in pixels.")
    address_days: int = Field(
        90, ge=1, le=3650, description="Days after which people's network addresses leave the audit log."
    )
    trash_days: int = Field(30, ge=1, le=3650, description="Days after which what is in the trash is gone for good.")
    least_free_bytes: int = Field(
        500_000_000,
        ge=0,
        description="Free bytes on the embedded database's disk below which nothing is asked for; 0: not looked at.",
    )
    thumbnail_cache_bytes: int = Field(
        24_000_000, ge=0, description="Memory for the thumbnails asked for most, in bytes; 0: none."
    )
    log_level: str = Field("info", description="debug, info, warning or error.")
    log_json: bool = Field(False, description="One JSON object a log line, for machines.")
    config_file: Path | None = Field(None, exclude=True, description="Where chatelier.toml was read from.")

    @property
    def mail_server(self) -> MailServer | None:
        return MailServer.from_url(self.smtp_url) if self.smtp_url else None

    @property
    def sender(self) -> tuple[str, str]:
        """Name and address of who sends mails; the address is '' where none are sent."""
        server = self.mail_server
        name, address = parseaddr(self.mail_from or (server.user if server else ""))
        return name or "Chatelier", address

    @field_validator("smtp_url")
    @classmethod
    def _is_a_mail_server(cls, url: str) -> str:
        try:
            MailServer.from_url(url) if url else None
        except ValidationError as error:  # its own words hold the address, and that the password
            wrong = error.errors()[0]
            raise ValueError(f"{'.'.join(map(str, wrong['loc']))}: {wrong['msg']}") from None
        return url

    @model_validator(mode="after")
    def _mail_has_a_sender(self) -> Self:
        address = self.sender[1]
        usable = address.count("@") == 1 and " " not in address and f"{self.mail_from}{address}".isprintable()
        if self.smtp_url and not usable:
            raise ValueError("smtp_url needs mail_from, as in Chatelier <paint@example.org>")
        return self

    @field_validator("redis_url")
    @classmethod
    def _is_redis(cls, value: str) -> str:
        if value and urlsplit(value).scheme not in REDIS_SCHEMES:
            raise ValueError("write it as redis://host:6379/0, rediss:// for TLS, or unix:///path of a socket")
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _are_known_proxies(cls, value: str) -> str:
        """No * for everybody: whoever reaches the port could then say who they are."""
        try:
            return ",".join(str(ip_network(part.strip(), strict=False)) for part in value.split(",") if part.strip())
        except ValueError as error:
            raise ValueError("name addresses or networks of proxies, as in 127.0.0.1, 172.16.0.0/12") from error

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        path = init_settings().get("config_file")
        toml = (TomlConfigSettingsSource(settings_cls, toml_file=path),) if path else ()
        return (init_settings, env_settings, *toml)


def load_settings(config: Path | None = None, **flags: Any) -> Settings:
    """Read all sources once. ``flags`` that are None are ignored. Raises CannotStart with the setting's name."""
    given = {key: value for key, value in flags.items() if value is not None}
    data_dir = Path(given.get("data_dir") or os.environ.get("CHATELIER_DATA_DIR") or default_data_dir())
    path = config or (data_dir / CONFIG_NAME)
    if config is not None and not config.is_file():
        raise CannotStart(f"The configuration file {config} is not there. Check the path given with --config.")
    try:
        return Settings(**given, config_file=path if path.is_file() else None)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"]) or "mail_from"
        why = first["msg"].removeprefix("Value error, ")
        raise CannotStart(f"The setting {name} cannot be used: {why}. See docs/configure.md.") from error
    except ValueError as error:
        raise CannotStart(f"{path} is not valid TOML: {error}.") from error
