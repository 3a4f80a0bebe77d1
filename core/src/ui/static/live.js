// Parts of a page that are told when to look again, by server-sent events. Without this file, or where events do not arrive, they ask
// now and then by themselves.

const streams = new Map()
/** Milliseconds between looks while no events arrive. */
const patience = 2000

function follow() {
  const wanted = new Map([...document.querySelectorAll('[data-live]')].map(part => [part.dataset.live, part]))
  for (const [url, { source, timer }] of streams) {
    if (wanted.has(url)) continue
    source.close()
    clearInterval(timer)
    streams.delete(url)
  }
  for (const url of wanted.keys()) if (!streams.has(url)) streams.set(url, open(url))
}

function open(url) {
  const source = new EventSource(url)
  const stream = { source, timer: undefined }
  const look = () => {
    if (document.hidden) return
    for (const part of document.querySelectorAll(`[data-live="${CSS.escape(url)}"]`)) part.dispatchEvent(new Event('live'))
  }
  // also what the server says once it listens: what happened since the page was made is looked at now
  source.addEventListener('open', () => {
    clearInterval(stream.timer)
    stream.timer = undefined
    look()
  })
  source.addEventListener('changed', look)
  source.addEventListener('error', () => {
    stream.timer ??= setInterval(look, patience)
  })
  return stream
}

document.addEventListener('DOMContentLoaded', follow)
document.addEventListener('htmx:after:swap', follow)
// somebody comes back to the page: what happened meanwhile was not looked at
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) for (const part of document.querySelectorAll('[data-live]')) part.dispatchEvent(new Event('live'))
})
follow()
