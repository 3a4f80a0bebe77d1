import { BaseSequencer, type TestSpecification } from 'vitest/node'

/**
 * The files that take longest, half a minute and more: those that keep the processor busy and those that mostly wait take turns, so that
 * workers of both kinds run beside each other, and none of them is left alone at the end.
 */
const longest = [
  'test/start.test.ts',
  'test/real/ldap-conformance.test.ts',
  'backends/files/conformance.test.ts',
  'test/journeys/every-page.test.ts',
  'test/real/openvpn-changes.test.ts',
  'core/src/testing/conformance.test.ts',
  'core/src/web/hostile.test.ts',
  'test/journeys/newcomer.test.ts',
  'docs/extending/radio/backend.test.ts',
  'test/journeys/people.test.ts',
  'test/real/vpn-authority.test.ts',
  'core/src/cli/cli.test.ts',
  'core/src/billing/run-kill.test.ts',
  'test/journeys/plan.test.ts',
  'test/real/openvpn.test.ts',
  'test/extension/app-new.test.ts',
  'core/src/provisioning/hostile.test.ts',
  'test/journeys/provider.test.ts',
]

/** The longest first, then as vitest orders them. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const found = longest.findIndex(path => moduleId.endsWith(`/${path}`))
      return found < 0 ? longest.length : found
    }
    return (await super.sort(files)).sort((one, other) => place(one) - place(other))
  }
}
