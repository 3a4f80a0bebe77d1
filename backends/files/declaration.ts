import { CoinError } from 'coin'

/** What both shapes share. */
export interface Shared<C> {
  /** Unique among backends, and stays: it names the hidden folder of the backend as well. */
  readonly name: string
  readonly label?: string | undefined
  /** A suspended subscription: `removed` unless given, or `told`: `render` looks at it and decides. */
  readonly whenSuspended?: 'removed' | 'told' | undefined
  /** The text of one configuration. Pure; `undefined`: nothing should be there. */
  render(configuration: C): string | undefined
  /** Octal; `0644` unless given, `0640` for a secret. */
  readonly mode?: string | undefined
  /** A name or a number. Not looked at unless given. */
  readonly owner?: string | number | undefined
  readonly group?: string | number | undefined
  /** The text is shown to nobody: not on pages, not in logs, not in what a command said. */
  readonly secret?: boolean | undefined
  /** A command that looks at each new file before it is put in place; `{file}` is its path. No shell. */
  readonly check?: readonly string[] | undefined
  /** The command that tells the program, once per batch that changed something. No shell. */
  readonly reload?: readonly string[] | undefined
  /** Seconds that a command may take; 8 unless given. */
  readonly timeout?: number | undefined
}

/** One file for each configuration, directly in a folder. Say the name of the file, or its whole path. */
export interface FilePerConfiguration<C> extends Shared<C> {
  readonly folder: string
  fileName?(configuration: C): string
  path?(configuration: C): string
  /** Which names in the folder are this backend's; all that do not begin with a dot unless given. */
  readonly ours?: RegExp | undefined
  readonly file?: never
}

/** One file for all: each configuration is a block between two comment lines; what stands outside of them is somebody else's. */
export interface OneFile<C> extends Shared<C> {
  readonly file: string
  /** How a comment begins, or begins and ends; `#` unless given. */
  readonly comment?: string | readonly [string, string] | undefined
  /** What names the block; the configuration's number unless given. */
  key?(configuration: C): string | number
  /** Above and below the blocks. */
  readonly header?: string | undefined
  readonly footer?: string | undefined
  readonly folder?: never
  readonly ours?: never
}

export type FilesSpec<C> = FilePerConfiguration<C> | OneFile<C>

/** What is wrong with a declaration stops the boot. */
export function checkDeclaration(spec: FilesSpec<never>): void {
  const wrong = problemsOf(spec)
  if (wrong.length > 0)
    throw new CoinError('boot', 'The backend {{name}}: {{problems}}.', { values: { name: spec.name, problems: wrong.join('; ') } })
}

function problemsOf(spec: FilesSpec<never>): string[] {
  const place = spec.file ?? spec.folder
  const named = spec.folder === undefined || (spec.fileName === undefined) !== (spec.path === undefined)
  return [
    /^[a-z0-9_-]+$/i.test(spec.name) ? '' : 'its name takes letters, figures, _ and -',
    typeof place === 'string' && isPlain(place)
      ? ''
      : `${spec.file === undefined ? 'folder' : 'file'} is not an absolute path without .. such as /etc/example`,
    named ? '' : 'give fileName or path, one of them',
    spec.mode === undefined || isMode(spec.mode) ? '' : 'mode is not octal such as 0640',
    spec.reload?.length === 0 || spec.check?.length === 0 ? 'a command is a list: the program, then its arguments' : '',
    spec.check === undefined || spec.check.some(part => part.includes('{file}')) ? '' : 'check nowhere says {file}',
    spec.ours?.global || spec.ours?.sticky ? 'ours is a regular expression without the flags g and y' : '',
  ].filter(Boolean)
}

export const isMode = (text: string): boolean => /^0?[0-7]{3}$/.test(text)

/** Absolute, and without `.`, `..` and double slashes. */
export const isPlain = (place: string): boolean => /^(\/(?!\.{1,2}(\/|$))[^/\0]+)+$/.test(place)
