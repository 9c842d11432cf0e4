"""A message by HTTP POST: certificate verified, no redirect followed, tried again where trying again can help."""

from __future__ import annotations

import logging
from datetime import datetime
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import urllib3

from pipelines.operations.alerts.configuration import Webhook
from pipelines.operations.alerts.message import Answer, Message
from pipelines.operations.alerts.robots import refusal, request

#: answers that pass by themselves
PASSING = (408, 425, 429, 500, 502, 503, 504)
#: seconds before the second and third attempt at most, also where the server asks for more: the next look comes anyway
LONGEST_WAIT = 5
MOST_ANSWERED = 65_536

# its warnings hold the address, and with it what only the robot's owner may know
logging.getLogger("urllib3").setLevel(logging.ERROR)


def send(channel: Webhook, message: Message, name: str, now: datetime) -> Answer:
    """Post once, and twice more after what can pass. Raises urllib3.exceptions.HTTPError (its text holds the address).

    A POST that timed out is tried again, too: an alert told twice is better than none, and its id is the same.
    """
    url, headers, body = request(channel, message, name, now)
    retries = urllib3.Retry(
        total=2,
        redirect=0,
        other=0,  # a certificate that is not trusted stays so
        allowed_methods=None,
        status_forcelist=PASSING,
        backoff_factor=0.5,
        backoff_max=LONGEST_WAIT,
        retry_after_max=LONGEST_WAIT,
        raise_on_status=False,
        raise_on_redirect=False,
    )
    with _pool(channel) as pool:
        answer = pool.request(
            "POST",
            url,
            body=body,
            headers=headers,
            retries=retries,
            redirect=False,
            timeout=urllib3.Timeout(connect=channel.timeout_seconds, read=channel.timeout_seconds),
            preload_content=False,
        )
        content = answer.read(MOST_ANSWERED, decode_content=True)
        answer.close()
    if 300 <= answer.status < 400:
        return Answer(False, f"HTTP {answer.status}，地址已改，请更新 url · moved, correct the url")
    if not 200 <= answer.status < 300:
        return Answer(False, f"HTTP {answer.status}", reached=answer.status not in PASSING)
    if refused := refusal(channel, content):
        return Answer(False, refused)
    return Answer(True, f"HTTP {answer.status}，已接收 · accepted")


def _pool(channel: Webhook) -> urllib3.PoolManager:
    """Through the proxy that the environment names (HTTPS_PROXY, NO_PROXY), if any."""
    address = urlsplit(channel.url)
    proxy = None if proxy_bypass(address.hostname or "") else getproxies().get(address.scheme)
    if proxy:
        return urllib3.ProxyManager(proxy, ssl_context=channel.tls())
    return urllib3.PoolManager(ssl_context=channel.tls())
