import { type Content, sitePath } from '../ui/index.ts'

/** At the head of a card: to the list behind it. */
export const CardLink = ({ path, children }: { path: string; children: Content }) => (
  <a class="small quiet u" href={sitePath(path)}>
    {children}
  </a>
)
