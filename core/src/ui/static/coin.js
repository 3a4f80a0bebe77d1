// Comfort only: every page works without this file.

const inField = element => element instanceof Element && element.matches('input, textarea, select, [contenteditable]')
const keysOff = 'coin-keys-off'

/** Copy buttons are hidden until here, because without scripts they could do nothing. */
function showCopyButtons(root) {
  if (!navigator.clipboard) return
  for (const button of root.querySelectorAll('button[data-copy][hidden]')) button.hidden = false
}

/** A page that came back with errors begins at its summary. */
function focusSummary(root) {
  root.querySelector('[data-focus]')?.focus()
}

document.addEventListener('click', async event => {
  const button = event.target instanceof Element ? event.target.closest('button[data-copy]') : null
  if (button) {
    await navigator.clipboard.writeText(button.dataset.copy)
    const words = button.querySelector('[aria-live]')
    const before = words.textContent
    words.textContent = button.dataset.copied
    setTimeout(() => {
      words.textContent = before
    }, 2000)
  }
  for (const open of document.querySelectorAll('details.drop[open]')) if (!open.contains(event.target)) open.open = false
})

let afterG = 0

document.addEventListener('keydown', event => {
  if (event.key === 'Escape') {
    const open = document.activeElement?.closest('details.drop[open]') ?? document.querySelector('details.drop[open]')
    if (open) {
      open.open = false
      open.querySelector('summary').focus()
    }
    return
  }
  if (event.ctrlKey || event.metaKey || event.altKey || inField(event.target) || localStorage.getItem(keysOff)) return
  if (event.key === '/') {
    const search = document.querySelector('input[type=search]')
    if (search) {
      event.preventDefault()
      search.focus()
    }
  } else if (event.key === '?') toggleHelp()
  else if (event.key === 'g') afterG = event.timeStamp
  else if (event.timeStamp - afterG < 1500) {
    afterG = 0
    entries()
      .find(entry => entry.letter === event.key)
      ?.link.click()
  }
})

/** Each entry of the menu has the first letter of its words that no earlier entry took. */
function entries() {
  const taken = new Set()
  return [...document.querySelectorAll('nav.menu li > a')].flatMap(link => {
    const words = (link.firstChild?.nextSibling?.textContent ?? '').trim()
    const letter = [...words.toLowerCase().normalize('NFD')].find(
      character => /[a-z]/.test(character) && character !== 'g' && !taken.has(character),
    )
    if (!letter) return []
    taken.add(letter)
    return [{ letter, words, link }]
  })
}

function toggleHelp() {
  const old = document.querySelector('dialog.keys')
  if (old) return old.remove()
  const words = document.querySelector('template#keys')
  if (!words) return
  const dialog = document.createElement('dialog')
  dialog.className = 'keys card'
  dialog.append(words.content.cloneNode(true))
  const list = dialog.querySelector('dl')
  for (const entry of entries()) {
    const row = document.createElement('div')
    const key = document.createElement('dt')
    const what = document.createElement('dd')
    key.append(keyOf('g'), ' ', keyOf(entry.letter))
    what.textContent = entry.words
    row.append(key, what)
    list.append(row)
  }
  dialog.querySelector('[data-keys-off]')?.addEventListener('click', () => localStorage.setItem(keysOff, 'yes'))
  dialog.addEventListener('close', () => dialog.remove())
  document.body.append(dialog)
  dialog.showModal()
}

function keyOf(letter) {
  const key = document.createElement('kbd')
  key.textContent = letter
  return key
}

// Polling never moves the focus; what a person caused does, unless the focus is still somewhere on the page.
document.addEventListener('htmx:after:swap', event => {
  const root = event.detail?.ctx?.target ?? document.body
  showCopyButtons(document)
  if (root instanceof Element) focusSummary(root)
  if (document.activeElement && document.activeElement !== document.body) return
  const polled = String(event.detail?.ctx?.sourceElement?.getAttribute?.('hx-trigger') ?? '').startsWith('every')
  const heading = polled || !(root instanceof Element) || !root.isConnected ? null : root.querySelector('h1, h2, h3')
  if (heading) {
    heading.tabIndex = -1
    heading.focus()
  }
})

// A server that cannot be reached must not look like one that has nothing to say.
document.addEventListener('htmx:error', () => {
  const main = document.querySelector('#main')
  const words = document.querySelector('template#unreachable')
  if (!main || !words || main.querySelector('[data-unreachable]')) return
  main.prepend(words.content.cloneNode(true))
})

showCopyButtons(document)
focusSummary(document)
