// A lock between processes that a killed one does not leave behind: a file that names its owner.
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'

/** Runs `work` while no other process holds `file`. `waiting` is called once if somebody does. */
export async function withLock(file, work, waiting = () => {}) {
  const mine = `${file}.${process.pid}.${Math.random().toString(36).slice(2)}`
  writeFileSync(mine, identity(process.pid))
  try {
    for (let attempt = 0; !acquired(mine, file); attempt++) {
      if (attempt === 1) waiting()
      await new Promise(resolve => setTimeout(resolve, 50))
    }
  } finally {
    rmSync(mine, { force: true })
  }
  try {
    return await work()
  } finally {
    rmSync(file, { force: true })
  }
}

// a link is made whole or not at all: nobody reads a lock without its owner's name
function acquired(mine, file) {
  try {
    linkSync(mine, file)
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
  }
  const owner = read(file)
  if (owner === '' || identity(Number.parseInt(owner, 10)) === owner) return false
  // of several that see a dead owner one moves its lock away
  const aside = `${mine}.stale`
  try {
    renameSync(file, aside)
    if (read(aside) !== owner) linkSync(aside, file)
  } catch {}
  rmSync(aside, { force: true })
  return false
}

function read(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

// numbers of processes are used again: the time it started tells two apart, where the system shows it
function identity(pid) {
  const stat = read(`/proc/${pid}/stat`)
  const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  if (stat) return state === 'Z' ? '' : `${pid} ${fields[18]}`
  try {
    if (process.platform !== 'linux') process.kill(pid, 0)
    return process.platform === 'linux' ? '' : `${pid}`
  } catch (error) {
    return error.code === 'EPERM' ? `${pid}` : ''
  }
}
