// How many invoices a second become a Factur-X, each another one, two at once as a worker makes them, and what memory that takes to the end:
// `--documents 10000`, `--quick` 1,000.
// `rss_mb` is read ten times on the way: flat means that a run of any size goes through.
import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { documentOf, exempt, lineOf } from '../core/src/billing/document/examples.fixture.ts'
import { renderPdf } from '../core/src/billing/document/render-pdf.ts'

const { values } = parseArgs({
  strict: false,
  options: { json: { type: 'boolean' }, quick: { type: 'boolean' }, documents: { type: 'string' } },
})
const documents = Number(values.documents ?? (values.quick ? 1000 : 10_000))

const startMb = rss()
const readings: number[] = []
let bytes = 0
const cold = performance.now()
await renderPdf(invoiceOf(0), { facturX: true })
const firstMs = performance.now() - cold

const cpu = process.cpuUsage()
const from = performance.now()
let next = 1
const one = async () => {
  for (let i = next++; i <= documents; i = next++) {
    bytes += (await renderPdf(invoiceOf(i), { facturX: true })).length
    if (i % Math.ceil(documents / 10) === 0 || i === documents) readings.push(rss())
  }
}
await Promise.all([one(), one()])
const seconds = (performance.now() - from) / 1000

const used = process.cpuUsage(cpu)

const result = {
  documents,
  per_second: Math.round(documents / seconds),
  ms_each: Math.round((seconds * 100_000) / documents) / 100,
  // what a busy machine changes less than the time
  cpu_ms_each: Math.round((used.user + used.system) / documents / 10) / 100,
  load_average: Math.round((loadavg()[0] ?? 0) * 10) / 10,
  // of the whole process, all the while
  peak_mb: Math.round(process.resourceUsage().maxRSS / 1024),
  start_mb: startMb,
  rss_mb: readings,
  growth_mb: (readings.at(-1) ?? 0) - (readings[0] ?? 0),
  first_ms: Math.round(firstMs),
  kb_each: Math.round(bytes / documents / 1024),
}
if (values.json) console.log(JSON.stringify(result))
else for (const [name, value] of Object.entries(result)) console.log(`${name.padEnd(12)} ${value}`)

/** Twelve lines, as somebody with several services has them. */
function invoiceOf(index: number) {
  const lines = Array.from({ length: 12 }, (_, line) =>
    lineOf({
      description: `VPN ${line + 1}, du 9 au 31 octobre 2026`,
      explanation: `23 jours sur 31, soit 0,74 de la période (abonnement ${index * 12 + line})`,
      quantity: '0.7400',
      unit: 'MON',
      net: '2.96',
      vatMention: exempt,
    }),
  )
  const number = String(index).padStart(6, '0')
  return documentOf({ number: `2026-11-${number}`, reference: `COL-${number}`, lines, language: index % 2 ? 'fr' : 'en' })
}
function rss(): number {
  return Math.round(process.memoryUsage.rss() / 1048576)
}
