/** Ports behind which HTTP is usual. */

/** What to speak to a service, by the instance's own port; undefined: nothing is usual, only connect. */
export function speaks(port: number): 'http' | 'https' | undefined {
  if (port === 443 || port === 8443) return 'https';
  if (port === 80 || (port >= 8000 && port <= 8999)) return 'http';
  return [3000, 3001, 4000, 5000, 5173, 9000, 9090].includes(port) ? 'http' : undefined;
}
