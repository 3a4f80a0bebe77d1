import { defineApp } from '../app/app.ts'
import { constraints } from './constraints.ts'
import { holdersView } from './holder-view.tsx'
import { releaseJobs } from './jobs.ts'
import { addresses } from './personal.ts'
import { poolResource } from './pool-resource.tsx'
import { OfferPools, SubscriptionAddresses } from './slots.tsx'
import { offerPoolResource, reservedResource, subnetResource } from './subnet-resource.tsx'

const views = { holders: holdersView }

export default defineApp(
  { name: 'resources', verboseName: 'Addresses', root: import.meta.url },
  {
    resources: [poolResource, subnetResource, reservedResource, offerPoolResource],
    views,
    exportedUrls: [['', views]],
    menu: [{ label: 'Who held an address', view: 'holders', icon: 'search', audience: 'staff', section: 'network', order: 40 }],
    slots: { 'subscription.details': SubscriptionAddresses, 'offer.details': OfferPools },
    personalData: [addresses],
    jobs: releaseJobs,
    constraints,
  },
)
