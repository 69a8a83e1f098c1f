"""Refuses every connection that would leave this machine.

conftest.py puts this folder on PYTHONPATH. Python imports a module of this name when it starts, so
the kernels and other programs that a test starts obey too. The error is an OSError, as it would be
without a network.
"""

import ipaddress
import socket


class NetworkBlocked(OSError):
    pass


def numeric(host):
    """The host as an IP address, or None when it is a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def is_local(host):
    """True for this machine's loopback addresses, however they are written."""
    if host in ("", "localhost"):
        return True
    return numeric(host) is not None and numeric(host).is_loopback


def guard(name):
    """Let a method of every socket first look at the address, its last argument."""
    original = getattr(socket.socket, name)

    def guarded(self, *arguments):
        internet = self.family in (socket.AF_INET, socket.AF_INET6)
        if internet and not is_local(arguments[-1][0]):
            raise NetworkBlocked(f"Tests may not reach {arguments[-1][0]}.")
        return original(self, *arguments)

    setattr(socket.socket, name, guarded)


def guard_names():
    """Refuse to look up names: that, too, asks a server."""
    original = socket.getaddrinfo

    def guarded(host, *arguments, **options):
        host_is_a_name = host is not None and numeric(host) is None
        if host_is_a_name and host not in ("", "localhost", socket.gethostname()):
            raise NetworkBlocked(f"Tests may not look up {host}.")
        return original(host, *arguments, **options)

    socket.getaddrinfo = guarded


for method in ("connect", "connect_ex", "sendto"):
    guard(method)
guard_names()
