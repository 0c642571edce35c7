import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type HostPlan, hostDir, type LabHttps, lxdDirOf } from './lab-plan.ts';
import { lxc, lxcQuery } from './lxd-daemon.ts';
import { runCommand } from './run-command.ts';

/** Makes a client certificate and has the host's LXD trust it. */
export async function ensureHttps(plan: HostPlan, port: number): Promise<LabHttps> {
  const certFile = join(hostDir(plan.name), 'client.crt');
  const keyFile = join(hostDir(plan.name), 'client.key');
  if (!existsSync(certFile)) {
    const kind = [
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '3650',
    ];
    const files = ['-keyout', keyFile, '-out', certFile];
    await runCommand(['openssl', 'req', ...kind, '-subj', '/CN=drawbridge-lab', ...files]);
  }
  const trusted = await lxcQuery<string[]>(plan.name, '/1.0/certificates');
  if (!trusted.includes(`/1.0/certificates/${fingerprint(certFile)}`)) {
    await lxc(plan.name, 'config', 'trust', 'add', certFile, '--name', 'drawbridge-lab');
  }
  const serverCertFile = join(lxdDirOf(plan.name), 'server.crt');
  return {
    url: `https://${plan.address}:${port}`,
    certFile,
    keyFile,
    serverCertFile,
    serverCertFingerprint: fingerprint(serverCertFile),
  };
}

function fingerprint(certFile: string): string {
  return new X509Certificate(readFileSync(certFile)).fingerprint256.replaceAll(':', '').toLowerCase();
}
