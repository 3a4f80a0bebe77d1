/**
 * A text in the characters that every bank of the SEPA takes (EPC217-08): letters without accents, digits, `/ - ? : ( ) . , ' +` and spaces. What
 * has no counterpart becomes a space. At most `length` characters; `''` when nothing is left.
 */
export function sepaText(text: string, length: number): string {
  const plain = [...text.toWellFormed().normalize('NFKD').replace(/\p{M}/gu, '')]
    .map(each => (/[A-Za-z0-9/?:().,'+ -]/.test(each) ? each : counterpart(each)))
    .join('')
  // a slash at an end, or two of them, would be read as the end of the field
  const clean = plain.replace(/\/{2,}/g, '/').replace(/\s+/g, ' ')
  return clean
    .replace(/^[\s/]+/, '')
    .slice(0, length)
    .replace(/[\s/]+$/, '')
}

const groups = [
  ['ae', 'æ'],
  ['oe', 'œ'],
  ['ss', 'ß'],
  ['th', 'þ'],
  ['o', 'ø'],
  ['d', 'đð'],
  ['l', 'ł'],
  ['i', 'ı'],
  ['h', 'ħ'],
  ['t', 'ŧ'],
  ['n', 'ŋ'],
  ["'", '’‘ʼ`´"“”„«»'],
  ['-', '‐‑–—−_~'],
  ['+', '&'],
  ['.', ';!…·'],
  [',', '‚'],
  ['(', '[{<'],
  [')', ']}>'],
  ['/', '\\|'],
  [' EUR ', '€'],
  ['(at)', '@'],
  // Greek and Cyrillic, as the same document has them
  ['a', 'αа'],
  ['v', 'βв'],
  ['g', 'γг'],
  ['d', 'δд'],
  ['e', 'εе'],
  ['z', 'ζз'],
  ['i', 'ηιи'],
  ['th', 'θ'],
  ['k', 'κк'],
  ['l', 'λл'],
  ['m', 'μм'],
  ['n', 'νн'],
  ['x', 'ξ'],
  ['o', 'οωо'],
  ['p', 'πп'],
  ['r', 'ρр'],
  ['s', 'σςс'],
  ['t', 'τт'],
  ['y', 'υйь'],
  ['f', 'φф'],
  ['ch', 'χч'],
  ['ps', 'ψ'],
  ['b', 'б'],
  ['zh', 'ж'],
  ['u', 'у'],
  ['h', 'х'],
  ['ts', 'ц'],
  ['sh', 'ш'],
  ['sht', 'щ'],
  ['a', 'ъ'],
  ['yu', 'ю'],
  ['ya', 'я'],
] as const
const counterparts = new Map<string, string>(groups.flatMap(([plain, characters]) => [...characters].map(each => [each, plain] as const)))

function counterpart(character: string): string {
  const found = counterparts.get(character)
  if (found !== undefined) return found
  const lower = counterparts.get(character.toLowerCase())
  return lower === undefined ? ' ' : lower.charAt(0).toUpperCase() + lower.slice(1)
}
