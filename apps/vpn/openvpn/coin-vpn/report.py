"""Tells Coin about sessions, in the background: no login waits for it, none is refused because of it."""
import subprocess

from background import in_background
from log import log


def report(settings, events):
    """Posts each event (a dict of form fields) to `session_url`."""
    if settings.session_url and events:
        in_background(lambda: [_post(settings, event) for event in events])


def _post(settings, event):
    try:
        # what curl reads from its input is on no command line
        given = [_option('url', settings.session_url)]
        if settings.session_token_file:
            with open(settings.session_token_file, encoding='utf-8') as file:
                given.append(_option('header', f'Authorization: Bearer {file.read().strip()}'))
        given += [_option('data-urlencode', f'{name}={value}') for name, value in event.items() if value not in (None, '')]
        quiet = ['--silent', '--show-error', '--fail', '--output', '/dev/null']
        patience = ['--max-time', '10', '--retry', '3', '--retry-delay', '2']
        done = subprocess.run(
            ['curl', *quiet, *patience, '--config', '-'], input=''.join(given).encode(), capture_output=True, check=False
        )
        if done.returncode != 0:
            log(settings, f'report {event["event"]} {event["session"]}: {done.stderr.decode("utf-8", "replace").strip()}')
    except OSError as error:
        log(settings, f'report {event["event"]} {event["session"]}: {error}')


def _option(name, value):
    escaped = str(value).replace('\\', '\\\\').replace('"', '\\"').replace('\n', '')
    return f'{name} = "{escaped}"\n'
