import type { Tx } from '../db/database.ts'
import { copyOf, type Piece } from './copy.ts'

/** The copy as JSON. Its form is documented and stays: `format` says which one it is. */
export async function* jsonCopy(tx: Tx, memberId: number): AsyncGenerator<string> {
  let table: string | undefined
  let kinds = 0
  let tables = 0
  const closeTable = () => (table === undefined ? '' : '\n]')
  for await (const piece of copyOf(tx, memberId)) {
    switch (piece.is) {
      case 'head': {
        const { provider, name, id, madeAt } = piece
        yield `${JSON.stringify({ format: 'coin-personal-data/1', provider, madeAt, member: { id, name } }).slice(0, -1)},"data":[`
        break
      }
      case 'kind':
        yield `${closeTable()}${kinds++ > 0 ? '}},' : ''}\n${JSON.stringify(kindHead(piece)).slice(0, -1)},"tables":{`
        table = undefined
        tables = 0
        break
      case 'rows': {
        const same = piece.table === table
        const opening = same ? ',' : `${closeTable()}${tables++ > 0 ? ',' : ''}\n${JSON.stringify(piece.table)}:[`
        table = piece.table
        yield `${opening}\n${piece.rows.map(row => JSON.stringify(row)).join(',\n')}`
        break
      }
    }
  }
  yield `${closeTable()}${kinds > 0 ? '}}' : ''}\n]}\n`
}

const kindHead = ({ data, label, purpose, term, keptUntil }: Extract<Piece, { is: 'kind' }>) => ({
  name: data.name,
  label,
  purpose,
  basis: data.basis,
  term,
  keptUntil: keptUntil ?? null,
})
