import { defineApp } from '../app/app.ts'
import { commands } from './commands.ts'
import { constraints } from './constraints.ts'
import { dealViews } from './deal-views.tsx'
import { afterCommit } from './events.ts'
import { jobs } from './jobs.ts'
import { changeOfOffer } from './kinds/change-offer.ts'
import { endOfSubscription } from './kinds/end.tsx'
import { anythingElse } from './kinds/other.ts'
import { signUp } from './kinds/sign-up.ts'
import { newSubscription } from './kinds/subscription.ts'
import { ownViews } from './own-views.tsx'
import { requested } from './personal.ts'
import { requestResource } from './resource.tsx'
import { signUpViews } from './sign-up-views.tsx'
import { slots } from './slots.tsx'
import { templateResource } from './template-resource.ts'

const views = { ...ownViews, ...dealViews, ...signUpViews }

export default defineApp(
  { name: 'request', verboseName: 'Requests', root: import.meta.url },
  {
    resources: [requestResource, templateResource],
    personalData: [requested],
    requests: [newSubscription, changeOfOffer, endOfSubscription, anythingElse, signUp],
    views,
    exportedUrls: [['', views]],
    menu: [{ label: 'Requests', view: 'list', icon: 'message', order: 40 }],
    slots,
    jobs,
    commands,
    afterCommit,
    constraints,
  },
)
