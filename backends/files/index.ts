import path from 'node:path'
import {
  type AnyBackend,
  type BackendIo,
  type BaseConfiguration,
  CoinError,
  type Configuration,
  type ConfigurationTable,
  defineBackend,
} from 'coin'
import { asLines, looksEnclosing } from './blocks.ts'
import { checkDeclaration, type FilePerConfiguration, type FilesSpec, type OneFile } from './declaration.ts'
import { type Declared, identityOf, wantedMarks } from './identity.ts'
import { aroundOf, blockOf, type Frame, oneFile } from './one-file.ts'
import { filePerConfiguration } from './per-configuration.ts'
import { type Place, stateIn } from './place.ts'
import { settle } from './settle.ts'

export type { FilePerConfiguration, FilesSpec, OneFile } from './declaration.ts'
export { absolutePath, fileSettings } from './settings.ts'

/**
 * A backend that writes text files: one for each configuration of `table` (or of several tables, or of `every` type) when the
 * declaration says `folder`, or one for all when it says `file`. Written at once with owner and mode, then told with one reload per
 * batch; when that fails the previous files come back. Throws `boot` for a declaration that is wrong.
 */
export function files<T extends ConfigurationTable>(table: T | readonly T[], spec: FilesSpec<Configuration<T>>): AnyBackend
export function files(every: 'every', spec: FilesSpec<BaseConfiguration>): AnyBackend
export function files(table: ConfigurationTable | readonly ConfigurationTable[] | 'every', spec: FilesSpec<never>): AnyBackend {
  checkDeclaration(spec)
  // `defineBackend` hands the functions of `spec` the configurations of `table`, as the overloads say
  const common = spec as FilesSpec<unknown>
  const declared: Declared = { mode: spec.mode ?? (spec.secret ? '0640' : '0644'), owner: spec.owner, group: spec.group }
  const shape = common.file === undefined ? perConfiguration(common, declared) : block(common, declared)
  return defineBackend(table as 'every', {
    name: spec.name,
    ...(spec.label !== undefined && { label: spec.label }),
    ...(spec.whenSuspended !== undefined && { whenSuspended: spec.whenSuspended }),
    ...(spec.secret && { secrets: ['content' as const] }),
    serial: true,
    // one file is written anew, and one reload follows, for however many blocks change
    ...(common.file !== undefined && { batch: 5000 }),
    ...shape,
  })
}

function perConfiguration(spec: FilePerConfiguration<unknown>, declared: Declared) {
  const { folder, fileName, path: pathOf, ours } = spec
  const marks = wantedMarks(declared)
  return {
    // not joined: a name that climbs out of the folder has to be seen as such
    key: (configuration: unknown) => (fileName ? `${folder}/${fileName(configuration)}` : (pathOf?.(configuration) ?? '')),
    desired: (configuration: unknown) => {
      const content = spec.render(configuration)
      return content === undefined ? undefined : { content, ...marks }
    },
    open: async (io: BackendIo) => filePerConfiguration(await openPlace(spec, folder, declared, io), ours),
  }
}

function block(spec: OneFile<unknown>, declared: Declared) {
  const { file, comment = '#', key } = spec
  const frame: Frame = { name: spec.name, comment, header: asLines(spec.header ?? ''), footer: asLines(spec.footer ?? '') }
  if (looksEnclosing(frame.header + frame.footer, frame))
    throw new CoinError('boot', 'The backend {{name}}: header or footer has a line like those between which Coin writes.', {
      values: { name: spec.name },
    })
  const common = { ...wantedMarks(declared), ...aroundOf(frame) }
  return {
    key: (configuration: unknown) => String(key ? key(configuration) : (configuration as BaseConfiguration).id),
    desired: (configuration: unknown) => {
      const content = spec.render(configuration)
      return content === undefined ? undefined : { content: blockOf(content), ...common }
    },
    open: async (io: BackendIo) => oneFile(await openPlace(spec, path.dirname(file), declared, io), file, frame),
  }
}

/** Throws when the folder is not there, or names an owner that the machine does not know; finishes an interrupted batch. */
async function openPlace(spec: FilesSpec<unknown>, folder: string, declared: Declared, io: BackendIo): Promise<Place> {
  const place: Place = {
    folder,
    state: await stateIn(folder, spec.name),
    identity: await identityOf(declared),
    check: spec.check,
    reload: spec.reload,
    timeout: spec.timeout ?? 8,
    secret: spec.secret ?? false,
    log: io.log,
  }
  await settle(place, io.signal)
  return place
}
