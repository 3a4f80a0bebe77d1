import { defineApp } from '../app/app.ts'
import { constraints } from './constraints.ts'
import { datedResources } from './dated-resources.ts'
import { offerResource } from './offer-resource.tsx'
import { offerView } from './offer-view.tsx'
import { subscribed } from './personal.ts'
import { priceResource } from './price-resource.ts'
import { subscriptionResource } from './subscription-resource.tsx'

const views = { changeOffer: offerView }

export default defineApp(
  { name: 'subscriptions', verboseName: 'Subscriptions', root: import.meta.url },
  {
    resources: [subscriptionResource, offerResource, priceResource, ...datedResources],
    views,
    exportedUrls: [['', views]],
    personalData: [subscribed],
    constraints,
  },
)
