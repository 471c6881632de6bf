"""IBM's SDK made ready: who we are, how connections are made and kept."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ibm_cloud_sdk_core.authenticators import (
    Authenticator,
    BasicAuthenticator,
    IAMAuthenticator,
    NoAuthAuthenticator,
)
from ibmcloudant import CouchDbSessionAuthenticator
from ibmcloudant.cloudant_v1 import CloudantV1
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies

from juggler_cloudant.io.errors import tls_failed

if TYPE_CHECKING:
    from juggler_cloudant.settings import CloudantSettings

# Else failures of TLS are printed with their tracebacks wherever logging was not set up.
logging.getLogger("ibm-cloud-sdk-core").addHandler(logging.NullHandler())


def service_of(settings: CloudantSettings) -> Any:
    """The SDK's client, without retries of its own: they would repeat writes.

    Raises:
        ConfigurationError: ``tls``: the authorities' file is not there.
    """
    # The SDK's own annotations are narrower than what it takes and gives.
    service: Any = CloudantV1(authenticator=_authenticator(settings))
    service.set_service_url(settings.service_url)
    service.set_http_config({})
    service.set_enable_gzip_compression(not settings.is_near)
    service.set_disable_ssl_verification(not settings.verify)
    session = service.get_http_client()
    adapter = HTTPAdapter(pool_connections=1, pool_maxsize=settings.pool_size, pool_block=False)
    session.mount("http://", adapter)
    if settings.verify:
        session.mount("https://", adapter)
    session.trust_env = False  # which would be read again for each request
    if not settings.is_near:
        session.proxies.update(get_environ_proxies(settings.service_url))
    session.verify = _authorities(settings) or True
    if manager := getattr(service.authenticator, "token_manager", None):
        # Else a login would wait for ever.
        manager.http_config = {"timeout": (settings.connect_timeout, settings.read_timeout)}
    return service


def _authorities(settings: CloudantSettings) -> str | None:
    """The file, or folder, of the authorities; one that is not there is refused now."""
    if settings.ca_certs and not Path(settings.ca_certs).exists():
        raise tls_failed(f"there is no file {settings.ca_certs!r}, which ca_certs names")
    return settings.ca_certs


def _authenticator(settings: CloudantSettings) -> Authenticator:
    name, password = settings.username or "", settings.password or ""
    match settings.way:
        case "basic":
            return BasicAuthenticator(name, password)
        case "session":
            return CouchDbSessionAuthenticator(name, password)
        case "iam":
            return IAMAuthenticator(settings.api_key or "", url=settings.iam_url)
        case _:
            return NoAuthAuthenticator()
