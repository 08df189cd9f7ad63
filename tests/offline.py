"""Run a command with the network cut: `python tests/offline.py pytest -q`.

Two ways, the first that the machine allows:

- a network namespace of its own, where only the loopback interface exists: nothing that the command starts,
  a browser included, can reach an outside address (Linux, as root or as an ordinary user);
- else a guard in every Python process, which refuses to connect anywhere but to this machine. Other programs
  are not held by it.

The way used is printed, and told to the command in the environment variable GEOATELIER_NETWORK:
"namespace" or "guard". `--guard` asks for the second.
"""

import ctypes
import os
import shutil
import socket
import struct
import sys
from pathlib import Path

VARIABLE = "GEOATELIER_NETWORK"
GUARD_FOLDER = Path(__file__).resolve().parent / "offline_guard"
SAYS = {
    "namespace": "Réseau coupé : espace de noms réseau, où seule la boucle locale existe.",
    "guard": (
        "Réseau coupé pour les programmes Python seulement : pas d'espace de noms réseau sur ce système. "
        "Un navigateur lancé par les tests n'est pas retenu."
    ),
}

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
SIOCGIFFLAGS, SIOCSIFFLAGS = 0x8913, 0x8914
IFF_UP = 0x1


def main(arguments: list[str]) -> int:
    """Cut the network, then become the command."""
    guard_asked = arguments[:1] == ["--guard"]
    command = arguments[guard_asked:]
    if not command:
        print(__doc__, file=sys.stderr)
        return 2
    if not guard_asked and namespace_allowed():
        enter_namespace()
        way = "namespace"
    else:
        paths = [str(GUARD_FOLDER), os.environ.get("PYTHONPATH", "")]
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
        way = "guard"
    os.environ[VARIABLE] = way
    print(SAYS[way], file=sys.stderr, flush=True)
    # The tools of this Python's environment come first, as if it were activated.
    os.environ["PATH"] = os.pathsep.join(
        [str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]
    )
    program = shutil.which(command[0])
    if program is None:
        print(f"Commande introuvable : {command[0]}", file=sys.stderr)
        return 127
    return os.execv(program, [program, *command[1:]])


def namespace_allowed() -> bool:
    """Try the whole of it in a child process: a half-made namespace has no way back."""
    if not sys.platform.startswith("linux"):
        return False
    child = os.fork()
    if child == 0:
        try:
            enter_namespace()
            with socket.create_server(("127.0.0.1", 0)) as server:
                socket.create_connection(server.getsockname(), timeout=2).close()
        except OSError:
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def enter_namespace() -> None:
    """Enter a new network namespace and bring its loopback up.

    Raises
    ------
    OSError
        If the kernel, or what contains this process, does not permit it.
    """
    import fcntl  # absent from Windows, where the guard is used

    libc = ctypes.CDLL(None, use_errno=True)
    user, group = os.geteuid(), os.getegid()
    if libc.unshare(CLONE_NEWNET) != 0:
        # Not root: own the network of a new user namespace, and stay the same user in it.
        if libc.unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0:
            error = ctypes.get_errno()
            raise OSError(error, os.strerror(error))
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = struct.pack("16sH14x", b"lo", 0)
        flags = struct.unpack("16sH14x", fcntl.ioctl(control, SIOCGIFFLAGS, request))[1]
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags | IFF_UP))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
