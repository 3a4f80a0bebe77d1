"""What the directory says about accounts, asked with the tools of ldap-utils."""
import base64
import ipaddress
import os
import subprocess

from log import log

# results of a bind that are an answer about the account (RFC 4511, appendix A)
REFUSED = (19, 32, 34, 48, 49, 50, 53)
AT_ONCE = 100


class Unreachable(Exception):
    """The directory did not answer, or not as a directory in order does. Says nothing about any account."""


class Account:
    """`enabled`, the endpoints (text or None) and the routed networks (sorted texts) of one entry."""

    def __init__(self, settings, entry):
        def values(name):
            return [value.decode('utf-8', 'replace') for value in entry.get(name.lower(), [])]

        self.dn = entry['dn'][0].decode('utf-8')
        self.login = values(settings.login_attribute)[0]
        enabled = settings.enabled_attribute
        self.enabled = not enabled or [each.upper() for each in values(enabled)] == [settings.enabled_value.upper()]
        self.wrong = []
        self.ipv4 = self._endpoint(settings, 4, values(settings.ipv4_endpoint_attribute))
        self.ipv6 = self._endpoint(settings, 6, values(settings.ipv6_endpoint_attribute))
        self.routes4 = self._routes(settings, 4, values(settings.ipv4_route_attribute))
        self.routes6 = self._routes(settings, 6, values(settings.ipv6_route_attribute))

    def addresses(self):
        """All that a session depends on: when it differs, the session has to begin anew."""
        return {'ipv4': self.ipv4, 'ipv6': self.ipv6, 'routes4': self.routes4, 'routes6': self.routes6}

    def _endpoint(self, settings, version, values):
        found = [each for each in (self._network(settings, version, value.split('/')[0]) for value in values) if each]
        return str(found[0].network_address) if found else None

    def _routes(self, settings, version, values):
        found = {each for each in (self._network(settings, version, value) for value in values) if each}
        return [str(each) for each in sorted(found)]

    def _network(self, settings, version, text):
        try:
            # what follows a space is a gateway, where routes are written as in RADIUS
            network = ipaddress.ip_network((text.split() or [''])[0], strict=False)
        except ValueError:
            network = None
        allowed = [ipaddress.ip_network(each) for each in settings.allowed.split()]
        inside = any(each.version == version and network and network.version == version and network.subnet_of(each) for each in allowed)
        if network and network.version == version and network.prefixlen > 0 and (inside or not allowed):
            return network
        self.wrong.append(text)
        return None


def account(settings, login):
    """The account of a login, or None. Raises Unreachable."""
    return accounts(settings, [login]).get(login)


def accounts(settings, logins):
    """The accounts of these logins that exist, by login. Raises Unreachable."""
    wanted = sorted({login for login in logins if settings.is_login(login)})
    lines = []
    for start in range(0, len(wanted), AT_ONCE):
        lines.append(''.join(f'({settings.login_attribute}={login})' for login in wanted[start : start + AT_ONCE]))
    if not lines:
        return {}
    names = [
        settings.login_attribute,
        settings.enabled_attribute,
        settings.ipv4_endpoint_attribute,
        settings.ipv6_endpoint_attribute,
        settings.ipv4_route_attribute,
        settings.ipv6_route_attribute,
    ]
    template = f'(&(objectClass={settings.object_class})(|%s))'
    asked = ['-f', '/dev/stdin', template, *[name for name in names if name]]
    found = {}
    for entry in _search(settings, ['-s', 'sub', *asked], '\n'.join(lines) + '\n'):
        each = Account(settings, entry)
        # directories compare without case; OpenVPN tells sessions apart with it
        if each.login not in wanted:
            continue
        if each.login in found:
            raise Unreachable(f'{each.login} has two entries: {found[each.login].dn} and {each.dn}')
        found[each.login] = each
    return found


def look_at_base(settings):
    """Raises Unreachable when the base itself is not there, or not for us to see: then no entry is seen either."""
    if not _search(settings, ['-s', 'base', '(objectClass=*)', '1.1']):
        raise Unreachable(f'{settings.base} is not to be seen')


def password_fits(settings, found, password):
    """Binds as the account. Raises Unreachable."""
    if not password:
        return False
    result = _run(settings, ['ldapwhoami'], found.dn, password)
    if result.returncode == 0:
        return True
    if result.returncode in REFUSED:
        return False
    raise Unreachable(_first_line(result.stderr))


def _search(settings, arguments, given=''):
    password = b''
    if settings.bind_password_file:
        try:
            with open(settings.bind_password_file, 'rb') as file:
                password = file.read().rstrip(b'\r\n')
        except OSError as error:
            raise Unreachable(f'{settings.bind_password_file}: {os.strerror(error.errno)}') from error
    command = ['ldapsearch', '-LLL', '-o', 'ldif_wrap=no', '-l', str(int(settings.timeout)), '-b', settings.base]
    result = _run(settings, [*command, *arguments], settings.bind_dn, password, given)
    if result.returncode != 0:
        raise Unreachable(_first_line(result.stderr))
    return _entries(result.stdout)


def _run(settings, command, dn, password, given=''):
    """The password goes through a pipe: on no command line, in no file."""
    seconds = str(max(1, int(settings.timeout)))
    options = ['-x', '-H', settings.ldap_uri, '-o', f'nettimeout={seconds}']
    if settings.ldap_start_tls == 'yes':
        options.append('-ZZ')
    env = {'PATH': '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'}
    if settings.ldap_ca:
        env.update(LDAPTLS_CACERT=settings.ldap_ca, LDAPTLS_REQCERT='demand')
    passed = []
    if dn:
        reading, writing = os.pipe()
        os.write(writing, password)
        os.close(writing)
        options += ['-D', dn, '-y', f'/dev/fd/{reading}']
        passed.append(reading)
    try:
        return subprocess.run(
            [command[0], *options, *command[1:]],
            input=given.encode(),
            capture_output=True,
            pass_fds=passed,
            env=env,
            timeout=settings.timeout,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise Unreachable(f'no answer within {seconds} s') from error
    except OSError as error:
        raise Unreachable(f'{command[0]}: {os.strerror(error.errno)}') from error
    finally:
        for each in passed:
            os.close(each)


def _entries(ldif):
    """Entries as {attribute in lower case: [bytes]}."""
    entries = []
    for block in ldif.split(b'\n\n'):
        entry = {}
        for line in block.splitlines():
            name, colon, value = line.partition(b':')
            if not colon or line.startswith(b'#'):
                continue
            value = base64.b64decode(value[1:].strip()) if value.startswith(b':') else value.strip()
            entry.setdefault(name.decode().lower().split(';')[0], []).append(value)
        if 'dn' in entry:
            entries.append(entry)
    return entries


def _first_line(output):
    text = ' '.join(output.decode('utf-8', 'replace').split())
    return text[:200] or 'no answer'


def say_what_is_wrong(settings, found):
    """Values that are no addresses, or not allowed ones, are left out, and not silently."""
    for text in found.wrong:
        log(settings, f'{found.login}: {text!r} in the directory is not an address that may be used; left out')
