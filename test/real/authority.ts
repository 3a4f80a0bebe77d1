import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { run } from './processes.ts'

/** An authority with the certificate of a VPN server, made by openssl: ca.crt, server.crt and server.key in `folder`. */
export function makeAuthority(folder: string): { readonly ca: string } {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const at = (name: string) => path.join(folder, name)
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  run('openssl', ['req', '-x509', ...newKey, '-keyout', at('ca.key'), '-out', at('ca.crt'), '-days', '30', '-subj', '/CN=test-ca'])
  run('openssl', ['req', ...newKey, '-keyout', at('server.key'), '-out', at('server.csr'), '-subj', '/CN=vpn-server'])
  const extensions = 'basicConstraints=CA:FALSE\nkeyUsage=digitalSignature,keyEncipherment\nextendedKeyUsage=serverAuth\n'
  writeFileSync(at('extensions'), extensions)
  const signing = ['x509', '-req', '-in', at('server.csr'), '-CA', at('ca.crt'), '-CAkey', at('ca.key'), '-CAcreateserial']
  run('openssl', [...signing, '-days', '30', '-out', at('server.crt'), '-extfile', at('extensions')])
  return { ca: readFileSync(at('ca.crt'), 'utf8') }
}

/** An authority for members' certificates, made by openssl. */
export interface ClientAuthority {
  readonly ca: string
  /** Certificate and key whose common name is the login, in PEM. */
  issue(login: string): { readonly certificate: string; readonly key: string }
  /** The revocation list, with these logins' certificates on it. */
  crl(...revoked: string[]): string
}

/** Makes it in `folder`. */
export function clientAuthority(folder: string): ClientAuthority {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const at = (name: string) => path.join(folder, name)
  const read = (name: string) => readFileSync(at(name), 'utf8')
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  run('openssl', ['req', '-x509', ...newKey, '-keyout', at('ca.key'), '-out', at('ca.crt'), '-days', '30', '-subj', '/CN=members'])
  writeFileSync(at('index'), '')
  const files = ['unique_subject = no', `database = ${at('index')}`, `serial = ${at('serial')}`, `new_certs_dir = ${folder}`]
  const names = [`certificate = ${at('ca.crt')}`, `private_key = ${at('ca.key')}`, 'policy = names', 'x509_extensions = client']
  const rest = ['default_md = sha256', 'default_days = 30', 'default_crl_days = 30', '[names]', 'commonName = supplied', '[client]']
  writeFileSync(
    at('ca.conf'),
    [
      '[ca]',
      'default_ca = one',
      '[one]',
      ...files,
      ...names,
      ...rest,
      'keyUsage = digitalSignature',
      'extendedKeyUsage = clientAuth',
      '',
    ].join('\n'),
  )
  const ca = (...args: string[]) => run('openssl', ['ca', '-batch', '-notext', '-config', at('ca.conf'), ...args])
  return {
    ca: read('ca.crt'),
    issue(login) {
      run('openssl', ['req', ...newKey, '-keyout', at(`${login}.key`), '-out', at(`${login}.csr`), '-subj', `/CN=${login}`])
      ca('-rand_serial', '-in', at(`${login}.csr`), '-out', at(`${login}.crt`))
      return { certificate: read(`${login}.crt`), key: read(`${login}.key`) }
    },
    crl(...revoked) {
      for (const login of revoked) ca('-revoke', at(`${login}.crt`))
      ca('-gencrl', '-out', at('crl.pem'))
      return read('crl.pem')
    },
  }
}
