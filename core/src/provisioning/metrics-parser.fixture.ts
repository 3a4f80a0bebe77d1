/** Samples of the Prometheus text format, version 0.0.4. */
export interface Metrics {
  readonly names: readonly string[]
  value(name: string, labels?: Readonly<Record<string, string>>): number | undefined
}

/**
 * Reads the text format strictly, as https://prometheus.io/docs/instrumenting/exposition_formats/ says it: HELP then TYPE before the samples of
 * a name, samples of a name together, names and labels well formed, no sample twice, a line feed at the end. Throws at the first fault.
 */
export function parseMetrics(text: string): Metrics {
  if (!text.endsWith('\n')) throw new Error('The last line does not end with a line feed')
  const samples = new Map<string, number>()
  const declared = new Map<string, string>()
  const names: string[] = []
  let helped = ''
  let current = ''
  for (const [index, line] of text.slice(0, -1).split('\n').entries()) {
    const fault = (what: string) => new Error(`Line ${index + 1}: ${what}: ${line}`)
    if (line === '') continue
    const help = /^# HELP ([a-zA-Z_:][\w:]*) (.+)$/.exec(line)
    if (help) {
      helped = help[1] ?? ''
      continue
    }
    const type = /^# TYPE ([a-zA-Z_:][\w:]*) (counter|gauge|histogram|summary|untyped)$/.exec(line)
    if (type) {
      const name = type[1] ?? ''
      if (declared.has(name)) throw fault('a second TYPE')
      if (helped !== name) throw fault('no HELP before it')
      declared.set(name, type[2] ?? '')
      current = name
      continue
    }
    const sample = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (NaN|[+-]?Inf|[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/i.exec(line)
    if (!sample) throw fault('not a sample')
    const [, name = '', labels, value] = sample
    if (name !== current) throw fault('not below its TYPE')
    const key = keyOf(name, labels === undefined ? {} : labelsOf(labels, fault))
    if (samples.has(key)) throw fault('said twice')
    samples.set(key, Number(value))
    names.push(line)
  }
  return { names, value: (name, labels = {}) => samples.get(keyOf(name, labels)) }
}

const keyOf = (name: string, labels: Readonly<Record<string, string>>) => JSON.stringify([name, Object.entries(labels).sort()])

function labelsOf(text: string, fault: (what: string) => Error): Record<string, string> {
  const labels: Record<string, string> = {}
  let rest = text
  while (rest !== '') {
    const label = /^([a-zA-Z_]\w*)="((?:[^"\\]|\\["\\n])*)"(?:,|$)/.exec(rest)
    if (!label) throw fault('a bad label')
    const [whole, name = '', value = ''] = label
    if (name in labels) throw fault('a label twice')
    labels[name] = value.replace(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped))
    rest = rest.slice(whole.length)
  }
  return labels
}
