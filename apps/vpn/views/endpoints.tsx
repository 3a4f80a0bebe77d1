import { Address, Card, errorOf, type FieldError, Form, FormField, Icon, type IpSubnet, t, url } from 'coin'
import type { Account } from '../account.ts'
import { choicesOf } from '../addresses.ts'
import { mayFor } from '../rights.ts'
import type { Endpoints } from '../rules.ts'

interface Props {
  readonly account: Account
  readonly typed: Endpoints | undefined
  readonly errors: readonly FieldError[]
}

/** The address that the tunnel's end has, chosen among those of the account. */
export function EndpointsCard({ account, typed, errors }: Props) {
  const [four, six] = [subnetsOf(account, 4), subnetsOf(account, 6)]
  const choices = choicesOf(four)
  const writable = mayFor(account, 'configuration.change') && account.subscription.phase !== 'ended'
  return (
    <Card title={t('Address of the tunnel')} id="endpoints" body={four.length + six.length === 0 || !writable}>
      {four.length + six.length === 0 ? (
        <p class="quiet m-0">{t('There is nothing to choose from: this VPN holds no addresses yet.')}</p>
      ) : !writable ? (
        <p class="m-0">{[account.ipv4Endpoint, account.ipv6Endpoint].filter(Boolean).join(', ')}</p>
      ) : (
        <Form
          action={url('vpn:endpoints', { id: account.id })}
          frame="card-body"
          submit={t('Save')}
          note={t('Saving cuts the tunnel for a few seconds.')}
          hidden={{ version: String(account.version) }}
        >
          <p class="quiet m-0">{t('The address your computer or router gets. The others are routed to it.')}</p>
          {four.length > 0 &&
            (choices ? (
              <Choice
                current={account.ipv4Endpoint}
                typed={typed?.ipv4Endpoint}
                addresses={choices}
                error={errorOf(errors, 'ipv4Endpoint')}
              />
            ) : (
              <Typed name="ipv4Endpoint" label="IPv4" value={typed?.ipv4Endpoint ?? account.ipv4Endpoint} subnets={four} errors={errors} />
            ))}
          {six.length > 0 && (
            <Typed name="ipv6Endpoint" label="IPv6" value={typed?.ipv6Endpoint ?? account.ipv6Endpoint} subnets={six} errors={errors} />
          )}
        </Form>
      )}
    </Card>
  )
}

const subnetsOf = (account: Account, family: 4 | 6) => account.ipSubnets.filter(subnet => subnet.family === family)

interface TypedProps {
  readonly name: keyof Endpoints
  readonly label: string
  readonly value: string | null | undefined
  readonly subnets: readonly IpSubnet[]
  readonly errors: readonly FieldError[]
}

const Typed = ({ name, label, value, subnets, errors }: TypedProps) => (
  <FormField
    name={name}
    label={label}
    kind="address"
    value={value}
    error={errorOf(errors, name)}
    hint={
      <>
        {t('Any address inside')}{' '}
        {subnets.map(({ prefix }, index) => (
          <>
            {index > 0 && ', '}
            <Address>{prefix}</Address>
          </>
        ))}
        . {t('Empty: none.')}
      </>
    }
  />
)

interface ChoiceProps {
  readonly current: string | null
  readonly typed: string | undefined
  readonly addresses: readonly string[]
  readonly error: string | undefined
}

/** How many are shown before the rest is folded away. */
const shown = 3

/** Radios; the one that counts now is always among those that show. */
function Choice({ current, typed, addresses, error }: ChoiceProps) {
  const chosen = typed ?? current
  const first = addresses.slice(0, shown)
  const visible = chosen && addresses.includes(chosen) && !first.includes(chosen) ? [chosen, ...first.slice(0, shown - 1)] : first
  const rest = addresses.filter(address => !visible.includes(address))
  const radio = (address: string, index: number) => (
    <label class="choice">
      <input
        class="form-check-input"
        type="radio"
        name="ipv4Endpoint"
        id={index === 0 ? 'ipv4Endpoint' : undefined}
        value={address}
        checked={address === chosen}
        aria-invalid={error ? 'true' : undefined}
      />
      <Address>{address}</Address>
      {address === current && <span class="quiet push small">{t('in use')}</span>}
    </label>
  )
  return (
    <fieldset aria-describedby={error ? 'ipv4Endpoint-e' : undefined}>
      <legend class="form-label">IPv4</legend>
      {visible.map(radio)}
      {rest.length > 0 && (
        <details class="mt-2">
          <summary class="hint">{t('{{count}} more', { count: rest.length })}</summary>
          <div class="mt-2">{rest.map((address, index) => radio(address, visible.length + index))}</div>
        </details>
      )}
      {error && (
        <p class="error" id="ipv4Endpoint-e">
          <Icon name="alert-circle" />
          <span>{error}</span>
        </p>
      )}
    </fieldset>
  )
}
