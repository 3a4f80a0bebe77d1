// Makes a key in this browser, has it certified, and puts both into the profile. The key is sent nowhere.

const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }

// DER (X.690): tag, length, content
const bytes = (...parts) => Uint8Array.from(parts.flatMap(part => (typeof part === 'number' ? [part] : [...part])))
const lengthOf = count => (count < 0x80 ? [count] : count < 0x100 ? [0x81, count] : [0x82, count >> 8, count & 0xff])
const tagged = (tag, ...parts) => {
  const content = bytes(...parts)
  return bytes(tag, lengthOf(content.length), content)
}
const sequence = (...parts) => tagged(0x30, ...parts)
const commonName = [0x06, 0x03, 0x55, 0x04, 0x03]
const ecdsaWithSha256 = [0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]

/** Positive, without needless zeros. */
const integer = number => {
  const first = number.findIndex(byte => byte !== 0)
  const short = first === -1 ? [0] : number.slice(first)
  return tagged(0x02, short[0] >= 0x80 ? [0] : [], short)
}

/** A signing request (PKCS#10, RFC 2986) of one shape: this name, a P-256 key, no attributes. */
const requestFor = async (name, { publicKey, privateKey }) => {
  const subject = sequence(tagged(0x31, sequence(commonName, tagged(0x0c, new TextEncoder().encode(name)))))
  const key = new Uint8Array(await crypto.subtle.exportKey('spki', publicKey))
  const info = sequence(integer([0]), subject, key, tagged(0xa0))
  const signature = new Uint8Array(await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, privateKey, info))
  const pair = sequence(integer(signature.slice(0, 32)), integer(signature.slice(32)))
  return sequence(info, ecdsaWithSha256, tagged(0x03, [0], pair))
}

const pem = (label, der) => {
  const lines = btoa(String.fromCharCode(...new Uint8Array(der))).match(/.{1,64}/g)
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}

/** What the server answers to the request: the profile without the key. */
const certified = async (action, csr) => {
  const body = new URLSearchParams({ csr: pem('CERTIFICATE REQUEST', csr) })
  const answer = await fetch(action, { method: 'POST', body, headers: { Accept: 'application/json' } })
  const said = await answer.json()
  if (!answer.ok) throw Object.assign(new Error('refused'), { said: said.error?.message })
  return said.profile
}

const makeProfile = async (name, action) => {
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const profile = await certified(action, await requestFor(name, keys))
  return `${profile}<key>\n${pem('PRIVATE KEY', await crypto.subtle.exportKey('pkcs8', keys.privateKey))}</key>\n`
}

const show = (part, form) => {
  form.hidden = true
  part.hidden = false
  part.focus()
}

const offer = place => {
  const find = name => place.querySelector(`[data-certificate-${name}]`)
  const form = place.querySelector('form')
  const button = form.querySelector('button')
  place.hidden = false
  form.addEventListener('submit', async event => {
    event.preventDefault()
    button.disabled = true
    try {
      const profile = await makeProfile(place.dataset.login, form.action)
      find('save').href = URL.createObjectURL(new Blob([profile], { type: 'application/x-openvpn-profile' }))
      show(find('done'), form)
    } catch (error) {
      if (error.said) find('reason').textContent = error.said
      show(find('failed'), form)
    }
  })
}

// keys are only made where nobody can have changed this page on its way: by https, or on this machine
if (globalThis.crypto?.subtle) for (const place of document.querySelectorAll('[data-certificate]')) offer(place)
