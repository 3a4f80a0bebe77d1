import { invalid } from '../../errors.ts'

/** Cells of a sheet, the empty ones between as well: they are made when it is read, however small the file is. */
const mostCells = 12_000_000
const [lastColumn, lastRow] = [16_384, 1_048_576]
/** What `xmlns:r` says, which is no place of a cell. */
const namespaces = [
  'http://schemas.openxmlformats.org/officeDocument/2006/relationships',
  'http://purl.oclc.org/ooxml/officeDocument/relationships',
]

/** Throws when an unpacked file of a spreadsheet is a sheet that reaches farther than is read. */
export function checkExtent(content: Buffer): void {
  if (!content.includes('sheetData')) return
  let [rows, columns] = [1, 1]
  for (const [, , place = ''] of content.toString('latin1').matchAll(/[\s:]r\s*=\s*(["'])(.*?)\1/gs)) {
    if (namespaces.includes(place)) continue
    const [, letters = '', number = ''] = /^([A-Z]{0,3})([1-9]\d{0,6})$/.exec(place) ?? []
    const [row, column] = [Number(number), columnOf(letters)]
    if (row === 0 || row > lastRow || column > lastColumn) throw tooFar(place)
    rows = Math.max(rows, row)
    columns = Math.max(columns, column)
    if (rows * columns > mostCells) throw tooFar(place)
  }
}

const columnOf = (letters: string) => [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0)

const tooFar = (place: string) =>
  invalid('file', 'This spreadsheet reaches to the cell {{place}}: remove what stands far away from the table, or save it as CSV.', {
    place: place.slice(0, 20),
  })
