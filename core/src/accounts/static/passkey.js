// Passkeys: asks the browser for one, and sends what it gives with the form around the button.
const known = window.PublicKeyCredential?.parseRequestOptionsFromJSON !== undefined

// A passkey that the browser offers under the field of the address; given up when a button is pressed.
let offer

for (const form of document.querySelectorAll('form[data-passkey]')) if (known) prepare(form)

function prepare(form) {
  form.hidden = false
  form.parentElement.querySelector('[data-passkey-missing]').hidden = true
  form.addEventListener('submit', event => {
    event.preventDefault()
    offer?.abort()
    ask(form).catch(error => explain(form, error))
  })
  if (form.dataset.passkey === 'get')
    document.querySelector('[autocomplete~=webauthn]')?.addEventListener('focus', () => offerBelow(form), { once: true })
}

async function offerBelow(form) {
  if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return
  offer = new AbortController()
  // nobody asked for it, so nobody is told that it came to nothing
  ask(form, { mediation: 'conditional', signal: offer.signal }).catch(() => {})
}

async function ask(form, how = {}) {
  const options = await optionsFor(form)
  const credential =
    form.dataset.passkey === 'create'
      ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
      : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options), ...how })
  form.elements.credential.value = JSON.stringify(credential)
  form.submit()
}

async function optionsFor(form) {
  const answer = await fetch(form.dataset.options, {
    method: 'POST',
    body: new URLSearchParams(new FormData(form)),
    headers: { Accept: 'application/json' },
  })
  const said = await answer.json()
  if (!answer.ok) throw Object.assign(new Error(said.error.message), { said: true })
  return said
}

function explain(form, error) {
  if (error.name === 'AbortError') return
  const { cancelled, known, unreachable } = form.dataset
  const words = form.querySelector('[data-passkey-error]')
  words.textContent = error.said
    ? error.message
    : error.name === 'InvalidStateError'
      ? known
      : error.name === 'NotAllowedError'
        ? cancelled
        : unreachable
  words.hidden = false
}
