"""Refuse every connection that leaves the machine, in each Python process that finds this file first."""

import errno
import ipaddress
import socket
from typing import Any


def refuse_outside(name: str) -> None:
    """Replace one method of `socket.socket` that takes an address last."""
    plain = getattr(socket.socket, name)

    def guarded(self: socket.socket, *arguments: Any) -> Any:
        if self.family in (socket.AF_INET, socket.AF_INET6) and is_outside(arguments[-1][0]):
            raise OSError(errno.ENETUNREACH, f"network cut by the tests: {arguments[-1][0]}")
        return plain(self, *arguments)

    setattr(socket.socket, name, guarded)


def is_outside(host: str) -> bool:
    """Tell whether a host is not this machine; a name other than localhost is outside."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host not in ("localhost", "")
    return not (address.is_loopback or address.is_unspecified)


for method in ("connect", "connect_ex", "sendto"):
    refuse_outside(method)

plain_getaddrinfo = socket.getaddrinfo


def local_getaddrinfo(host: Any, *arguments: Any, **options: Any) -> Any:
    """Resolve this machine only, as a machine without a network does."""
    name = host.decode() if isinstance(host, bytes) else host
    if name and is_outside(name) and name != socket.gethostname():
        raise socket.gaierror(socket.EAI_AGAIN, "network cut by the tests")
    return plain_getaddrinfo(host, *arguments, **options)


socket.getaddrinfo = local_getaddrinfo
