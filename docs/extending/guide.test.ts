import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { addMember, siteOf, type TestCoin, testCoin } from 'coin/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventNames } from '../../core/src/app/events.ts'
import deployment from './coin.config.ts'
import exportedUrls from './small/exported-urls.tsx'
import slots from './small/slots.tsx'

const root = path.resolve(import.meta.dirname, '../..')
const guide = readFileSync(path.join(root, 'docs/extending.md'), 'utf8')
const blocks = [...guide.matchAll(/^```\w+ (\S+)\n([\s\S]*?)^```$/gm)].map(([, file = '', text = '']) => ({ file, text }))

describe('the guide', () => {
  test.each(blocks.map(({ file, text }) => [file, text]))('shows %s as it is', (file, text) => {
    expect(text).toBe(`${readFileSync(path.join(root, file), 'utf8').trimEnd()}\n`)
  })

  test('shows every example', () => {
    const files = readdirSync(path.join(root, 'docs/extending'), { recursive: true, encoding: 'utf8' }).filter(
      file => /\.(tsx?|sql)$/.test(file) && file !== 'guide.test.ts',
    )
    expect(blocks.map(({ file }) => file)).toEqual(expect.arrayContaining(files.map(file => `docs/extending/${file}`)))
  })

  test('names everything that an app can contribute, every slot and every event', () => {
    const source = (file: string) => readFileSync(path.join(root, 'core/src/app', file), 'utf8')
    const contributions = source('app.ts').match(/interface Contributions[\s\S]*?\n}/)?.[0] ?? ''
    const keys = [...contributions.matchAll(/^ {2}readonly (\w+)\?/gm)].map(([, key]) => key ?? '')
    const slotNames = [...source('slots.ts').matchAll(/^ {2}'([\w.]+)':/gm)].map(([, name]) => name ?? '')
    // escapes too: what a resource, its list and its fields may say
    const declarations = ['ResourceSpec', 'ResourceList', 'ListColumn', 'Field', 'Inline'].flatMap(name => {
      const [body = ''] = new RegExp(`interface ${name}[ <][\\s\\S]*?\\n}`).exec(source('resource.ts')) ?? []
      return [...body.matchAll(/^ {2}(?:readonly )?(\w+)\??[:(]/gm)].map(([, key]) => key ?? '')
    })
    expect([keys.length, declarations.length].every(length => length > 10)).toBe(true)
    expect([...keys, ...declarations, ...slotNames, ...eventNames].filter(word => !guide.includes(word))).toEqual([])
  })

  test('links to sections that exist', () => {
    const anchors = [...guide.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replace(/[^\w\s-]/g, '')
        .replace(/\s/g, '-'),
    )
    for (const [, anchor] of guide.matchAll(/\]\(#([^)]+)\)/g)) expect(anchors).toContain(anchor)
  })
})

describe('its examples', () => {
  let coin: TestCoin
  beforeAll(async () => {
    coin = await testCoin({ apps: [...deployment.apps, exportedUrls(), slots()] })
  })
  afterAll(() => coin.close())

  test('run together', async () => {
    const member = await siteOf(coin).member(await addMember(coin))
    expect(await member.page('/coolapp')).toContain('Cool')
    expect(await member.page('/cool-list')).toContain('All of them')
    expect(await (await siteOf(coin).staff()).page('/admin')).toContain('Good morning.')
    expect(coin.registry.reverse('my_app:list')).toBe('/cool-list')
  })
})
