"""The tests run with the network cut: nothing outside answers, this machine still does."""

import os
import pwd
import socket
import subprocess
import sys
from pathlib import Path

import pytest

OFFLINE = Path(__file__).parent / "offline.py"
# Addresses and names that standards keep for documentation (RFC 5737, RFC 2606): nobody is there.
PROBE = """
import os, socket
print(os.environ["GEOATELIER_NETWORK"])
server = socket.create_server(("127.0.0.1", 0))
socket.create_connection(("localhost", server.getsockname()[1]), timeout=5).close()
print("local")

def connect(address, timeout):
    with socket.socket() as outside:
        outside.settimeout(timeout)
        outside.connect(address)

for reach, address in [
    (socket.create_connection, ("192.0.2.1", 80)),
    (socket.create_connection, ("example.org", 443)),
    (connect, ("192.0.2.1", 80)),
]:
    try:
        reach(address, timeout=5)
    except (TimeoutError, ConnectionRefusedError):
        print("tried")
    except OSError:
        print("cut")
"""


def run(*command, **options):
    return subprocess.run(
        [sys.executable, OFFLINE, *command],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        **options,
    )


def namespaces_work():
    return (
        run(sys.executable, "-c", "import os; print(os.environ['GEOATELIER_NETWORK'])").stdout
        == "namespace\n"
    )


def test_outside_is_cut_and_this_machine_answers():
    done = run(sys.executable, "-c", PROBE)
    assert done.returncode == 0, done.stderr
    way, *answers = done.stdout.split()
    assert way in ("namespace", "guard")
    assert answers == ["local", "cut", "cut", "cut"]


def test_the_guard_cuts_every_python_process_when_namespaces_are_not_permitted():
    nested = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {PROBE!r}], check=True)"
    done = run("--guard", sys.executable, "-c", nested)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["guard", "local", "cut", "cut", "cut"]


def test_the_way_used_is_said_plainly():
    assert "espace de noms réseau" in run(sys.executable, "-c", "").stderr
    assert "pour les programmes Python seulement" in run("--guard", sys.executable, "-c", "").stderr


def test_the_exit_status_and_arguments_of_the_command_are_kept():
    done = run(sys.executable, "-c", "import sys; print(sys.argv[1:]); sys.exit(3)", "a b", "*")
    assert done.returncode == 3
    assert done.stdout == "['a b', '*']\n"


def test_a_command_that_does_not_exist_is_named():
    done = run("commande-absente")
    assert done.returncode == 127
    assert "commande-absente" in done.stderr


def test_the_tools_of_the_environment_are_found_without_activating_it(tmp_path):
    done = run("pytest", "--version", env=os.environ | {"PATH": "/usr/bin:/bin"}, cwd=tmp_path)
    assert done.returncode == 0
    assert "pytest" in done.stdout


@pytest.mark.skipif(os.geteuid() != 0, reason="il faut être administrateur pour devenir un autre utilisateur")
def test_an_ordinary_user_cuts_the_network_too(tmp_path):
    if not namespaces_work():
        pytest.skip("ce système ne permet pas d'espace de noms réseau")
    nobody = pwd.getpwnam("nobody")
    python = Path("/usr/bin/python3")
    if not python.exists():
        pytest.skip("il faut un Python qu'un autre utilisateur peut lire")
    source = tmp_path / "offline.py"
    done = subprocess.run(
        [python, "-", python, "-c", PROBE],
        input=f"__file__ = {str(source)!r}\n{OFFLINE.read_text(encoding='utf-8')}",
        user=nobody.pw_uid, group=nobody.pw_gid, cwd="/",
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["namespace", "local", "cut", "cut", "cut"]


@pytest.mark.skipif("GEOATELIER_NETWORK" not in os.environ, reason="lancé sans tests/offline.py")
def test_this_very_run_has_no_network():
    with pytest.raises(OSError):
        socket.create_connection(("192.0.2.1", 80), timeout=2).close()
