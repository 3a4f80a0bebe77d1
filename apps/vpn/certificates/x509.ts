import { provideMetadata } from './reflect.ts'

/** ECDSA on P-256 with SHA-256: what the authority signs with, and the keys that are made here. */
export const ecdsa = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

/** The library for certificates, loaded when something is to be signed or read. */
export async function loadX509(): Promise<typeof import('@peculiar/x509')> {
  provideMetadata()
  return import('@peculiar/x509')
}

/** PEM of DER. */
export const pem = (label: string, der: ArrayBuffer | Uint8Array<ArrayBuffer>): string => {
  const lines =
    Buffer.from(der instanceof ArrayBuffer ? new Uint8Array(der) : der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}

/** DER of PEM with this label. */
export const der = (label: string, text: string): Buffer<ArrayBuffer> =>
  Buffer.from(text.replaceAll(`-----BEGIN ${label}-----`, '').replaceAll(`-----END ${label}-----`, '').replace(/\s/g, ''), 'base64')
