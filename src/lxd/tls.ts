/** Opens TLS streams to LXD's HTTPS address with a client certificate, the server's certificate pinned. Knows no HTTP. */
import { connect, type TLSSocket } from 'node:tls';
import { Fault } from '../errors.ts';
import { connectionFault } from './faults.ts';
import { CONNECT_MS, type HttpsTransport, type Transport } from './transport.ts';

/**
 * A fingerprint decides alone: LXD signs its certificates itself and its clients pin them too (LXD, "Authentication").
 * Without one the certificate must come from `ca`, or from an authority that Node knows, and be made out to the address.
 */
export function openTls(config: HttpsTransport): Transport {
  return { open: () => openSocket(config), close: () => {} };
}

function openSocket(config: HttpsTransport): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(config.url);
    const host = hostname.replace(/^\[|\]$/g, '');
    const socket = connect({
      host,
      port: port === '' ? 443 : Number(port),
      cert: config.certificate,
      key: config.key,
      ...(config.ca !== undefined && { ca: config.ca }),
      ALPNProtocols: ['http/1.1'],
      minVersion: 'TLSv1.2',
      // Not to trust anybody: to see the certificate first. distrustOf decides below, before a byte is sent.
      rejectUnauthorized: false,
    });
    const refuse = (error: Fault): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(error);
    };
    const late = new Fault('lxd_timeout', `no TLS connection to ${host} within ${CONNECT_MS / 1000} s`, {
      retryable: true,
    });
    const timer = setTimeout(() => refuse(late), CONNECT_MS);
    const fail = (error: Error): void => refuse(connectionFault(error));
    socket.once('error', fail);
    socket.once('secureConnect', () => {
      const distrust = distrustOf(socket, config);
      if (distrust !== undefined) return refuse(distrust);
      clearTimeout(timer);
      socket.off('error', fail);
      resolve(socket);
    });
  });
}

function distrustOf(socket: TLSSocket, { serverFingerprint }: HttpsTransport): Fault | undefined {
  const seen = plain(socket.getPeerCertificate().fingerprint256);
  if (serverFingerprint !== undefined) {
    if (plain(serverFingerprint) === seen) return undefined;
    return new Fault(
      'lxd_host_key',
      `the server shows the certificate ${seen}, not the pinned ${plain(serverFingerprint)}. If it was changed on purpose, ` +
        `compare with \`lxc info\` on the host and put \`server_fingerprint: ${seen}\` in the configuration`,
    );
  }
  if (socket.authorized) return undefined;
  return new Fault(
    'lxd_host_key',
    `the server's certificate cannot be trusted (${String(socket.authorizationError)}): compare it with \`lxc info\` on ` +
      `the host and put \`server_fingerprint: ${seen}\` in the configuration`,
  );
}

function plain(fingerprint: string): string {
  return fingerprint.replaceAll(':', '').toLowerCase();
}
