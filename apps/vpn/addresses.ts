import { isIP } from 'node:net'
import type { IpSubnet } from 'coin'
import ipaddr from 'ipaddr.js'

/** An address as it is written in one way only (RFC 5952); undefined for what is none. */
export function readAddress(text: string): string | undefined {
  if (!isIP(text) || text.includes('%')) return undefined
  const address = ipaddr.parse(text)
  return address instanceof ipaddr.IPv6 ? address.toRFC5952String() : address.toString()
}

/** Whether an address is inside one of the subnets. */
export function isInside(address: string, subnets: readonly Pick<IpSubnet, 'prefix'>[]): boolean {
  const read = ipaddr.parse(address)
  return subnets.some(({ prefix }) => {
    const [network, length] = ipaddr.parseCIDR(prefix)
    return network.kind() === read.kind() && read.match(network, length)
  })
}

const sizeOfIpv4 = (prefix: string): number => 2 ** (32 - Number(prefix.split('/')[1]))

/** Every address of some IPv4 subnets, in their order, when there are few enough to choose from by hand; else undefined. */
export function choicesOf(subnets: readonly Pick<IpSubnet, 'prefix'>[], most = 16): readonly string[] | undefined {
  if (subnets.reduce((sum, { prefix }) => sum + sizeOfIpv4(prefix), 0) > most) return undefined
  return subnets.flatMap(({ prefix }) => {
    const [first = ''] = prefix.split('/')
    const bytes = first.split('.').map(Number)
    // the last byte does not overflow: a block this small lies inside a /24
    return Array.from({ length: sizeOfIpv4(prefix) }, (_, index) => [...bytes.slice(0, 3), (bytes[3] ?? 0) + index].join('.'))
  })
}
