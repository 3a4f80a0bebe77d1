"""A dialogue with OpenVPN's management interface (management-notes.txt of OpenVPN)."""
import socket


class Gone(Exception):
    """OpenVPN does not answer there."""


class Management:
    """Connects when first used, and again after OpenVPN was restarted."""

    def __init__(self, settings):
        self.address = settings.management
        self.connection = None
        self.rest = b''

    def sessions(self):
        """What runs: dicts with login, since, received, sent and id."""
        found = []
        for line in self._ask('status 3'):
            fields = line.split('\t')
            if fields[0] == 'CLIENT_LIST' and len(fields) > 10 and fields[1] != 'UNDEF':
                found.append({'login': fields[1], 'since': fields[8], 'received': fields[5], 'sent': fields[6], 'id': fields[10]})
        return found

    def tell(self, session):
        """Tells the client to begin anew; the server would go on forwarding for some seconds."""
        self._ask(f'client-kill {session["id"]} RESTART')

    def end(self, session):
        """Ends what runs under this login at once, without a word to the client."""
        self._ask(f'kill {session["login"]}')

    def close(self):
        """Lets go; the next question connects again."""
        if self.connection:
            self.connection.close()
        self.connection, self.rest = None, b''

    def _ask(self, command):
        try:
            if not self.connection:
                self._connect()
            self.connection.sendall(f'{command}\n'.encode())
            lines = []
            while True:
                line = self._line()
                if line.startswith('>'):
                    continue
                if line == 'END' or line.startswith(('SUCCESS:', 'ERROR:')):
                    return lines
                lines.append(line)
        except OSError as error:
            self.close()
            raise Gone(f'{self.address}: {error.strerror or error}') from error

    def _connect(self):
        host, colon, port = self.address.rpartition(':')
        if colon and port.isdigit():
            self.connection = socket.create_connection((host, int(port)), 5)
        else:
            self.connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self.connection.settimeout(5)
            self.connection.connect(self.address)

    def _line(self):
        while b'\n' not in self.rest:
            more = self.connection.recv(65536)
            if not more:
                raise ConnectionResetError('OpenVPN closed the connection')
            self.rest += more
        line, _, self.rest = self.rest.partition(b'\n')
        return line.decode('utf-8', 'replace').rstrip('\r')
