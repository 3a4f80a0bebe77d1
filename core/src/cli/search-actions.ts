import { CoinError } from '../errors.ts'
import { type Group, searchAll } from '../search/search-all.ts'
import type { CliContext } from './context.ts'
import { plainText, print, table } from './output.ts'

export async function search(context: CliContext, text: string, { limit }: { readonly limit: string }): Promise<void> {
  const atMost = Math.min(200, Math.max(1, Number.parseInt(limit, 10) || 10))
  const found = await context.withCoin(async coin => {
    const { groups, ...rest } = await searchAll(coin.database.db, text, atMost)
    return { ...rest, groups: await Promise.all(groups.map(plain)) }
  })
  const understood = found.understood.length > 0 ? `Understood as ${found.understood.join(', or ')}.` : 'Type two characters or more.'
  if (found.groups.length === 0 && found.missing.length === 0 && !context.json)
    throw new CoinError('not_found', 'Nothing was found.', { hint: understood })
  print(context, found, () =>
    [
      understood,
      ...found.groups.map(
        ({ label, more, hits }) =>
          `\n${label}${more ? ` (more than ${hits.length})` : ''}\n${table(
            ['', '', '', ''],
            hits.map(hit => [hit.label, hit.sub, hit.state, hit.path]),
          ).trimStart()}`,
      ),
      ...(found.missing.length > 0 ? [`\nNot searched in time: ${found.missing.join(', ')}.`] : []),
    ].join('\n'),
  )
}

/** A group without markup. */
const plain = async ({ name, label, more, hits }: Group) => ({
  name,
  label,
  more,
  hits: await Promise.all(
    hits.map(async hit => ({
      label: hit.label,
      sub: hit.sub ?? '',
      state: hit.state ? plainText(String(await hit.state)) : '',
      exact: hit.exact === true,
      path: hit.path,
    })),
  ),
})
