import { Presets, SingleBar } from 'cli-progress'

/** Shows how far something is, on standard error: a bar on a terminal, a line now and then elsewhere, nothing with JSON. */
export interface Gauge {
  begin(label: string, total: number): void
  update(done: number, total: number, note: string): void
  end(): void
}

/** Milliseconds between two lines where there is no terminal. */
const pause = 5000

export function openGauge({ json }: { readonly json: boolean }): Gauge {
  if (json) return { begin() {}, update() {}, end() {} }
  return process.stderr.isTTY ? bar() : lines()
}

function bar(): Gauge {
  let shown: SingleBar | undefined
  return {
    begin(label, total) {
      shown = new SingleBar(
        {
          format: `${label} {bar} {value}/{total} {note}`,
          stream: process.stderr,
          hideCursor: true,
          clearOnComplete: false,
          barsize: 30,
          gracefulExit: false,
        },
        Presets.shades_classic,
      )
      shown.start(Math.max(total, 1), 0, { note: '' })
    },
    update(done, total, note) {
      shown?.setTotal(Math.max(total, done, 1))
      shown?.update(done, { note })
    },
    end() {
      shown?.stop()
      shown = undefined
    },
  }
}

function lines(): Gauge {
  let [label, last] = ['', 0]
  return {
    begin(text) {
      label = text
      last = performance.now()
      process.stderr.write(`${label}\n`)
    },
    update(done, total, note) {
      if (performance.now() < last + pause) return
      last = performance.now()
      process.stderr.write(`${label} ${done} of ${total} ${note}`.trimEnd().concat('\n'))
    },
    end() {},
  }
}
