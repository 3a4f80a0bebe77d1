import { expect, test } from 'vitest'
import { escapeDn, foldDn, keyOf, parseDn } from './dn.ts'

// examples of RFC 4514, section 4, among them
test.each([
  ['James "Jim" Smith, III', 'James \\"Jim\\" Smith\\, III'],
  ['Before\rAfter', 'Before\\0dAfter'],
  ['#x', '\\#x'],
  ['a#b', 'a#b'],
  [' x ', '\\ x\\ '],
  [' ', '\\ '],
  ['a=b+c;d<e>', 'a\\=b\\+c\\;d\\<e\\>'],
  ['\0', '\\00'],
  ['\\2c', '\\\\2c'],
  ['Lučić', 'Lučić'],
])('%j is written so that nothing in it ends it, and read back', (value, escaped) => {
  expect(escapeDn(value)).toBe(escaped)
  expect(parseDn(`uid=${escaped},dc=isp,dc=test`)).toEqual({ attribute: 'uid', value, parent: 'dc=isp,dc=test' })
})

test('what servers write in other words is the same name', () => {
  expect(parseDn('CN=Lu\\C4\\8Di\\C4\\87 , DC=isp')).toEqual({ attribute: 'cn', value: 'Lučić', parent: 'DC=isp' })
  expect(parseDn('uid=a\\2cb,dc=isp')?.value).toBe('a,b')
  expect(foldDn('OU=VPN , dc = ISP,DC=test')).toBe('ou=vpn,dc=isp,dc=test')
})

test('a name made of several, of bytes, or with nothing above it is nobody’s', () => {
  for (const dn of ['cn=a+uid=b,dc=isp', 'uid=#04024869,dc=isp', 'dc=isp', '', 'uid,dc=isp']) expect(parseDn(dn)).toBeUndefined()
})

test('a long name that is nobody’s takes no time to refuse', () => {
  expect(parseDn(`cn=${'\\c3\\a9'.repeat(5000)}+uid=x,dc=isp`)).toBeUndefined()
})

test('the key has the attribute in small letters, and the name as a directory compares it', () => {
  expect(keyOf('UID', ' Zoé  Ünï ', 'ou=vpn,dc=isp')).toBe('uid=zoé ünï,ou=vpn,dc=isp')
})
