import { t } from '../app/i18n.ts'
import { ButtonLink, Card, sitePath, Todo } from '../ui/index.ts'
import type { Figures } from './today-queries.ts'

/** What one does first on a new install, until all of it is done. */
export function FirstSteps({ figures }: { figures: Figures }) {
  const steps = [
    {
      done: figures.hasPool,
      title: t('Add a pool of addresses'),
      text: t('With a prefix or several, of IPv4 or IPv6. Subscribers get their blocks from it.'),
      path: '/admin/pools',
      verb: t('Add a pool'),
    },
    {
      done: figures.hasOffer,
      title: t('Add an offer'),
      text: t('What you sell: its price, what there is to configure, and the pools it draws from.'),
      path: '/admin/offers',
      verb: t('Add an offer'),
    },
    {
      done: figures.hasMember,
      title: t('Add a member'),
      text: t('A person or an organisation, and how to reach them.'),
      path: '/admin/members',
      verb: t('Add a member'),
    },
    {
      done: figures.hasSubscription,
      title: t('Subscribe them'),
      text: t('The member, the offer and a day. The addresses come by themselves when you configure it.'),
      path: '/admin/subscriptions',
      verb: t('Add a subscription'),
    },
    {
      done: figures.hasRun,
      title: t('Bill them'),
      text: t(
        'A dry run shows every line before anything is billed. Who you are and your IBAN, on each invoice, come from coin.config.ts.',
      ),
      path: '/admin/runs',
      verb: t('Prepare a billing run'),
    },
  ]
  const next = steps.findIndex(({ done }) => !done)
  return (
    <Card
      title={t('First steps')}
      body={false}
      note={t('{{done}} of {{count}} done', { done: steps.filter(({ done }) => done).length, count: steps.length })}
    >
      <Todo
        items={steps.map(({ done, title, text, path, verb }, index) => ({
          tone: done ? ('ok' as const) : index === next ? ('wait' as const) : ('none' as const),
          icon: done ? 'check' : 'circle-plus',
          text: (
            <>
              <b>
                {index + 1}. {title}.
              </b>{' '}
              {done ? t('Done.') : text}
            </>
          ),
          action: done ? undefined : (
            <ButtonLink small {...(index === next && { kind: 'primary' as const })} href={sitePath(`${path}/new`)}>
              {verb}
            </ButtonLink>
          ),
        }))}
      />
    </Card>
  )
}
