"""The map of the product: every address of a page or a part of one, and who answers it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter

from chatelier.web import (
    account,
    admin_providers,
    assets,
    decisions,
    events,
    gallery,
    generations,
    images,
    messages,
    options,
    sessions,
    threads,
    uploads,
)

ROUTES: tuple[tuple[str, str, Callable[..., Any]], ...] = (
    ("GET", "/setup", sessions.show_setup),
    ("POST", "/setup", sessions.create_admin),
    ("GET", "/sign-in", sessions.show_sign_in),
    ("POST", "/sign-in", sessions.create_sign_in),
    ("POST", "/sign-out", sessions.delete_sign_in),
    ("GET", "/account", account.show_account),
    ("POST", "/account/password", account.change_password),
    ("POST", "/account/preferences", account.change_taste),
    ("POST", "/account/sign-ins/deletion", account.end_all_sessions),
    ("POST", "/account/keys", account.create_key),
    ("POST", "/account/keys/{key_id}/revocation", account.create_revocation),
    ("GET", "/admin/providers", admin_providers.show_providers),
    ("POST", "/admin/providers", admin_providers.save),
    ("POST", "/admin/providers/usual", admin_providers.choose_usual),
    ("POST", "/admin/providers/{name}/deletion", admin_providers.delete),
    ("POST", "/admin/providers/{name}/question", admin_providers.ask),
    ("POST", "/admin/providers/{name}/picture", admin_providers.paint_test),
    ("GET", "/", threads.start),
    ("GET", "/threads", threads.list_threads),
    ("POST", "/threads", threads.create_thread),
    ("GET", "/threads/{thread_id}", threads.show_thread),
    ("GET", "/threads/{thread_id}/title", threads.ask_title),
    ("POST", "/threads/{thread_id}/title", threads.change_title),
    ("POST", "/threads/{thread_id}/pin", threads.change_pin),
    ("GET", "/threads/{thread_id}/deletion", threads.ask_deletion),
    ("POST", "/threads/{thread_id}/deletion", threads.delete_thread),
    ("GET", "/threads/{thread_id}/events", events.follow_thread),
    ("GET", "/threads/{thread_id}/changes", events.show_changes),
    ("GET", "/threads/{thread_id}/messages", messages.list_earlier),
    ("POST", "/threads/{thread_id}/messages", messages.create_message),
    ("POST", "/threads/{thread_id}/decision", decisions.show_decision),
    ("POST", "/decision", decisions.show_first_decision),
    ("GET", "/options", options.show_options),
    ("POST", "/threads/{thread_id}/images", uploads.upload_image),
    ("POST", "/images", uploads.upload_first_image),
    ("POST", "/messages", messages.create_first_message),
    ("POST", "/messages/{message_id}/cancellation", messages.cancel_reply),
    ("POST", "/messages/{message_id}/retry", messages.retry_reply),
    ("POST", "/messages/{message_id}/correction", messages.create_correction),
    ("POST", "/messages/{message_id}/painting", messages.create_painting),
    ("GET", "/generations/{generation_id}/details", generations.show_details),
    ("GET", "/generations/{generation_id}/partial", generations.show_partial),
    ("POST", "/generations/{generation_id}/cancellation", generations.cancel),
    ("POST", "/generations/{generation_id}/retry", generations.retry),
    ("GET", "/gallery", gallery.show_gallery),
    ("GET", "/gallery/trash", gallery.show_trash),
    ("GET", "/images/{image_id}", images.show_image),
    ("POST", "/images/{image_id}/favourite", images.change_favourite),
    ("POST", "/images/{image_id}/trash", images.trash),
    ("POST", "/images/{image_id}/restoration", images.restore),
    ("POST", "/images/{image_id}/current", images.make_current),
    ("POST", "/images/{image_id}/variation", images.create_variation),
    ("GET", "/images/{image_id}/{variant}", images.show_file),
    ("GET", "/static/{path:path}", assets.serve_asset),
)

router = APIRouter(include_in_schema=False)
for _method, _path, _endpoint in ROUTES:
    methods = ["GET", "HEAD"] if _method == "GET" else [_method]
    router.add_api_route(_path, _endpoint, methods=methods, response_model=None)
