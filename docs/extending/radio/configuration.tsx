import { defineConfiguration, updateView } from 'coin'
import { newPassphrase, replaceEndpoint } from './rules.ts'
import { radio } from './tables.ts'
import { NewPassphrase, RadioPage } from './views.tsx'

export const link = defineConfiguration({
  table: radio,
  verboseName: 'Radio link',
  describe: row => `${row.mac} in ${row.place || 'an unknown place'}`,
  fields: {
    mac: { label: 'MAC address', help: 'Of the antenna, such as 02:00:5e:10:00:01' },
    place: { label: 'Place' },
    endpoint: { label: 'Address of the antenna' },
    passphrase: { label: 'Passphrase', secret: true },
  },
  admin: {
    list: ['mac', 'place'],
    readonly: ['endpoint'],
    inline: { layout: 'stacked', fields: ['mac', 'place'] },
  },
  urlNamespace: 'radio-links',
  views: {
    details: updateView(radio, ['place'], (row, form) => <RadioPage link={row} form={form} />),
    passphrase: {
      path: '/:id/passphrase',
      post: async ({ configuration, tx }) => <NewPassphrase link={configuration} passphrase={await newPassphrase(configuration, tx)} />,
    },
  },
  onSubnetEvent: ({ configuration }, tx) => replaceEndpoint(configuration, tx),
})
