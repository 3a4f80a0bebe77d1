// `npm test`: installs what the tests need, checks the sources, and runs every test on both PostgreSQL versions.
// `npm test -- <arguments>` gives the arguments to vitest and runs it once.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { findNode } from '../core/bin/runtime.js'
import { ensureInstalled, root } from './install.js'

/** Debian packages that tests use, and a program or a file of each. */
const debianPackages = {
  chromium: 'chromium',
  'postgresql-client': 'psql',
  slapd: 'slapd',
  'ldap-utils': 'ldapsearch',
  openvpn: 'openvpn',
  'openvpn-auth-ldap': '/usr/lib/openvpn/openvpn-auth-ldap.so',
  iproute2: 'ip',
  'iputils-ping': 'ping',
  openssl: 'openssl',
  python3: 'python3',
  curl: 'curl',
  qpdf: 'qpdf',
  'poppler-utils': 'pdftotext',
  'libxml2-utils': 'xmllint',
  gnupg: 'gpg',
}

/** Where programs for the administrator are, which not everybody's PATH names. */
const administratorsPath = ['/usr/sbin', '/sbin', '/usr/local/sbin']

/**
 * What says nothing about the version of PostgreSQL, and so runs on one: what drives a browser, starts Coin from the outside or is about other
 * servers; the suite that backends pass (the engine's own tests run on both); what writes apps and pages without a database; pages, commands
 * and papers about money, whose rules in the database run on both; accounts, apps, what is killed, and pages that are not lists. Every route
 * is asked on both.
 */
const once = [
  'test/journeys/**',
  'test/start.test.ts',
  'test/imports.test.ts',
  'test/real/**',
  'backends/**',
  'core/src/testing/**',
  'core/src/ui/**',
  'core/src/billing/document/**',
  'core/src/billing/document-*.test.ts',
  'core/src/billing/strategies/**',
  'core/src/payments/statement/**',
  'core/src/system/mail-encrypted.test.ts',
  'core/src/{billing,payments,fees,owing,reminders,accounting}/**/*pages.test.ts',
  'core/src/{billing,payments}/**/*{cli,kill}.test.ts',
  'core/src/cli/**',
  'core/src/{accounts,home,requests,web}/**',
  'core/src/admin/transfer/**',
  'core/src/staff/people.test.ts',
  'core/src/provisioning/hostile.test.ts',
  'apps/**',
  'core/src/db/embedded.test.ts',
  'docs/**',
  'test/extension/**',
  'core/src/jobs/kill.test.ts',
  'core/src/provisioning/{alert,edges,kill}.test.ts',
]

const runs = [
  { title: 'PostgreSQL 18', version: '', args: [] },
  { title: 'PostgreSQL 16', version: '16', args: once.flatMap(path => ['--exclude', path]) },
]

process.chdir(root)
// tests run programs as other users too, who must be able to read what is installed
process.umask(0o022)
await ensureInstalled({ development: true })
ensureDebianPackages()
const node = findNode()
if (!node) fail('No Node of version 24 or later was installed with the packages.')
const env = { ...process.env, PATH: `${path.join(root, 'node_modules', '.bin')}${path.delimiter}${process.env.PATH}` }
const given = process.argv.slice(2)
if (given.length) process.exit(vitest(given, env) ? 0 : 1)

const total = { passed: 0, failed: 0 }
if (existsSync('scripts/check.js') && !execute([path.join('scripts', 'check.js')], env)) {
  console.error('The check of the sources failed (npm run check).')
  total.failed++
}
const folder = mkdtempSync(path.join(tmpdir(), 'coin-results-'))
for (const { title, version, args } of runs) {
  console.log(`\nTests on ${title}`)
  const file = path.join(folder, `${version || 'newest'}.json`)
  const fine = vitest(['--reporter=default', '--reporter=json', `--outputFile.json=${file}`, ...args], { ...env, COIN_POSTGRES: version })
  const found = count(file)
  // a file that does not load, an error outside of a test, or no test at all is a failure too
  if (found.failed === 0 && (!fine || found.passed === 0)) found.failed = 1
  total.passed += found.passed
  total.failed += found.failed
}
rmSync(folder, { recursive: true, force: true })
console.log(`${total.passed} passed, ${total.failed} failed`)
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0

function vitest(args, environment) {
  return execute([path.join('node_modules', 'vitest', 'vitest.mjs'), 'run', ...args], environment)
}

function execute(args, environment) {
  return spawnSync(node, args, { stdio: ['ignore', 'inherit', 'inherit'], env: environment }).status === 0
}

// a test that was skipped did not show anything: it counts as failed
function count(file) {
  if (!existsSync(file)) return { passed: 0, failed: 1 }
  const { numPassedTests, numTotalTests, numFailedTestSuites, testResults } = JSON.parse(readFileSync(file, 'utf8'))
  for (const { name, status, assertionResults } of testResults) {
    const others = assertionResults.filter(test => test.status !== 'passed')
    for (const test of others) console.error(`${test.status.toUpperCase()} ${path.relative(root, name)} > ${test.fullName}`)
    if (status === 'failed' && others.length === 0) console.error(`FAILED ${path.relative(root, name)} does not load`)
  }
  const others = numTotalTests - numPassedTests
  return { passed: numPassedTests, failed: others || (numFailedTestSuites ? 1 : 0) }
}

function ensureDebianPackages() {
  const missing = () => Object.entries(debianPackages).flatMap(([name, program]) => (isThere(program) ? [] : [name]))
  const names = missing()
  if (!names.length) return
  const command = `apt-get install ${names.join(' ')}`
  if (process.getuid?.() !== 0) fail(`The tests need programs that are not installed. As root: ${command}`)
  console.log(`Installing Debian packages: ${names.join(', ')}`)
  const wait = ['-o', 'DPkg::Lock::Timeout=300']
  // servers are not to be started: tests start their own
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }
  for (const args of [['update'], ['-y', '--no-install-recommends', 'install', ...names]]) {
    const { status, stdout, stderr, error } = spawnSync('apt-get', [...wait, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env,
    })
    if (status !== 0)
      fail(
        `${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}\napt-get ${args[0]} failed. Install these programs another way: ${names.join(', ')}`,
      )
  }
  if (missing().length) fail(`Still missing after their installation: ${missing().join(', ')}`)
}

function isThere(program) {
  if (path.isAbsolute(program)) return existsSync(program)
  const folders = [...(process.env.PATH ?? '').split(path.delimiter), ...administratorsPath]
  return folders.some(folder => existsSync(path.join(folder, program)))
}

function fail(message) {
  console.error(message)
  console.log('0 passed, 1 failed')
  process.exit(1)
}
