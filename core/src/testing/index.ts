/** `coin/testing`: a Coin with a database of its own, and rows to put in it. Used with vitest. */
export { type TestCoin, testCoin } from './coin.ts'
export type { Conformance } from './conformance/options.ts'
export { conformance } from './conformance.ts'
export { type TestDatabase, testDatabase } from './database.ts'
export { addConfiguration, addMember, addOffer, addPool, addSubnet, addSubscription } from './factories.ts'
export { siteOf, type Visitor } from './site.ts'
export { statementsOf, type TestClient, type TestWeb, type TestWebOptions, testPassword, testWeb } from './web.ts'
