import { type AnyBackend, type ConfigurationTable, defineBackend, type Json, type Target } from 'coin'

/** What the controller of a radio network can do, in its own words. */
export interface Controller {
  fetch(names: readonly string[]): Promise<{ readonly name: string; readonly profile: Json }[]>
  save(
    links: readonly { readonly name: string; readonly profile: Json }[],
  ): Promise<{ readonly refused: { readonly name: string; readonly why: string }[] }>
  remove(names: readonly string[]): Promise<void>
  pages(): AsyncIterable<{ readonly name: string; readonly profile: Json }[]>
  disconnect(): Promise<void>
}

/** The radio controller: connected once, asked about many links at a time. */
export const controller = (table: ConfigurationTable, connect: () => Promise<Controller>): AnyBackend =>
  defineBackend(table, {
    name: 'radio_controller',
    key: link => `link-${link.id}`,
    desired: link => ({ routes: link.ipSubnets.map(({ prefix }) => prefix) }),
    open: async () => target(await connect()),
  })

const target = (radio: Controller): Target<Json> => ({
  read: async names => new Map((await radio.fetch(names)).map(({ name, profile }) => [name, profile])),
  async apply(wanted) {
    const { refused } = await radio.save(wanted.map(({ key, desired }) => ({ name: key, profile: desired })))
    return new Map(refused.map(({ name, why }) => [name, new Error(why)]))
  },
  async destroy(names) {
    await radio.remove(names)
    return undefined
  },
  async *list() {
    for await (const page of radio.pages()) yield new Map(page.map(({ name, profile }) => [name, profile]))
  },
  close: () => radio.disconnect(),
})
