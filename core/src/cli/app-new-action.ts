import { configLines, newApp } from './app-new.ts'
import type { CliContext } from './context.ts'
import { print } from './output.ts'

/** Writes a new app beside the deployment's others, and says what is left to do. */
export function run(context: CliContext, name: string): void {
  context.subject = 'app new'
  const files = newApp(
    name,
    context.project,
    context.config.apps.map(app => app.name),
  )
  const lines = configLines(name)
  const added = files.includes('coin.config.ts')
  print(context, { name, files, ...(!added && { addToConfig: lines }) }, () =>
    [
      ...files.map(file => `wrote ${file}`),
      ...(added
        ? []
        : ['', 'coin.config.ts is written in a way of its own. Add to it:', `  ${lines.import}`, `  apps: [ …, ${lines.call} ]`]),
      '',
      'Next: coin migrate, then coin serve.',
    ].join('\n'),
  )
}
