import type { SlotRenderers } from '../app/slots.ts'
import { bankSlots } from './bank/slots.tsx'
import { sepaSlots } from './sepa/slots.tsx'

/** What payments add to other pages. */
export const slots = { ...bankSlots, ...sepaSlots, 'home.staff': StaffHome } satisfies SlotRenderers

async function StaffHome() {
  const [bank, debits] = [await bankSlots['home.staff'](), await sepaSlots['home.staff']()]
  if (!bank || !debits) return bank ?? debits
  return (
    <>
      {bank}
      {debits}
    </>
  )
}
