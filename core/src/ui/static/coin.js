// Comfort only: every page works without this file.

const inField = element => element instanceof Element && element.matches('input, textarea, select, [contenteditable]')
const isPolling = element => element instanceof Element && (element.getAttribute('hx-trigger') ?? '').startsWith('every')
const keysOff = 'coin-keys-off'

/** Buttons that need a script are hidden until here, because without scripts they could do nothing. */
function showButtons(root) {
  for (const button of root.querySelectorAll('button[data-keys][hidden]')) button.hidden = false
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
  if (event.target instanceof Element && event.target.closest('button[data-keys]')) toggleHelp()
  for (const open of document.querySelectorAll('details.drop[open]')) if (!open.contains(event.target)) open.open = false
})

// A double click sends a form once. Whoever comes back to its page, or has waited in vain, may send it again.
let sent = { form: null, at: 0 }
addEventListener('pageshow', () => {
  sent = { form: null, at: 0 }
})
document.addEventListener('submit', event => {
  const form = event.target
  if (form.getAttribute('method') !== 'post' || form.hasAttribute('hx-post')) return
  if (form === sent.form && event.timeStamp - sent.at < 10_000) event.preventDefault()
  else sent = { form, at: event.timeStamp }
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
    const search = fields().find(field => field.checkVisibility())
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

/** The field for everything, then that of the list. */
function fields() {
  const all = [...document.querySelectorAll('input[type=search]')]
  return [...all.filter(field => field.id === 'find'), ...all.filter(field => field.id !== 'find')]
}

// From the field to what it found and back, by the arrows; what is found shows only while the focus is there.
document.addEventListener('keydown', event => {
  const find = event.target instanceof Element ? event.target.closest('.find') : null
  if (!find || !['ArrowDown', 'ArrowUp', 'Escape'].includes(event.key)) return
  const places = [find.querySelector('input[type=search]'), ...find.querySelectorAll('.menu-found a')]
  const next = places.indexOf(document.activeElement) + (event.key === 'ArrowDown' ? 1 : -1)
  event.preventDefault()
  if (event.key === 'Escape') document.activeElement.blur()
  else places[next]?.focus()
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
  const [off, on] = [dialog.querySelector('[data-keys-off]'), dialog.querySelector('[data-keys-on]')]
  const areOff = Boolean(localStorage.getItem(keysOff))
  off.hidden = areOff
  on.hidden = !areOff
  off.addEventListener('click', () => localStorage.setItem(keysOff, 'yes'))
  on.addEventListener('click', () => localStorage.removeItem(keysOff))
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
  const { target, polled, response } = event.detail.ctx
  showButtons(document)
  if ((response?.status ?? 200) < 400) document.querySelector('[data-unreachable]')?.remove()
  const root =
    typeof target === 'string' ? document.querySelector(target) : target?.isConnected ? target : document.getElementById(target?.id)
  if (!root || polled) return
  focusSummary(root)
  if (document.activeElement && document.activeElement !== document.body) return
  const heading = root.querySelector('h1, h2, h3') ?? root
  heading.tabIndex = -1
  heading.focus()
})

// Nobody looks at a hidden page: its polling waits.
document.addEventListener('htmx:before:request', event => {
  const { ctx } = event.detail
  ctx.polled = isPolling(ctx.sourceElement)
  if (ctx.polled && document.hidden) event.preventDefault()
})

// A refused form (422) comes back whole. Of any other error only its sentence is shown, and what was there stays.
document.addEventListener('htmx:response:error', event => {
  const ctx = event.detail.ctx
  if (ctx.response.status === 422) return
  for (const old of document.querySelectorAll('#main > .flash, [data-unreachable]')) old.remove()
  ctx.push = ctx.replace = null
  if (/class="flash fail"/.test(ctx.text))
    Object.assign(ctx, { target: '#main', select: '.flash.fail', swap: 'afterbegin ignoreTitle:true' })
  else {
    ctx.swap = 'none'
    unreachable()
  }
})

document.addEventListener('htmx:error', unreachable)

// A server that does not answer must not look like one that has nothing to say.
function unreachable() {
  const words = document.querySelector('template#unreachable')
  if (!words || document.querySelector('[data-unreachable]')) return
  document.querySelector('#main').prepend(words.content.cloneNode(true))
}

showButtons(document)
focusSummary(document)
