"""The pretend council's own sign-in: a small identity provider (OpenID Connect, code flow with PKCE), for the demo alone and on loopback.

    GET  /id/.well-known/openid-configuration, /id/keys     what it says of itself, its public key (new at each start)
    GET  /id/authorize    asks who somebody is: no password, everybody in the demo may be anybody
    POST /id/authorize    back to the service with a code of one minute, good once
    POST /id/token        the code for an ID token: the client's secret and the PKCE verifier must be right

It knows one client, the service. What it leaves out a real one has: passwords, sessions, consent, refresh tokens.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from typing import Any
from urllib.parse import urlencode

import yaml
from flask import Blueprint, Response, abort, jsonify, redirect, render_template, request
from joserfc import jwt
from joserfc.jwk import ECKey

from integrations.launch.host import new_keypair
from plugin.demo.hosts.setting import Setting
from plugin.demo.places import DEMO

CLIENT = "accord"
AGENCY, OTHER = "northleigh-council", "hill-top-school"
PATH = "/id"
_LIFE = 60
_ASKED = ("client_id", "redirect_uri", "state", "nonce", "code_challenge", "scope")


def client_secret(api_secret: str) -> str:
    """The service's secret here: made of one that the host and the service share already."""
    return hmac.new(api_secret.encode(), b"sign-in", hashlib.sha256).hexdigest()


def people() -> list[dict[str, str]]:
    """Who has an account: the council’s people, its administrator at the desk, and one of the school, whom it lets in nowhere."""
    given = yaml.safe_load((DEMO / "partnership.yaml").read_text(encoding="utf-8"))
    by_agency = {agency["id"]: agency["people"] for agency in given["agencies"]}
    desk = yaml.safe_load((DEMO / "accounts.yaml").read_text(encoding="utf-8"))
    listed = [{"id": f"desk-{one['email']}", "title": "Administrator at the desk", **one} for one in desk if one.get("agency_id") == AGENCY]
    found = [*listed, *by_agency[AGENCY], *by_agency[OTHER][:1]]
    return [{name: str(one[name]) for name in ("id", "name", "title", "email")} for one in found]


def blueprint(setting: Setting, issuer: str) -> Blueprint:
    """Its pages, for the app of a host. `issuer` is its address, as browsers and the service both know it."""
    pages = Blueprint("provider", __name__, url_prefix=PATH)
    private, public = new_keypair("ES256")
    codes: dict[str, dict[str, Any]] = {}

    @pages.get("/.well-known/openid-configuration")
    def said() -> Response:
        return jsonify(_said(issuer))

    @pages.get("/keys")
    def keys() -> Response:
        return jsonify(keys=[public])

    @pages.get("/authorize")
    def ask() -> str:
        asked = _asked(request.args, setting.service)
        return render_template("council/provider.html", asked=asked, listed=people())

    @pages.post("/authorize")
    def answer() -> Any:
        asked = _asked(request.form, setting.service)
        who = next((one for one in people() if one["id"] == request.form.get("who")), None) or abort(400)
        code = secrets.token_urlsafe(24)
        codes[code] = {**asked, "who": who, "until": time.monotonic() + _LIFE}
        back = {"code": code, "state": asked["state"], "iss": issuer}
        return redirect(f"{asked['redirect_uri']}?{urlencode(back)}", 303)

    @pages.post("/token")
    def token() -> Any:
        held = codes.pop(request.form.get("code", ""), None)
        if not _knows(setting):
            return jsonify(error="invalid_client"), 401
        if held is None or held["until"] < time.monotonic() or not _proved(held, request.form):
            return jsonify(error="invalid_grant"), 400
        claims = {**_claims(held["who"]), "iss": issuer, "aud": CLIENT, "nonce": held["nonce"], **_times()}
        made = jwt.encode({"alg": "ES256", "kid": private["kid"]}, claims, ECKey.import_key(private))
        return jsonify(access_token=secrets.token_urlsafe(24), token_type="Bearer", expires_in=300, id_token=made)  # noqa: S106  # a type

    return pages


def _said(issuer: str) -> dict[str, Any]:
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{issuer}/token",
        "jwks_uri": f"{issuer}/keys",
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        "code_challenge_methods_supported": ["S256"],
        "scopes_supported": ["openid", "profile", "email"],
        "authorization_response_iss_parameter_supported": True,
    }


def _asked(given: Any, service: str) -> dict[str, str]:
    """What the service asks for; 400 for another client, another address to go back to, or no PKCE."""
    asked = {name: str(given.get(name, "")) for name in _ASKED}
    right = asked["client_id"] == CLIENT and asked["redirect_uri"].startswith(f"{service}/sign-on/") and asked["code_challenge"]
    return asked if right else abort(400)


def _knows(setting: Setting) -> bool:
    given = request.authorization
    wanted = client_secret(setting.keys.api_secret)
    return given is not None and given.username == CLIENT and hmac.compare_digest((given.password or "").encode(), wanted.encode())


def _proved(held: dict[str, Any], form: Any) -> bool:
    """The verifier is the challenge's (RFC 7636), and the address is the one that was asked for."""
    digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    return hmac.compare_digest(challenge, held["code_challenge"]) and bool(form.get("redirect_uri") == held["redirect_uri"])


def _claims(who: dict[str, str]) -> dict[str, Any]:
    """As a good provider says it; each sign-in here counts as one with a second factor, so that the desk asks for no code."""
    return {"sub": who["id"], "name": who["name"], "email": who["email"], "email_verified": True, "amr": ["pwd", "mfa"]}


def _times() -> dict[str, int]:
    now = int(time.time())
    return {"iat": now, "exp": now + 300, "auth_time": now}
