"""What OpenVPN is told about a session: the lines that a client-connect script answers."""
import ipaddress

# on the client's interface no more than the endpoint itself should be on-link, because the rest of the network may be
# behind the client; this is the longest prefix that OpenVPN accepts for ifconfig-ipv6
ON_LINK6 = 124


def pushed_lines(settings, account, env):
    """The lines for an account; `env` is what OpenVPN gives its scripts."""
    lines = []
    if account.ipv4:
        lines += _ipv4(account, env) if _point_to_point(settings, env) else _ipv4_subnet(account)
    if account.ipv6:
        lines.append(f'ifconfig-ipv6-push {account.ipv6}/{ON_LINK6} {env["ifconfig_ipv6_local"]}')
    for route in account.routes4:
        network = ipaddress.ip_network(route)
        if route != f'{account.ipv4}/32':
            lines.append(f'iroute {network.network_address} {network.netmask}')
    lines += [f'iroute-ipv6 {route}' for route in account.routes6 if route != f'{account.ipv6}/128']
    return lines


def kernel_routes(account):
    """The networks that the server's kernel sends into the tunnel."""
    endpoints = [f'{account.ipv4}/32'] if account.ipv4 else []
    if account.ipv6:
        endpoints.append(f'{account.ipv6}/128')
    return list(dict.fromkeys([*endpoints, *account.routes4, *account.routes6]))


def _point_to_point(settings, env):
    """Windows and OpenVPN 3 (OpenVPN Connect) know the topology `subnet` only."""
    if settings.topology != 'auto':
        return settings.topology == 'p2p'
    return env.get('IV_PLAT') != 'win' and not env.get('IV_VER', '').startswith('3.')


def _ipv4(account, env):
    return ['push "topology p2p"', f'ifconfig-push {account.ipv4} {env["ifconfig_local"]}']


def _ipv4_subnet(account):
    """A network wide enough for a gateway beside the member's own networks: there all goes into the tunnel anyway."""
    endpoint = ipaddress.ip_address(account.ipv4)
    own = [ipaddress.ip_network(route) for route in account.routes4]
    length = min([24, *[each.prefixlen - 1 for each in own if endpoint in each]])
    network = ipaddress.ip_network(f'{endpoint}/{length}', strict=False)
    while endpoint in (network.network_address, network.broadcast_address):
        network = network.supernet()
    gateway = network.network_address + (2 if network.network_address + 1 == endpoint else 1)
    return [
        'push "topology subnet"',
        f'ifconfig-push {endpoint} {network.netmask}',
        f'push "route-gateway {gateway}"',
        # the server itself may have an address of this network
        'push "route remote_host 255.255.255.255 net_gateway"',
    ]
