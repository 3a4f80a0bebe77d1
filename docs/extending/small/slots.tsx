import { Card, CardBody, defineApp } from 'coin'

export default defineApp(
  { name: 'greeting', verboseName: 'Greeting', root: import.meta.url },
  {
    slots: {
      'home.staff': () => (
        <Card title="Greeting">
          <CardBody>Good morning.</CardBody>
        </Card>
      ),
      'subscription.details': ({ subscriptionId }) => (subscriptionId === 1 ? <p>The first one!</p> : undefined),
    },
  },
)
