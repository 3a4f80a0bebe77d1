"""The sessions that run and the kernel routes they need, remembered in one small file each."""
import fcntl
import json
import os
import subprocess
from contextlib import contextmanager

from log import log


@contextmanager
def locked(settings):
    """One hook at a time: a login and the end of the session before it may overlap."""
    os.makedirs(settings.state, mode=0o700, exist_ok=True)
    with open(os.path.join(settings.state, '.lock'), 'w', encoding='utf-8') as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def session_name(login, since):
    """What connect, disconnect and the status of OpenVPN know in common."""
    return f'{login}@{since}'


def all_sessions(settings):
    """Every remembered session by name."""
    found = {}
    try:
        names = os.listdir(settings.state)
    except FileNotFoundError:
        return found
    for name in names:
        if name.endswith('.session'):
            try:
                with open(os.path.join(settings.state, name), encoding='utf-8') as file:
                    found[name[: -len('.session')]] = json.load(file)
            except (OSError, ValueError):
                continue  # it ended while we looked
    return found


def remember(settings, name, session):
    """Writes a session and places its routes. Call it within `locked`; raises OSError when a route is refused."""
    at = os.path.join(settings.state, f'{name}.session')
    with open(f'{at}.new', 'w', encoding='utf-8') as file:
        json.dump(session, file)
    os.replace(f'{at}.new', at)
    _ip(settings, [f'route replace {route} dev {session["dev"]}' for route in session['routes']], required=True)


def forget(settings, name):
    """Removes a session, and its routes but for those that another session has by now. Call it within `locked`."""
    sessions = all_sessions(settings)
    session = sessions.pop(name, None)
    if not session:
        return None
    os.unlink(os.path.join(settings.state, f'{name}.session'))
    kept = {route for each in sessions.values() for route in each['routes']}
    _ip(settings, [f'route del {route} dev {session["dev"]}' for route in session['routes'] if route not in kept])
    return session


def forget_all(settings, dev):
    """When the server starts no session runs: routes that an earlier run left are removed too. Call it within `locked`."""
    sessions = all_sessions(settings)
    for name in sessions:
        os.unlink(os.path.join(settings.state, f'{name}.session'))
    protocol = settings.route_protocol
    for family in ('-4', '-6'):
        subprocess.run(['ip', family, 'route', 'flush', 'dev', dev, 'proto', protocol], stderr=subprocess.DEVNULL, check=False)
    return sessions


def place(settings, route, dev):
    """Places one route again."""
    _ip(settings, [f'route replace {route} dev {dev}'])


def _ip(settings, commands, required=False):
    """All in one process; one that fails does not hold up the others."""
    for family in (4, 6):
        mine = [each for each in commands if (':' in each.split()[2]) == (family == 6)]
        if not mine:
            continue
        batch = ''.join(f'{each} proto {settings.route_protocol}\n' for each in mine)
        result = subprocess.run(['ip', f'-{family}', '-force', '-batch', '-'], input=batch.encode(), capture_output=True, check=False)
        if result.returncode != 0:
            text = ' '.join(result.stderr.decode('utf-8', 'replace').split())
            if required:
                raise OSError(f'ip: {text}')
            # removed with their interface, or by hand
            log(settings, f'routes: {text}')
