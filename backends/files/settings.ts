import * as z from 'zod'
import { isMode, isPlain } from './declaration.ts'

const command = z.array(z.string()).min(1, 'is not a list such as ["systemctl", "reload", "bird"]')

/** Settings for an app that writes files: put them into its own schema with `...fileSettings.shape`, and hand them to `files`. */
export const fileSettings = z.strictObject({
  /** Whose the files are: a name or a number. As they happen to be unless given. */
  owner: z.union([z.string().min(1), z.int().min(0)]).optional(),
  group: z.union([z.string().min(1), z.int().min(0)]).optional(),
  /** Octal. */
  mode: z.string().refine(isMode, 'is not octal such as 0640').optional(),
  /** A command that looks at each new file; `{file}` is its path. */
  check: command.refine(parts => parts.some(part => part.includes('{file}')), 'nowhere says {file}').optional(),
  /** The command that tells the program about a batch of changes. */
  reload: command.optional(),
  /** Seconds that a command may take. */
  timeout: z.number().min(0.1).max(300).optional(),
})

/** An absolute path without `..`, for the `folder` or the `file` of a setting. */
export const absolutePath = z.string().refine(isPlain, 'is not an absolute path such as /etc/example')
