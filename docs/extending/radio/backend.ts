import { readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { type AnyBackend, defineBackend } from 'coin'
import { radio } from './tables.ts'

/** A file of static routes for each link, which a routing daemon includes. */
export const routes = (folder: string): AnyBackend =>
  defineBackend(radio, {
    name: 'radio_routes',
    key: link => path.join(folder, `${link.id}.conf`),
    desired: link =>
      link.endpoint === null ? undefined : link.ipSubnets.map(subnet => `route ${subnet.prefix} via ${link.endpoint};\n`).join(''),
    read: file => readFile(file, 'utf8').catch(unlessMissing),
    apply: (file, text) => writeFile(file, text),
    destroy: file => rm(file, { force: true }),
  })

function unlessMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}
