"""The configuration file: one `name = value` a line, `#` begins a comment."""
import os
import re

DEFAULTS = {
    # the directory
    'ldap_uri': '',  # one or several, separated by spaces: the next is asked when one does not answer
    'ldap_start_tls': 'no',
    'ldap_ca': '',  # PEM file; without it what /etc/ldap/ldap.conf says
    'bind_dn': '',
    'bind_password_file': '',
    'base': '',
    'timeout': '5',  # seconds for a question to the directory
    # its layout
    'object_class': 'vpnAccount',
    'login_attribute': 'uid',
    'enabled_attribute': 'vpnEnabled',
    'enabled_value': 'TRUE',
    'ipv4_endpoint_attribute': 'vpnIPv4Endpoint',
    'ipv6_endpoint_attribute': 'vpnIPv6Endpoint',
    'ipv4_route_attribute': 'vpnIPv4Route',
    'ipv6_route_attribute': 'vpnIPv6Route',
    'login_pattern': '[A-Za-z0-9][A-Za-z0-9._@-]{0,63}',
    # the network
    'allowed': '',  # networks that members' addresses lie in; without it all but the default route
    'topology': 'auto',  # p2p, subnet, or auto: p2p but for Windows and OpenVPN Connect
    'route_protocol': '200',
    # the machine
    'management': '/run/coin-vpn/management.sock',
    'state': '/run/coin-vpn/sessions',
    'log': 'syslog',  # or a file
    'crl': '/etc/openvpn/server/crl.pem',  # the list of revoked certificates, where members have certificates
    'interval': '1',  # seconds between two looks of `watch`
    # reports to Coin
    'session_url': '',
    'session_token_file': '',
    'alive_interval': '300',
}

COMPULSORY = ('ldap_uri', 'base')


class Wrong(Exception):
    """What is wrong in the configuration file, in words for the operator."""


class Settings:
    """Each name of DEFAULTS is a text attribute; those below have a type of their own."""

    def __init__(self, path):
        values = dict(DEFAULTS, **_read(path))
        missing = [name for name in COMPULSORY if not values[name]]
        if missing:
            raise Wrong(f'{path}: {", ".join(missing)} missing')
        self.__dict__.update(values)
        self.path = path
        try:
            self.timeout = float(self.timeout)
            self.interval = float(self.interval)
            self.alive_interval = float(self.alive_interval)
            self.login_pattern = re.compile(self.login_pattern, re.ASCII)
        except (ValueError, re.error) as error:
            raise Wrong(f'{path}: {error}') from error
        if self.topology not in ('auto', 'p2p', 'subnet'):
            raise Wrong(f'{path}: topology = {self.topology}: auto, p2p or subnet')

    def is_login(self, text):
        """Nothing else reaches a filter, a file name or the management interface, whatever the pattern allows."""
        return bool(self.login_pattern.fullmatch(text)) and not re.search(r'[\x00-\x20\x7f()*\\/,+"<>;=#]|^\.', text)


def _read(path):
    found = {}
    try:
        with open(path, encoding='utf-8') as file:
            lines = file.read().splitlines()
    except OSError as error:
        raise Wrong(f'{path}: {os.strerror(error.errno)}') from error
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith('#'):
            continue
        name, equals, value = line.partition('=')
        if not equals or name.strip() not in DEFAULTS:
            raise Wrong(f'{path}, line {number}: {name.strip()!r} is not a setting')
        found[name.strip()] = value.strip()
    return found
