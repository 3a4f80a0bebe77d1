import { defineApp } from '../app/app.ts'
import { commands } from './commands.ts'
import { constraints } from './constraints.ts'
import { followDirectory } from './follow-directory.ts'
import { groupMembershipResource, groupResource } from './group-resource.tsx'
import { inviteView } from './invite-page.tsx'
import { peopleView } from './people-page.tsx'
import { personDisableView, personInviteView, personRolesView, personView } from './person-page.tsx'
import { grouped } from './personal.ts'
import { resetFactorsView } from './reset-factors.tsx'
import { roleResource } from './role-resource.tsx'
import { routesView } from './routes-page.tsx'
import { signedIn } from './signed-in.ts'
import { slots } from './slots.tsx'

const views = {
  people: peopleView,
  invite: inviteView,
  user: personView,
  roles: personRolesView,
  disable: personDisableView,
  inviteAgain: personInviteView,
  resetFactors: resetFactorsView,
  routes: routesView,
}

export default defineApp(
  { name: 'staff', verboseName: 'Staff', root: import.meta.url },
  {
    resources: [roleResource, groupResource, groupMembershipResource],
    views,
    exportedUrls: [['', views]],
    personalData: [grouped],
    menu: [{ label: 'Staff', view: 'people', icon: 'shield-lock', audience: 'staff', section: 'settings', order: 110 }],
    permissions: {
      'user.view': 'See who works here and what they may do',
      'user.manage': 'Invite those who work here, give them roles, disable accounts',
    },
    commands,
    signedIn,
    jobs: { followDirectory },
    slots,
    constraints,
  },
)
