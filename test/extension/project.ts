import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll } from 'vitest'

/** The folder of the repository. */
export const repository = path.resolve(import.meta.dirname, '../..')

/** A deployment in a folder of its own, outside of the repository. */
export interface Project {
  readonly folder: string
  write(files: Readonly<Record<string, string>>): void
  /** Runs `coin …` and gives what it says; throws what it complains of. */
  coin(...args: string[]): Promise<string>
  /** Runs a program of the repository's packages there. */
  run(file: string, ...args: string[]): Promise<string>
  /** `coin serve` on a free port; gives its address. */
  serve(): Promise<string>
}

const folders: string[] = []
const children: ChildProcess[] = []
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** Makes one with these files and packages (symbolic links by name); its database is `databaseUrl`. */
export function project(databaseUrl: string, packages: Readonly<Record<string, string>>, files: Readonly<Record<string, string>>): Project {
  const folder = mkdtempSync(path.join(tmpdir(), 'coin-project-'))
  folders.push(folder)
  const env = { ...process.env, DATABASE_URL: databaseUrl, COIN_DATA: path.join(folder, 'var'), COIN_CONFIG: '', COIN_SECRET: '' }
  const write: Project['write'] = written => {
    for (const [name, text] of Object.entries(written)) {
      mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
      writeFileSync(path.join(folder, name), text)
    }
  }
  for (const [name, target] of Object.entries(packages)) {
    mkdirSync(path.dirname(path.join(folder, 'node_modules', name)), { recursive: true })
    symlinkSync(target, path.join(folder, 'node_modules', name))
  }
  write(files)
  const run = async (file: string, ...args: string[]) => {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [file, ...args], { cwd: folder, env, maxBuffer: 1 << 24 }).catch(
      error => {
        throw new Error(`${path.basename(file)} ${args.join(' ')} ended with ${error.code}:\n${error.stdout}${error.stderr}`)
      },
    )
    return stdout + stderr
  }
  const bin = path.join(folder, 'node_modules', 'coin', 'bin', 'coin.js')
  return {
    folder,
    write,
    run,
    coin: (...args) => run(bin, ...args),
    async serve() {
      const child = spawn(process.execPath, [bin, 'serve', '--no-work'], {
        cwd: folder,
        env: { ...env, HOST: '127.0.0.1', PORT: '0' },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      children.push(child)
      let said = ''
      return new Promise((resolve, reject) => {
        const listen = (text: Buffer) => {
          said += text
          const address = said.match(/http:\/\/127\.0\.0\.1:\d+[^\s]*/)
          if (address) resolve(address[0].replace(/\/$/, ''))
        }
        child.stdout.on('data', listen)
        child.stderr.on('data', listen)
        child.once('exit', () => reject(new Error(`coin serve ended:\n${said}`)))
      })
    },
  }
}
