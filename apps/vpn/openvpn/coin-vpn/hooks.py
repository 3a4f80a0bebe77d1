"""What OpenVPN calls. Nothing here holds up the server: what asks the directory runs in the background."""
import os
import sys
import time

from directory import Unreachable, account, password_fits, say_what_is_wrong
from log import log
from pushed import kernel_routes, pushed_lines
from background import soon
from report import report
from sessions import all_sessions, forget, forget_all, locked, place, remember, session_name

AGAIN = 'TEMP[backoff 5,advance no]:The directory does not answer, please wait'


def auth(settings, arguments):
    """auth-user-pass-verify … via-file. 0 accepted, 1 refused, 2 the answer comes in a file."""
    with open(arguments[0], 'rb') as file:
        lines = file.read().split(b'\n')
    login = lines[0].decode('utf-8', 'replace')
    password = lines[1] if len(lines) > 1 else b''
    if not settings.is_login(login) or not password:
        log(settings, f'auth {login[:64]!r} refused: {"empty password" if settings.is_login(login) else "not a login"}')
        return 1
    file = os.environ.get('auth_control_file')
    if not file:
        return 0 if _may_log_in(settings, login, password) else 1
    allowed = soon(lambda: _may_log_in(settings, login, password), lambda good: _answer(file, '1' if good else '0'))
    return 2 if allowed is None else 0 if allowed else 1


def connect(settings, arguments):
    """client-connect: says which addresses the client gets, and places the routes."""
    env = dict(os.environ)
    file = env.get('client_connect_deferred_file')
    if not file:
        return 0 if _begin(settings, env, arguments[-1]) else 1

    def later(begun):
        # OpenVPN has to see that it is to wait, before it sees the answer
        time.sleep(0.1)
        if not _answer(file, '1' if begun else '0') and begun:
            # the client did not wait for it
            _end(settings, session_name(env['common_name'], env['time_unix']), {})

    _answer(file, '2')
    begun = soon(lambda: _begin(settings, env, env.get('client_connect_config_file') or arguments[-1]), later)
    if begun:
        _answer(file, '1')
    return 1 if begun is False else 0


def disconnect(settings, arguments):
    """client-disconnect: takes the routes away."""
    del arguments
    env = os.environ
    _end(settings, session_name(env['common_name'], env['time_unix']), env)
    return 0


def up(settings, arguments):
    """up: the server begins, so that nothing of an earlier run is true any more."""
    dev = os.environ.get('dev') or arguments[0]
    with locked(settings):
        left = forget_all(settings, dev)
    log(settings, f'up {dev}' + (f', forgot {" ".join(left)}' if left else ''))
    report(settings, [_event('disconnect', name, session) for name, session in left.items()])
    return 0


def learn(settings, arguments):
    """learn-address: places the route of a network again, should somebody have removed it."""
    log(settings, f'learn {" ".join(arguments)}')
    if arguments[0] != 'delete' and '/' in arguments[1]:
        with locked(settings):
            for session in all_sessions(settings).values():
                if arguments[1] in session['routes']:
                    place(settings, arguments[1], session['dev'])
    return 0


def end_lost(settings, name):
    """For a session that OpenVPN does not know any more."""
    _end(settings, name, {})


def _may_log_in(settings, login, password):
    try:
        found = account(settings, login)
        reason = 'no such account' if not found else None if found.enabled else 'not enabled'
        if not reason and not password_fits(settings, found, password):
            reason = 'wrong password'
    except Unreachable as error:
        # the client is told to try again, and not to throw the password away
        _answer(os.environ.get('auth_failed_reason_file', ''), AGAIN)
        reason = f'the directory does not answer: {error}'
    log(settings, f'auth {login} refused: {reason}' if reason else f'auth {login} accepted')
    return not reason


def _begin(settings, env, file):
    login = env['common_name']
    name = session_name(login, env['time_unix'])
    try:
        found = account(settings, login) if settings.is_login(login) else None
        if not found or not found.enabled:
            log(settings, f'connect {login[:64]} refused: {"not enabled" if found else "no such account"}')
            return False
        say_what_is_wrong(settings, found)
        if not found.ipv4 and not found.ipv6:
            log(settings, f'connect {login} refused: no endpoint')
            return False
        lines = pushed_lines(settings, found, env)
        session = {
            'login': login,
            'since': int(env['time_unix']),
            'seen': time.time(),
            'remote': (env.get('trusted_ip') or env.get('trusted_ip6') or '').removeprefix('::ffff:'),
            'dev': env['dev'],
            # of the certificate, where clients show one
            'serial': f'{int(env.get("tls_serial_0") or 0):X}',
            'addresses': found.addresses(),
            'routes': kernel_routes(found),
        }
        with locked(settings):
            try:
                remember(settings, name, session)
            except OSError as error:
                log(settings, f'connect {login} refused: {error}')
                forget(settings, name)
                return False
        with open(file, 'w', encoding='utf-8') as answer:
            answer.write(''.join(f'{line}\n' for line in lines))
    except Unreachable as error:
        log(settings, f'connect {login} refused: the directory does not answer: {error}')
        return False
    log(settings, f'connect {name} {"; ".join(lines)}')
    report(settings, [_event('connect', name, session)])
    return True


def _end(settings, name, env):
    with locked(settings):
        session = forget(settings, name)
    received, sent = env.get('bytes_received', ''), env.get('bytes_sent', '')
    log(settings, f'disconnect {name} received={received} sent={sent}' + ('' if session else ' (not remembered)'))
    if session:
        report(settings, [_event('disconnect', name, session, received, sent)])


def _event(kind, name, session, received='', sent=''):
    event = {'event': kind, 'login': session['login'], 'session': name, 'remote': session['remote']}
    return {**event, 'received': received, 'sent': sent, 'at': int(time.time())}


def alive(settings, clients):
    """Reports the sessions that run; `clients` is what OpenVPN says of each session: (received, sent) by name."""
    known = all_sessions(settings)
    report(settings, [_event('alive', name, known[name], *counts) for name, counts in clients.items() if name in known])


def _answer(file, text):
    """Writes into a file that OpenVPN made and still waits for; false when it does not."""
    try:
        handle = os.open(file, os.O_WRONLY | os.O_TRUNC | os.O_CLOEXEC)
    except OSError:
        return False
    with open(handle, 'w', encoding='utf-8') as answer:
        answer.write(text)
    return True


def check(settings, arguments):
    """For the operator: whether the directory answers, and what it says of a login."""
    from directory import look_at_base

    try:
        look_at_base(settings)
        print(f'{settings.ldap_uri}: {settings.base} is there')
        env = {'ifconfig_local': '<server>', 'ifconfig_ipv6_local': '<server>'}
        for login in arguments:
            found = account(settings, login) if settings.is_login(login) else None
            print(f'{login}: {found.dn if found else "no such account"}{"" if not found or found.enabled else ", not enabled"}')
            for line in pushed_lines(settings, found, env) if found else []:
                print(f'  {line}')
            for text in found.wrong if found else []:
                print(f'  left out: {text}')
            if not found or not found.enabled:
                return 1
    except Unreachable as error:
        print(f'{settings.ldap_uri}: {error}', file=sys.stderr)
        return 1
    return 0
