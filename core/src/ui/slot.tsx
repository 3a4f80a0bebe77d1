import { raw } from 'hono/html'
import { currentScope, withinScope } from '../app/scope.ts'
import type { Slots } from '../app/slots.ts'
import type { Html } from './html.ts'

type SlotProps<S extends keyof Slots> = { readonly name: S } & (keyof Slots[S] extends never
  ? { readonly props?: Slots[S] }
  : { readonly props: Slots[S] })

/** What the apps put in a place of a core page, in the order of the apps; each speaks in its own words. */
export function Slot<S extends keyof Slots>({ name, props }: SlotProps<S>) {
  const renderers = currentScope().registry.slotsOf(name)
  return (
    <>
      {renderers.map(({ app, render }) => (
        <Part render={() => withinScope({ app }, () => rendered(render, (props ?? {}) as Slots[S]))} />
      ))}
    </>
  )
}

/** Renders at once, while the app's scope holds: components are otherwise rendered later, in that of the page. */
async function rendered<P>(render: (props: P) => Html | undefined | Promise<Html | undefined>, props: P): Promise<Html | string> {
  const html = await render(props)
  return html === undefined ? '' : raw(String(await html.toString()))
}

const Part = async ({ render }: { render: () => Promise<Html | string> }) => <>{await render()}</>
