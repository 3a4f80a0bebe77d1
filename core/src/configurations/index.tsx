import { defineApp } from '../app/app.ts'
import { ConfigurationInline, inlineView } from './inline.tsx'
import { lines } from './personal.ts'
import { configurationResource } from './resource.tsx'

const views = { inline: inlineView }

export default defineApp(
  { name: 'configurations', verboseName: 'Configurations', root: import.meta.url },
  {
    resources: [configurationResource],
    views,
    exportedUrls: [['', views]],
    slots: { 'subscription.details': ({ subscriptionId }) => ConfigurationInline(subscriptionId) },
    personalData: [lines],
    constraints: {
      configuration_one_per_subscription: { field: 'subscriptionId', message: 'This subscription has a configuration already.' },
      configuration_type_of_subscription: { field: 'subscriptionId', message: 'The offer of this subscription is of another type.' },
    },
  },
)
