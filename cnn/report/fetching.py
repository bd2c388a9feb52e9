"""Fetches an assignment from a link."""

import ipaddress
import socket
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from cnn.report.assignment_file import MOST_BYTES
from cnn.report.report import ReportError

PATIENCE = 10.0  # seconds


def fetch(address: str) -> str:
    """The text at an http or https address. Raises ReportError with the reason if there is none.

    Addresses that lead to this computer itself (loopback, link-local) are refused: everyone who can open a page may ask
    the server for any link. Others in the local network are not: a course may keep its assignments there.
    """
    _check(address)
    try:
        with build_opener(_Redirects).open(Request(address, headers={"Accept": "text/*"}), timeout=PATIENCE) as answer:
            content = answer.read(MOST_BYTES + 1)
    except (URLError, OSError, ValueError) as error:
        raise ReportError(f"The link {address} could not be opened: {getattr(error, 'reason', error)}.") from None
    if len(content) > MOST_BYTES:
        raise ReportError(f"The file at {address} is larger than 1 MB. An assignment is a short text.")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise ReportError(f"The file at {address} is not a text in UTF-8.") from None
    if text.lstrip()[:1] == "<":
        raise ReportError(f"{address} is a web page. The link must lead to the Markdown file itself (“raw”).")
    return text


class _Redirects(HTTPRedirectHandler):
    def redirect_request(self, req, fp, code, msg, headers, newurl):
        _check(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _check(address: str) -> None:
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        parts, host, port = urlsplit(""), "", None
    if parts.scheme not in ("http", "https") or not host:
        raise ReportError("A link begins with http:// or https://.")
    try:
        found = socket.getaddrinfo(host, port or 443, type=socket.SOCK_STREAM)
    except OSError as error:
        raise ReportError(f"The link {address} could not be opened: {error.strerror or error}.") from None
    for *_, place in found:
        ip = ipaddress.ip_address(str(place[0]).partition("%")[0])
        if ip.is_loopback or ip.is_link_local or ip.is_unspecified or ip.is_multicast:
            raise ReportError("The link leads to this computer itself. Open the file instead.")
