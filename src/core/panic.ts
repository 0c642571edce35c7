/** Panic in words, and what it is asked for with. */

/** Closes every door, or shows what would be opened again. */
export interface PanicCommand {
  action: 'panic';
  /** Absent: all hosts, and the servers of all clouds. */
  host?: string;
  off?: true;
  reason?: string;
}

/** `panic web1`, as one would type it. */
export function panicInWords({ host = 'all', off }: PanicCommand): string {
  return `panic ${off === true ? 'off ' : ''}${host}`;
}

/** `web1`, or everything. */
export function placeOfPanic(host: string | undefined): string {
  return host ?? 'all hosts';
}

/** Why no door is opened. */
export function panicLine({ host, by }: { host?: string; by: string }): string {
  return `<@${by}> called panic for ${placeOfPanic(host)}: no door is opened there until \`/lxd panic off ${host ?? 'all'}\` is approved`;
}
