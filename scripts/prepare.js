// First half of `npm start`: installs what is missing, and prints the Node that runs Coin.
import { findNode, underModernNode } from '../core/bin/runtime.js'
import { ensureInstalled } from './install.js'

await ensureInstalled({ development: false })
const node = findNode()
if (node) console.log(node)
// says what is missing
else underModernNode([])
