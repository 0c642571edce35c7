/** Ports behind which machines and data are run rather than services given: they ask for a second pair of eyes. Pure. */
import type { PortRange } from '../port-range.ts';

/** IANA, "Service Name and Transport Protocol Port Number Registry", and the defaults in the manuals of those that are not in it. */
const NAMES: Readonly<Record<number, string>> = {
  22: 'SSH',
  23: 'Telnet',
  111: 'rpcbind',
  135: 'Windows RPC',
  139: 'NetBIOS',
  389: 'LDAP',
  445: 'SMB',
  512: 'rexec',
  513: 'rlogin',
  514: 'rsh',
  623: 'IPMI',
  636: 'LDAP',
  873: 'rsync',
  1433: 'SQL Server',
  1521: 'Oracle',
  2049: 'NFS',
  2375: 'Docker',
  2376: 'Docker',
  2379: 'etcd',
  2380: 'etcd',
  3306: 'MySQL',
  3389: 'remote desktop',
  4369: 'Erlang',
  5432: 'PostgreSQL',
  5672: 'RabbitMQ',
  5900: 'VNC',
  5984: 'CouchDB',
  5985: 'WinRM',
  5986: 'WinRM',
  6379: 'Redis',
  6443: 'Kubernetes',
  8086: 'InfluxDB',
  8443: 'LXD',
  9042: 'Cassandra',
  9200: 'Elasticsearch',
  9300: 'Elasticsearch',
  10250: 'Kubernetes',
  11211: 'memcached',
  15672: 'RabbitMQ',
  16509: 'libvirt',
  27017: 'MongoDB',
};

/** What counts as sensitive where the policy names no ports of its own. */
export const SENSITIVE_PORTS: readonly PortRange[] = Object.keys(NAMES).map((port) => ({
  from: Number(port),
  to: Number(port),
}));

/** `22 (SSH)` */
export function portName(port: number): string {
  const name = NAMES[port];
  return name === undefined ? String(port) : `${port} (${name})`;
}

export function isAmong(port: number, ranges: readonly PortRange[]): boolean {
  return ranges.some(({ from, to }) => port >= from && port <= to);
}
